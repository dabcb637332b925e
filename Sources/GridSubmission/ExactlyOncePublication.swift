internal import KafkaClient

/// Writes batches in transactions whose id belongs to the job.
///
/// A later submission of the same job takes the transactional id over: records that this submission
/// has in flight are then refused, and its open transaction is never visible. So a batch is in its
/// topic once, even if programs are killed or disconnected.
struct ExactlyOncePublication: Sendable {
    /// The producer; its transactional id is the job's.
    let producer: TransactionalProducer
    /// Where records of jobs are.
    private let jobs: TopicPartition

    /// The size of transactions: small at first, so that engines begin early, larger later.
    private static let chunks = 16...256
    private static let chunkBytes = 4 << 20
    private static let chunkTime = Duration.seconds(1)

    /// Takes over the job's transactional id and ends the transaction that an earlier submission
    /// left open.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - transactionalID: the job's.
    ///   - batches: the topic of its batches.
    ///   - jobs: where its own record is.
    ///   - timeout: Kafka aborts the open transaction of a submission that was killed after this
    ///     time; until then engines do not read past it.
    /// - Throws: ``TransactionError``.
    init(
        configuration: KafkaConfiguration,
        transactionalID: String,
        batches: String,
        jobs: TopicPartition,
        timeout: Duration = .seconds(5)
    ) async throws(TransactionError) {
        self.jobs = jobs
        do throws(KafkaError) {
            producer = try TransactionalProducer(
                configuration: configuration,
                transactionalID: transactionalID,
                transactionTimeout: timeout
            )
        } catch {
            throw TransactionError(.replaceProducer, error)
        }
        do throws(TransactionError) {
            try await producer.start()
            try await producer.prepare(topics: [batches, jobs.topic])
        } catch {
            await producer.close()
            throw error
        }
    }

    /// Writes the batches at `positions`, and with the last of them what `conclude` returns.
    ///
    /// Returns when all are visible.
    ///
    /// - Throws: ``TransactionError``: some or all of the unacknowledged batches may be written,
    ///   and a successor finds out by reading; ``SubmissionError``, or what `admit` or `conclude`
    ///   throws.
    func publish(
        _ records: BatchRecords,
        at positions: [Int],
        admit: @Sendable (Int) async throws -> Void,
        conclude: () async throws -> ProducedRecord,
        acknowledged: (Int) -> Void
    ) async throws {
        var rest = positions[...]
        var size = Self.chunks.lowerBound
        var outcome: TransactionOutcome?
        var late = Set<TopicPartition>()
        while true {
            let chunk = try await chunk(of: records, at: &rest, atMost: size, admit: admit)
            let count = chunk.count
            let next = rest.isEmpty ? chunk + [try await conclude()] : chunk
            // Before any other: where a marker is missing, the next transaction would decide.
            if let outcome { try await reassertOutcome(outcome) }
            let written = try await write(next)
            acknowledged(count)
            if let outcome, outcome.isLate(at: .now) { late.formUnion(outcome.touched.partitions) }
            if rest.isEmpty { return try await finish(written, late) }
            outcome = written
            size = min(size * 2, Self.chunks.upperBound)
        }
    }

    /// Resolves the last transaction of a predecessor, before the topic is read.
    ///
    /// If Kafka lost a marker, the outcome of that transaction is unknown in that partition.
    /// Batches are committed, since each is complete by itself; missing ones are written again. The
    /// record that the job is complete is aborted. Returns when both outcomes are visible.
    func resolvePredecessor(batches: Set<TopicPartition>) async throws(TransactionError) {
        try await producer.reassertOutcome(Self.unknown(batches, isCommitted: true))
        // Kafka begins it once it has written all markers of the other.
        try await producer.reassertOutcome(Self.unknown([jobs], isCommitted: false))
    }

    /// Repeats the outcome of the last transaction where a marker may be missing, and in `late`
    /// partitions.
    ///
    /// - Parameters:
    ///   - last: how it ended.
    ///   - late: partitions of earlier transactions whose broker may have been taken for dead.
    /// - Throws: ``TransactionError``; then a successor resolves it.
    func finish(
        _ last: TransactionOutcome,
        _ late: Set<TopicPartition>
    ) async throws(TransactionError) {
        // Kafka begins it once all markers are written, or the brokers are taken for dead.
        try await producer.reassertOutcome(Self.unknown([jobs], isCommitted: true))
        var untold = late
        if last.isLate(at: .now) || last.isUncertain(brokerMissedAt: producer.connectionLostAt) {
            untold.formUnion(last.touched.partitions)
        }
        guard !untold.isEmpty else { return }
        try await producer.reassertOutcome(Self.unknown(untold, isCommitted: true))
    }

    // MARK: Private

    private static func unknown(
        _ partitions: Set<TopicPartition>,
        isCommitted: Bool
    ) -> TransactionOutcome {
        TransactionOutcome(
            TouchedPartitions(partitions: partitions),
            isCommitted: isCommitted,
            began: .now,
            ended: .now
        )
    }

    private func chunk(
        of records: BatchRecords,
        at rest: inout ArraySlice<Int>,
        atMost size: Int,
        admit: @Sendable (Int) async throws -> Void
    ) async throws -> [ProducedRecord] {
        let start = ContinuousClock.now
        var chunk: [ProducedRecord] = []
        var bytes = 0
        while chunk.count < size, bytes < Self.chunkBytes,
            start.duration(to: .now) < Self.chunkTime, let position = rest.popFirst()
        {
            try await admit(position)
            let record = try records.record(position)
            bytes += record.value?.count ?? 0
            chunk.append(record)
        }
        return chunk
    }

    /// Writes records in a transaction; returns how it ended.
    private func write(
        _ records: [ProducedRecord]
    ) async throws(TransactionError) -> TransactionOutcome {
        try await producer.begin()
        let began = ContinuousClock.now
        try await producer.send(records)
        try await producer.commit()
        return TransactionOutcome(producer.touched, isCommitted: true, began: began, ended: .now)
    }

    /// Repeats the outcome of a transaction if a connection was lost around its end.
    private func reassertOutcome(_ outcome: TransactionOutcome) async throws(TransactionError) {
        guard outcome.isUncertain(brokerMissedAt: producer.connectionLostAt) else { return }
        try await producer.reassertOutcome(outcome)
    }
}
