public import GridProtocol

/// What is left to do, over all jobs.
public struct Backlog: Hashable, Sendable {
    /// How many jobs are in each state.
    public var jobs: [JobPhase: Int] = [:]
    /// Batches without a result, of jobs that have not ended and are not paused.
    public var batches = 0
    /// Trades of the same jobs without result or error.
    public var trades = 0
    /// When the oldest such job was submitted, microseconds since 1970 UTC.
    public var oldestSubmission: Int64?
    /// When the job that has waited longest got its last result, microseconds since 1970 UTC.
    public var quietSince: Int64?

    /// Makes an empty backlog.
    public init() {}
}
