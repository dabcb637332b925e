public import GridProtocol
internal import GridTopics
public import KafkaClient

/// Publishes jobs.
///
/// Order matters: the snapshot, the job's record (submitting), its batches, the record again
/// (submitted). A submission that died half-way is continued by submitting the job again.
public struct JobSubmitter: Sendable {
    /// How far a submission is.
    public struct Progress: Sendable {
        /// Batches that Kafka has, those of an earlier try included.
        public var batches: Int
        /// Batches of the job.
        public var of: Int
    }

    /// What a submission came to.
    public enum Outcome: Hashable, Sendable {
        /// The job is new and complete.
        case submitted
        /// An earlier submission was continued; so many batches were there already.
        case resumed(alreadyThere: Int)
        /// The job had been submitted completely before; nothing was written.
        case alreadySubmitted
    }

    private let configuration: KafkaConfiguration
    private let topics: Topics
    private let producer: KafkaProducer
    private let window: Int

    /// Makes a submitter.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topics: where to.
    ///   - producer: whose records are acknowledged by all replicas.
    ///   - window: how many batches are on their way to Kafka at the same time.
    public init(
        configuration: KafkaConfiguration,
        topics: Topics,
        producer: KafkaProducer,
        window: Int = 64
    ) {
        self.configuration = configuration
        self.topics = topics
        self.producer = producer
        self.window = window
    }

    /// Publishes a job.
    ///
    /// - Parameters:
    ///   - job: what to publish.
    ///   - admit: called before each batch with its index; returns when the batch may go. A broker
    ///     that keeps little is protected by this.
    ///   - progress: called after batches were acknowledged.
    /// - Returns: whether the job is new, was continued or had been there.
    /// - Throws: ``SubmissionError``, or what `admit` throws.
    public func submit(
        _ job: some SubmittableJob,
        admit: @Sendable (Int) async throws -> Void = { _ in },
        progress: @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Outcome {
        let log = JobLog(configuration: configuration, topics: topics)
        let partitions = try await log.partitionCount(of: topics.batches)
        let existing = try await log.record(of: job.jobID)
        do {
            try await producer.prepare(topics: [topics.jobs, topics.market, topics.batches])
        } catch {
            throw SubmissionError(code: .kafka, reason: error.reason)
        }
        var there = Set<Int>()
        var submittedAt = WireClock.now()
        if let existing {
            guard existing.contentHash == job.contentHash else {
                throw SubmissionError(
                    code: .jobExists,
                    reason: "job \(job.jobID) exists with other trades, market or metrics; "
                        + "use another --job-id"
                )
            }
            try refuseCancelled(existing)
            guard existing.state == .submitting else { return .alreadySubmitted }
            submittedAt = existing.submittedAt
            there = try await log.batches(of: job.jobID)
        } else {
            try await send(
                ProducedRecord(
                    topic: topics.market,
                    key: RecordKey.snapshot(job.snapshotID),
                    value: job.snapshotBytes,
                    headers: RecordHeaders(schema: MarketSnapshotRecord.self).kafka
                )
            )
            try await write(job.record(state: .submitting, submittedAt: submittedAt))
        }
        try await publish(
            job,
            except: there,
            submittedAt: submittedAt,
            partitions: partitions,
            admit: admit,
            progress: progress
        )
        if let record = try await log.record(of: job.jobID) {
            try refuseCancelled(record)
        }
        try await write(job.record(state: .submitted, submittedAt: submittedAt))
        return existing == nil ? .submitted : .resumed(alreadyThere: there.count)
    }

    /// Gives a job up: its batches are no longer waited for.
    public func cancel(_ jobID: JobID) async throws -> JobRecord {
        let log = JobLog(configuration: configuration, topics: topics)
        guard var record = try await log.record(of: jobID) else {
            throw SubmissionError(code: .invalid, reason: "there is no job \(jobID)")
        }
        record.state = .cancelled
        try await write(record)
        return record
    }

    // MARK: Private

    private func refuseCancelled(_ record: JobRecord) throws(SubmissionError) {
        guard record.state == .cancelled else { return }
        throw SubmissionError(
            code: .cancelled,
            reason: "job \(record.jobID) was cancelled; use another --job-id"
        )
    }

    private func publish(
        _ job: some SubmittableJob,
        except there: Set<Int>,
        submittedAt: Int64,
        partitions: Int,
        admit: @Sendable (Int) async throws -> Void,
        progress: @Sendable (Progress) -> Void
    ) async throws {
        let spread = PartitionSpread(
            partitions: partitions,
            seed: Int(SHA256.digest(of: Array(job.jobID.rawValue.utf8))[0])
        )
        var done = there.count
        try await withThrowingTaskGroup(of: Void.self) { group in
            var onTheirWay = 0
            for position in 0..<job.batchCount where !there.contains(position) {
                try await admit(position)
                if onTheirWay >= window {
                    try await group.next()
                    onTheirWay -= 1
                    done += 1
                    progress(Progress(batches: done, of: job.batchCount))
                }
                let batch = try job.batch(
                    position,
                    submittedAt: submittedAt,
                    queuedAt: WireClock.now()
                )
                let record = ProducedRecord(
                    topic: topics.batches,
                    partition: spread.partition(of: position),
                    key: RecordKey.batch(job.jobID, index: position),
                    message: batch,
                    jobID: batch.jobID,
                    batchIndex: batch.index
                )
                group.addTask { try await self.send(record) }
                onTheirWay += 1
            }
            while try await group.next() != nil {
                done += 1
                progress(Progress(batches: done, of: job.batchCount))
            }
        }
    }

    private func write(_ record: JobRecord) async throws(SubmissionError) {
        try await send(
            ProducedRecord(
                topic: topics.jobs,
                key: Array(record.jobID.utf8),
                message: record,
                jobID: record.jobID
            )
        )
    }

    private func send(_ record: ProducedRecord) async throws(SubmissionError) {
        do {
            _ = try await producer.send(record)
        } catch {
            throw SubmissionError(
                code: .kafka,
                reason: "cannot write to \(record.topic): \(error.reason)"
            )
        }
    }
}
