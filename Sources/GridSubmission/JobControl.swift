public import GridProtocol
internal import GridTopics
public import KafkaClient

/// What a desk does with a job that is submitted: cancel, pause, resume.
///
/// Each writes the job's record anew; engines and aggregators follow the records.
public struct JobControl: Sendable {
    private let configuration: KafkaConfiguration
    private let topics: Topics
    private let producer: KafkaProducer

    /// Makes a control.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topics: where the jobs are.
    ///   - producer: whose records are acknowledged by all replicas.
    public init(configuration: KafkaConfiguration, topics: Topics, producer: KafkaProducer) {
        self.configuration = configuration
        self.topics = topics
        self.producer = producer
    }

    /// Cancels a job: its batches are no longer priced, and its results no longer waited for.
    ///
    /// - Throws: ``SubmissionError``: `invalid` when there is no such job, it was cancelled before,
    ///   or its deadline has passed; `kafka`.
    public func cancel(_ jobID: JobID) async throws(SubmissionError) {
        var record = try await record(of: jobID)
        if let problem = record.endProblem(at: WireClock.now()) {
            throw SubmissionError(
                code: .invalid,
                reason: "job \(jobID) cannot be cancelled: \(problem)"
            )
        }
        record.state = .cancelled
        try await write(record)
    }

    /// Holds a job up: batches that are being priced are finished, no further one is begun.
    ///
    /// The job's deadline stays.
    ///
    /// - Returns: whether that changed anything; a paused job stays as it is.
    /// - Throws: ``SubmissionError``: `invalid` when there is no such job, it was cancelled, its
    ///   deadline has passed, or it is still being submitted; `kafka`.
    @discardableResult
    public func pause(_ jobID: JobID) async throws(SubmissionError) -> Bool {
        try await hold(jobID, as: .paused, "paused")
    }

    /// Lets a paused job go on.
    ///
    /// - Returns: whether that changed anything; a job that is not paused stays as it is.
    /// - Throws: ``SubmissionError``: `invalid` as for ``pause(_:)``; `kafka`.
    @discardableResult
    public func resume(_ jobID: JobID) async throws(SubmissionError) -> Bool {
        try await hold(jobID, as: .resumed, "resumed")
    }

    // MARK: Private

    private func hold(
        _ jobID: JobID,
        as hold: JobHold,
        _ verb: String
    ) async throws(SubmissionError) -> Bool {
        var record = try await record(of: jobID)
        if let problem = record.holdProblem(at: WireClock.now()) {
            throw SubmissionError(
                code: .invalid,
                reason: "job \(jobID) cannot be \(verb): \(problem)"
            )
        }
        guard (record.hold == .paused) != (hold == .paused) else { return false }
        record.hold = hold
        try await write(record)
        return true
    }

    private func record(of jobID: JobID) async throws(SubmissionError) -> JobRecord {
        let log = JobLog(configuration: configuration, topics: topics)
        guard let record = try await log.record(of: jobID) else {
            throw SubmissionError(code: .invalid, reason: "there is no job \(jobID)")
        }
        return record
    }

    private func write(_ record: JobRecord) async throws(SubmissionError) {
        try await producer.write(
            ProducedRecord(
                topic: topics.jobs,
                key: Array(record.jobID.utf8),
                message: record,
                jobID: record.jobID
            )
        )
    }
}

extension JobRecord {
    /// How the job has ended, as far as its record tells; nil when it has not.
    func endProblem(at time: Int64) -> String? {
        if state == .cancelled { return "it was cancelled" }
        return deadline > 0 && time > deadline ? "its deadline has passed" : nil
    }

    /// Why the job can be neither paused nor resumed, as far as its record tells; nil when it can.
    func holdProblem(at time: Int64) -> String? {
        guard state != .submitting else {
            return "it is still being submitted; wait for that, or submit it again to continue it"
        }
        return endProblem(at: time)
    }
}
