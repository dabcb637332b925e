public import GridProtocol
public import GridTopics
public import KafkaClient
public import Operations

/// Publishes jobs.
///
/// Order matters: the snapshot, the job's record (submitting), its batches, the record again
/// (submitted). A submission that died half-way is continued by submitting the job again, and so is
/// one whose transactions fail.
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
    private let delivery: DeliveryMode?
    private let limit: Duration
    private let logger: Logger

    /// How many batches are on their way at the same time, without transactions.
    private static let window = 64

    /// Makes a submitter.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topics: where to.
    ///   - producer: whose records are acknowledged by all replicas.
    ///   - delivery: whether batches are written in transactions; nil to do so wherever the broker
    ///     can.
    ///   - limit: how long transactions may fail without a further batch getting there.
    ///   - logger: told of failures that the submission gets over.
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
    /// - Returns: whether the job is new, was continued or had been there.
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
                // Whether a commit in doubt went through shows only at the next look.
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

    /// Publishes what is not there yet.
    private func attempt(
        _ job: some SubmittableJob,
        isNew: inout Bool?,
        admit: @Sendable (Int) async throws -> Void,
        progress: (Int) -> Void
    ) async throws -> Outcome {
        // The identity first: from then on nobody else writes batches of this job, and what others
        // wrote is there or never will be.
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

    /// Takes over the job's transactional id; nil where batches are written without.
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
