/// Writes records and commits offsets together or not at all.
///
/// One transaction at a time: `begin`, `send`, `sendOffsets`, then `commit` or `abort`. Every step
/// runs on the client's thread and ends by its deadline. What a step throws says what puts it right:
/// ``TransactionError/Remedy``.
///
/// A producer that is dropped or killed leaves its transaction open; the next producer with the
/// same transactional id aborts it, or Kafka does after the transaction's timeout.
public final class TransactionalProducer: Sendable {
    private let loop: TransactionLoop
    private let transactionTimeout: Duration

    /// How long a commit may take at least.
    ///
    /// Its coordinator knows for good what became of it, so a broker that comes back is worth the
    /// wait.
    private static let commitLimit = Duration.seconds(20)

    /// Makes a producer and starts its thread.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - transactionalID: the identity by which Kafka knows this producer: a newer producer with
    ///     the same one fences this off.
    ///   - transactionTimeout: 1...900 s; when Kafka aborts a transaction that is not ended. It
    ///     holds readers of the same partitions up that long when the producer is killed.
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public init(
        configuration: KafkaConfiguration,
        transactionalID: String,
        transactionTimeout: Duration = .seconds(10)
    ) throws(KafkaError) {
        guard !transactionalID.isEmpty else {
            throw KafkaError(code: .configuration, reason: "a transactional id cannot be empty")
        }
        guard (.seconds(1) ... .seconds(900)).contains(transactionTimeout) else {
            throw KafkaError(
                code: .configuration,
                reason: "a transaction's timeout is from 1 to 900 seconds"
            )
        }
        self.transactionTimeout = transactionTimeout
        loop = try TransactionLoop(configuration, id: transactionalID, timeout: transactionTimeout)
        try ClientThread.start(loop, name: "kafka-transact")
    }

    deinit {
        loop.abandon()
    }

    /// Takes over the transactional id: ends what an earlier producer left open and fences it off.
    ///
    /// Called once, before the first transaction.
    ///
    /// - Throws: ``TransactionError``; `unsupported` for the embedded broker, which acknowledges
    ///   transactions and does not isolate them.
    public func start(within duration: Duration = .seconds(30)) async throws(TransactionError) {
        try await run(duration) { loop, deadline throws(TransactionError) in
            try loop.initialize(until: deadline)
        }
    }

    /// Fetches the metadata of topics, which the first transaction would wait most of a second for.
    ///
    /// - Throws: ``TransactionError`` when no broker tells in time; sending works all the same.
    public func prepare(
        topics: [String],
        within duration: Duration = .seconds(10)
    ) async throws(TransactionError) {
        try await run(duration) { loop, deadline throws(TransactionError) in
            try loop.prepare(topics, until: deadline)
        }
    }

    /// Begins a transaction.
    ///
    /// - Throws: ``TransactionError``.
    public func begin() async throws(TransactionError) {
        try await run(transactionTimeout) { loop, _ throws(TransactionError) in
            try loop.begin()
        }
    }

    /// Begins a transaction and returns once Kafka has ended the one before, as far as it will.
    ///
    /// It tells each partition how a transaction ended before it lets the next one begin, or
    /// forgets to (``TransactionOutcome``), but not before it has missed the partition's broker for
    /// a while. So if no connection was lost until this returned, all know of the one before. If
    /// one was, this one is to end as that did, before it has any records.
    ///
    /// - Parameters:
    ///   - group: a group of the transaction before.
    ///   - placeholder: becomes part of the transaction.
    /// - Throws: ``TransactionError``.
    public func beginFenced(
        group: String,
        placeholder: OffsetPlaceholder
    ) async throws(TransactionError) {
        try await run(TransactionOutcome.shortestMiss) { loop, deadline throws(TransactionError) in
            try loop.beginFenced(group: group, placeholder: placeholder, until: deadline)
        }
    }

    /// Gives records to the transaction; `commit` tells whether they were written.
    ///
    /// - Throws: ``TransactionError``; none or some of the records may be part of the transaction.
    public func send(_ records: [ProducedRecord]) async throws(TransactionError) {
        try await run(transactionTimeout) { loop, deadline throws(TransactionError) in
            try loop.send(records, until: deadline)
        }
    }

