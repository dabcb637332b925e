public import GridProtocol

/// The progress of a job.
public struct JobProgress: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// Its state, as reports name it.
    public var phase: JobPhase
    /// Whose batches go first: `eod` or `intraday`.
    public var priority: JobPriority
    /// Whether the state will not change: complete, cancelled or expired.
    public var isFinal: Bool
    /// Why the job is not proven complete; nil when it is.
    public var reason: String?
    /// Trades of the job.
    public var trades: Int
    /// Trades with a result or an error.
    public var done: Int
    /// Trades with a value.
    public var priced: Int
    /// Trades with an error.
    public var failed: Int
    /// Trades that had matured.
    public var expired: Int
    /// Trades with neither result nor error.
    public var missing: Int
    /// Batches of the job.
    public var batches: Int
    /// Batches that are in their topic.
    public var batchesPublished: Int
    /// Batches with a result.
    public var batchesJoined: Int
    /// Ranges of batches without a result, the first twenty.
    public var missingBatches: [Range<UInt32>]
    /// Microseconds since 1970 UTC.
    public var submittedAt: Int64
    /// Microseconds since 1970 UTC; 0 for none.
    public var deadline: Int64
    /// When the last batch that was seen was queued, microseconds since 1970 UTC; 0 when not known.
    public var lastPublishedAt: Int64
    /// When the last result came, microseconds since 1970 UTC; 0 when none has.
    public var lastResultAt: Int64
    /// When the job ended, microseconds since 1970 UTC; nil when it has not.
    public var endedAt: Int64?
    /// From submission to the end, or to now.
    public var seconds: Double
    /// Trades done per second since submission.
    public var tradesPerSecond: Double
    /// Remaining seconds at that rate; nil when the rate is not known or the job has ended.
    public var secondsLeft: Double?
    /// The engines that have published results, by id.
    public var engines: [String]
    /// Batches and results that came again.
    public var duplicates: Int
    /// Those of them that differ from the first.
    public var conflicts: Int
    /// Results that came after the deadline or cancellation.
    public var late: Int
    /// Batches and results that do not belong to the job.
    public var strays: Int
    /// The id of the market snapshot.
    public var snapshotID: String
    /// The name of the market snapshot.
    public var snapshotName: String
    /// The name of the portfolio.
    public var portfolioName: String
    /// Who submitted it.
    public var submitter: String
}

extension JobEntry {
    func progress(of job: JobID, at time: Int64, readTo known: Int64) -> JobProgress? {
        guard let record else { return nil }
        let phase = phase(at: known)
        let ended = endedAt(at: known)
        let done = priced + failed + expired
        let missing = max(0, Int(record.tradeCount) - done)
        let seconds = Double(max(0, (ended ?? time) - record.submittedAt)) / 1_000_000
        let rate = seconds > 0 ? Double(done) / seconds : 0
        return JobProgress(
            job: job,
            phase: phase,
            priority: record.priority.normalized,
            isFinal: ended != nil,
            reason: incompletenessReason,
            trades: Int(record.tradeCount),
            done: done,
            priced: priced,
            failed: failed,
            expired: expired,
            missing: missing,
            batches: Int(record.batchCount),
            batchesPublished: published.count,
            batchesJoined: joined.count,
            missingBatches: joined.gaps(below: min(record.batchCount, BatchSet.limit), most: 20),
            submittedAt: record.submittedAt,
            deadline: record.deadline,
            lastPublishedAt: lastPublishedAt,
            lastResultAt: lastJoinedAt,
            endedAt: ended,
            seconds: seconds,
            tradesPerSecond: rate,
            secondsLeft: ended == nil && rate > 0 ? Double(missing) / rate : nil,
            engines: engines.sorted(),
            duplicates: counters.duplicates,
            conflicts: counters.conflicts,
            late: counters.late,
            strays: counters.strays,
            snapshotID: record.snapshotID,
            snapshotName: record.snapshotName,
            portfolioName: record.portfolioName,
            submitter: record.submitter
        )
    }
}
