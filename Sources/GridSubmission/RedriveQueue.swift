public import GridProtocol
public import GridTopics
public import KafkaClient
public import Operations

/// Turns a plan of dead trades into jobs and publishes them.
public struct RedriveQueue: Sendable {
    private let configuration: KafkaConfiguration
    private let topics: Topics
    private let delivery: DeliveryMode?
    private let logger: Logger

    /// Makes a queue on the topics.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topics: where letters are and jobs go.
    ///   - delivery: whether batches are written in transactions; nil to do so wherever the broker
    ///     can.
    ///   - logger: told of failures that a submission gets over.
    public init(
        configuration: KafkaConfiguration,
        topics: Topics,
        delivery: DeliveryMode? = nil,
        logger: Logger
    ) {
        self.configuration = configuration
        self.topics = topics
        self.delivery = delivery
        self.logger = logger
    }

    /// Returns the jobs of a plan, each with the snapshot that its trades died on.
    ///
    /// - Parameters:
    ///   - plan: what is priced again.
    ///   - jobID: the new job's id, for a plan of one job; its own unless told.
    ///   - timeLimit: how long each job may take; nil for no limit.
    ///   - submitter: who asks, for people.
    /// - Returns: a job for each request of the plan, in its order.
    /// - Throws: ``SubmissionError``: `invalid` when a snapshot is not in the market topic, or for
    ///   one id for several jobs; `kafka`.
    public func jobs(
        of plan: RedrivePlan,
        jobID: JobID? = nil,
        timeLimit: Duration?,
        submitter: String
    ) async throws(SubmissionError) -> [RedrivenJob] {
        let requests = plan.requests
        if let jobID, requests.count > 1 {
            throw SubmissionError(
                code: .invalid,
                reason: "the letters are of \(requests.count) jobs, which cannot all be \(jobID)"
            )
        }
        let log = JobLog(configuration: configuration, topics: topics)
        var snapshots: [SnapshotID: [UInt8]] = [:]
        var jobs: [RedrivenJob] = []
        for request in requests {
            let known = snapshots[request.snapshotID]
            let read = known == nil ? try await log.snapshotBytes(of: request.snapshotID) : known
            guard let bytes = read else {
                throw SubmissionError(
                    code: .invalid,
                    reason: "the snapshot \(request.snapshotID) of job \(request.sourceJobID) is "
                        + "not in \(topics.market); submit its trades anew"
                )
            }
            snapshots[request.snapshotID] = bytes
            jobs.append(
                try RedrivenJob(
                    request,
                    jobID: jobID,
                    snapshotBytes: bytes,
                    timeLimit: timeLimit,
                    submitter: submitter
                )
            )
        }
        return jobs
    }

    /// Publishes jobs, one after the other.
    ///
    /// - Parameters:
    ///   - jobs: what to publish.
    ///   - done: called after each with what it came to.
    /// - Throws: ``SubmissionError``; jobs before the one that failed are published.
    public func submit(
        _ jobs: [RedrivenJob],
        done: (RedrivenJob, JobSubmitter.Outcome) throws -> Void
    ) async throws {
        let producer = try KafkaProducer(configuration: configuration)
        let submitter = JobSubmitter(
            configuration: configuration,
            topics: topics,
            producer: producer,
            delivery: delivery,
            logger: logger
        )
        do {
            for job in jobs { try done(job, try await submitter.submit(job)) }
        } catch {
            await producer.close()
            throw error
        }
        await producer.close()
    }
}