    /// Makes offsets of a consumer's group part of the transaction.
    ///
    /// - Throws: ``TransactionError``; `abort` when the group has gone on without the consumer.
    public func sendOffsets(_ offsets: GroupTransaction) async throws(TransactionError) {
        try await run(transactionTimeout) { loop, deadline throws(TransactionError) in
            try loop.sendOffsets(offsets, until: deadline)
        }
    }

    /// Waits until the records are written.
    ///
    /// - Throws: ``TransactionError``; then the transaction is not committed, as nobody asked for it.
    public func awaitDelivery() async throws(TransactionError) {
        try await run(transactionTimeout) { loop, deadline throws(TransactionError) in
            try loop.awaitDelivery(until: deadline)
        }
    }

    /// Waits for the records' delivery and commits.
    ///
    /// - Throws: ``TransactionError``. The transaction is then not known to be aborted, even after
    ///   `abort`: the caller asks for the group's offsets to find out.
    public func commit() async throws(TransactionError) {
        let limit = max(transactionTimeout, Self.commitLimit)
        try await run(limit) { loop, deadline throws(TransactionError) in
            try loop.commit(until: deadline)
        }
    }

    /// Aborts the transaction.
    ///
    /// - Throws: ``TransactionError``; then a new producer ends the transaction.
    public func abort() async throws(TransactionError) {
        try await run(transactionTimeout) { loop, deadline throws(TransactionError) in
            try loop.abort(until: deadline)
        }
    }

    /// Tells what a transaction touched once more how it ended, by another transaction that writes
    /// a record without meaning to the same partitions and ends the same way.
    ///
    /// The producer is the one whose transaction it was, or a successor with the same id.
    ///
    /// - Parameters:
    ///   - outcome: how the transaction ended.
    ///   - placeholder: stands for the offsets of the transaction's groups.
    /// - Returns: how the other transaction ended, which may have to be confirmed in its turn.
    /// - Throws: ``TransactionError``; then it is to be confirmed still.
    @discardableResult
    public func reassertOutcome(
        _ outcome: TransactionOutcome,
        placeholder: OffsetPlaceholder? = nil
    ) async throws(TransactionError) -> TransactionOutcome {
        try await run(transactionTimeout) { loop, deadline throws(TransactionError) in
            try loop.reassertOutcome(outcome, placeholder: placeholder, until: deadline)
        }
    }

    /// What the transaction touched that was begun last, as far as is known.
    public var touched: TouchedPartitions { loop.touched }

    /// Where the records of that transaction begin in each partition, of those acknowledged so far.
    public var firstOffsets: [TopicPartition: Int64] { loop.firstOffsets }

    /// When a connection to a broker was last lost, if ever.
    public var connectionLostAt: ContinuousClock.Instant? { loop.connectionLostAt }

    /// Which records of the transaction were refused as larger than their topic allows, by their
    /// position among those sent since `begin`; until the next `begin`.
    ///
    /// Records that go to a broker in one request are refused together: the positions are those of
    /// records too large in themselves only where `batch.num.messages` is 1. There may be more.
    public var tooLarge: Set<Int> { loop.tooLarge }

    /// Frees the client once the steps asked for are over; a transaction may stay open.
    ///
    /// Returns when the client is gone. Further calls wait for the first.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.close(continuation)
        }
    }

    /// The error after which this producer is of no more use, if there was one.
    public var fatalError: KafkaError? { loop.status.fatal }

    /// Whether no broker is connected.
    public var brokersDown: Bool { loop.status.brokersDown }

    // MARK: - Private

    private func run<Answer: Sendable>(
        _ limit: Duration,
        _ step:
            @escaping @Sendable (
                TransactionLoop, ContinuousClock.Instant
            ) throws(TransactionError) -> Answer
    ) async throws(TransactionError) -> Answer {
        let deadline = ContinuousClock.now + limit
        let loop = loop
        let result: Result<Answer, TransactionError> = await withCheckedContinuation {
            continuation in
            loop.submit { isClosed in
                guard !isClosed else {
                    let error = KafkaError.closed("transactional producer")
                    continuation.resume(returning: .failure(.init(.replaceProducer, error)))
                    return
                }
                // What the brokers told meanwhile is known after the step.
                do throws(TransactionError) {
                    let answer = try step(loop, deadline)
                    loop.serveEvents(for: 0)
                    continuation.resume(returning: .success(answer))
                } catch {
                    loop.serveEvents(for: 0)
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
