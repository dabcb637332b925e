internal import KafkaClient

/// Writes batches in transactions under an identity that belongs to the job.
///
/// A later submission of the same job takes the identity over: what this submission still had on
/// its way is then refused, and what it left open never shows. So a batch is in its topic once,
/// whatever is killed or cut off.
struct ExactlyOncePublication: Sendable {
    /// The producer; its transactional id is the job's.
    let producer: TransactionalProducer
    /// Where records of jobs are.
    private let jobs: TopicPartition

    /// How much goes together: little at first, so that engines begin, more later.
    private static let chunks = 16...256
    private static let chunkBytes = 4 << 20
    private static let chunkTime = Duration.seconds(1)

    /// Takes over the job's identity and ends what an earlier submission left open.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - transactionalID: the job's identity.
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
    /// Returns when all show.
    ///
    /// - Throws: ``TransactionError``: of what was not acknowledged some or all may be written, and
    ///   a successor tells by looking; ``SubmissionError``, or what `admit` or `conclude` throws.
    func publish(
        _ records: BatchRecords,
        at positions: [Int],
        admit: @Sendable (Int) async throws -> Void,
        conclude: () async throws -> ProducedRecord,
        acknowledged: (Int) -> Void
    ) async throws {
        var rest = positions[...]
        var size = Self.chunks.lowerBound
        var ending: TransactionOutcome?
        var late = Set<TopicPartition>()
        while true {
            let chunk = try await chunk(of: records, at: &rest, atMost: size, admit: admit)
            let count = chunk.count
            let next = rest.isEmpty ? chunk + [try await conclude()] : chunk
            // Before any other: the next one decides for what does not know of the last.
            if let ending { try await reassertOutcome(ending) }
            let written = try await write(next)
            acknowledged(count)
            if let ending, ending.isLate(at: .now) { late.formUnion(ending.trace.partitions) }
            if rest.isEmpty { return try await finish(written, late) }
            ending = written
            size = min(size * 2, Self.chunks.upperBound)
        }
    }

    /// Ends what a predecessor may have left half ended, before anybody looks for what is there.
    ///
    /// Nobody knows any more how its last transaction ended where Kafka forgot to say. Batches are
    /// taken as written, since each stands for itself: those that are not there are written again.
    /// That the job is complete is taken as not said. Returns when both show.
    func resolvePredecessor(batches: Set<TopicPartition>) async throws(TransactionError) {
        try await producer.reassertOutcome(Self.unknown(batches, isCommitted: true))
        // Kafka begins it once all partitions of the other have been told.
        try await producer.reassertOutcome(Self.unknown([jobs], isCommitted: false))
    }

    /// Sees to it that all know of the last transaction, and `late` partitions of those before.
    ///
    /// - Parameters:
    ///   - last: how it ended.
    ///   - late: partitions whose broker may have been missed when it was to be told.
    /// - Throws: ``TransactionError``; then a successor settles it.
    func finish(
        _ last: TransactionOutcome,
        _ late: Set<TopicPartition>
    ) async throws(TransactionError) {
        // Kafka begins it once all have been told, or are taken for gone.
        try await producer.reassertOutcome(Self.unknown([jobs], isCommitted: true))
        var untold = late
        if last.isLate(at: .now) || last.isDoubtful(brokerMissedAt: producer.connectionLostAt) {
            untold.formUnion(last.trace.partitions)
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
        return TransactionOutcome(producer.trace, isCommitted: true, began: began, ended: .now)
    }

    /// Confirms a transaction if a connection was lost around its end.
    private func reassertOutcome(_ ending: TransactionOutcome) async throws(TransactionError) {
        guard ending.isDoubtful(brokerMissedAt: producer.connectionLostAt) else { return }
        try await producer.reassertOutcome(ending)
    }
}
