public import GridProtocol

/// A job that is ready to be published: what ``JobSubmitter`` asks of it.
public protocol SubmittableJob: Sendable {
    /// The job's id.
    var jobID: JobID { get }
    /// The id of the snapshot to price on.
    var snapshotID: SnapshotID { get }
    /// The snapshot's canonical bytes.
    var snapshotBytes: [UInt8] { get }
    /// How many batches the job has; 1 or more.
    var batchCount: Int { get }
    /// The priority of its batches.
    var priority: JobPriority { get }
    /// The hash of all that results depend on; another job under the same id has another.
    var contentHash: [UInt8] { get }

    /// The job's record in a state.
    func record(state: JobState, submittedAt: Int64) -> JobRecord

    /// The record of a batch, from 0; times in microseconds since 1970-01-01 UTC.
    func batch(
        _ position: Int,
        submittedAt: Int64,
        queuedAt: Int64
    ) throws(SubmissionError) -> Batch
}

extension PlannedJob: SubmittableJob {
    /// The job's id.
    public var jobID: JobID { request.jobID }
    /// How many batches the job has.
    public var batchCount: Int { batches.count }
    /// The priority of its batches.
    public var priority: JobPriority { request.priority }
}
