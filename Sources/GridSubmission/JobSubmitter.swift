public import GridProtocol
public import GridTopics
public import KafkaClient
public import Operations

/// Publishes jobs.
///
/// Order matters: the snapshot, the job's record (submitting), its batches, the record again
/// (submitted). Submitting the job again resumes a submission that died, and one
/// whose transactions failed.
public struct JobSubmitter: Sendable {
    /// How far a submission is.
    public struct Progress: Sendable {
        /// Batches that Kafka has, including those of an earlier attempt.
        public var batches: Int
        /// Batches of the job.
        public var of: Int
    }

    /// The outcome of a submission.
    public enum Outcome: Hashable, Sendable {
        /// The job is new and complete.
        case submitted
        /// An earlier submission was resumed; this many batches were there already.
        case resumed(alreadyThere: Int)
        /// The job had been submitted completely before; nothing was written.
        case alreadySubmitted
    }

    private let configuration: KafkaConfiguration
    private let topics: Topics
    private let producer: KafkaProducer
    private let delivery: DeliveryMode?
    private let limit: Duration
    private let logger: Logger

    /// How many batches are in flight at the same time, without transactions.
    private static let window = 64

    /// Makes a submitter.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topics: the topics.
    ///   - producer: whose records are acknowledged by all replicas.
    ///   - delivery: whether batches are written in transactions; nil to use them if the broker
    ///     has them.
    ///   - limit: how long transactions may fail without another batch being written.
    ///   - logger: gets the failures that are retried.
    public init(
        configuration: KafkaConfiguration,
        topics: Topics,
        producer: KafkaProducer,
        delivery: DeliveryMode? = nil,
        limit: Duration = .seconds(120),
        logger: Logger
    ) {
        self.configuration = configuration
        self.topics = topics
        self.producer = producer
        self.delivery = delivery
        self.limit = limit
        self.logger = logger
    }

    /// Publishes a job.
    ///
    /// - Parameters:
    ///   - job: what to publish.
    ///   - admit: called before each batch with its index; returns when the batch may go. A broker
    ///     that keeps little is protected by this.
    ///   - progress: called after batches were acknowledged.
    /// - Returns: whether the job is new, was resumed or had been submitted before.
    /// - Throws: ``SubmissionError``, or what `admit` throws.
    public func submit(
        _ job: some SubmittableJob,
        admit: @escaping @Sendable (Int) async throws -> Void = { _ in },
        progress: @escaping @Sendable (Progress) -> Void = { _ in }
    ) async throws -> Outcome {
        var patience = SubmissionRetryPolicy(at: .now, limit: limit)
        var isNew: Bool?
        while true {
            var done = 0
            do {
                let outcome = try await attempt(job, isNew: &isNew, admit: admit) { batches in
                    done = batches
                    progress(Progress(batches: batches, of: job.batchCount))
                }
                // Whether a commit without an answer was carried out is known only after reading
                // again.
                if outcome == .alreadySubmitted, patience.failures > 0, !patience.wasTakenOver {
                    return .submitted
                }
                return isNew == true && outcome != .alreadySubmitted ? .submitted : outcome
            } catch let error as TransactionError {
                logger.info("a transaction of the submission failed", [.error: error.description])
                let pause = try patience.pause(after: error, batchesThere: done, at: .now)
                try await Task.sleep(for: pause)
            }
        }
    }

    // MARK: Private

    /// Publishes the records that are not there yet.
    private func attempt(
        _ job: some SubmittableJob,
        isNew: inout Bool?,
        admit: @Sendable (Int) async throws -> Void,
        progress: (Int) -> Void
    ) async throws -> Outcome {
        // The transactional id first: from then on no other program writes batches of this job, and
        // records of others are either there or never will be.
        let transactions = try await transactions(of: job)
        do {
            let outcome = try await publish(
                job,
                transactions,
                isNew: &isNew,
                admit: admit,
                progress: progress
            )
            await transactions?.producer.close()
            return outcome
        } catch {
            await transactions?.producer.close()
            throw error
        }
    }

    private func publish(
        _ job: some SubmittableJob,
        _ transactions: ExactlyOncePublication?,
        isNew: inout Bool?,
        admit: @Sendable (Int) async throws -> Void,
        progress: (Int) -> Void
    ) async throws -> Outcome {
        let log = JobLog(configuration: configuration, topics: topics)
        let batches = topics.batches(of: job.priority)
        let partitions = try await log.partitionCount(of: batches)
        let existing = try await log.record(of: job.jobID)
        isNew = isNew ?? (existing == nil)
        do {
            try await producer.prepare(topics: [topics.jobs, topics.market, batches])
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
            guard existing.priority.normalized == job.priority.normalized else {
                throw SubmissionError(
                    code: .jobExists,
                    reason: "job \(job.jobID) exists with priority \(existing.priority.name); "
                        + "use another --job-id"
                )
            }
            try await transactions?.resolvePredecessor(
                batches: Set(
                    (0..<Int32(partitions)).map { TopicPartition(topic: batches, partition: $0) }
                )
            )
            guard existing.state == .submitting else { return .alreadySubmitted }
            submittedAt = existing.submittedAt
            there = try await log.batches(of: job.jobID, in: batches)
        } else {
            try await producer.write(
                ProducedRecord(
                    topic: topics.market,
                    key: RecordKey.snapshot(job.snapshotID),
                    value: job.snapshotBytes,
                    headers: RecordHeaders(schema: MarketSnapshotRecord.self).kafka
                )
            )
            try await producer.write(
                record(job.record(state: .submitting, submittedAt: submittedAt))
            )
        }
        let records = BatchRecords(
            topic: batches,
            partitions: partitions,
            job: job,
            submittedAt: submittedAt
        )
        var done = there.count
        func acknowledged(_ count: Int) {
            done += count
            progress(done)
        }
        func conclusion() async throws -> ProducedRecord {
            if let record = try await log.record(of: job.jobID) { try refuseCancelled(record) }
            return record(job.record(state: .submitted, submittedAt: submittedAt))
        }
        let positions = (0..<job.batchCount).filter { !there.contains($0) }
        if let transactions {
            try await transactions.publish(
                records,
                at: positions,
                admit: admit,
                conclude: conclusion,
                acknowledged: acknowledged
            )
        } else {
            try await AtLeastOncePublication(producer: producer, window: Self.window)
                .publish(records, at: positions, admit: admit) { acknowledged(1) }
            try await producer.write(try await conclusion())
        }
        return existing == nil ? .submitted : .resumed(alreadyThere: there.count)
    }

    /// Takes over the job's transactional id; nil if batches are written without transactions.
    private func transactions(
        of job: some SubmittableJob
    ) async throws -> ExactlyOncePublication? {
        guard delivery != .atLeastOnce else { return nil }
        do {
            return try await ExactlyOncePublication(
                configuration: configuration,
                transactionalID: "\(topics.prefix)submit.\(job.jobID)",
                batches: topics.batches(of: job.priority),
                jobs: TopicPartition(topic: topics.jobs, partition: 0)
            )
        } catch {
            guard delivery == nil, error.cause.code == .unsupported else { throw error }
            return nil
        }
    }

    private func refuseCancelled(_ record: JobRecord) throws(SubmissionError) {
        guard record.state == .cancelled else { return }
        throw SubmissionError(
            code: .cancelled,
            reason: "job \(record.jobID) was cancelled; use another --job-id"
        )
    }

    private func record(_ record: JobRecord) -> ProducedRecord {
        ProducedRecord(
            topic: topics.jobs,
            key: Array(record.jobID.utf8),
            message: record,
            jobID: record.jobID
        )
    }
}
