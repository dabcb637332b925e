internal import GridProtocol

/// A place in an order of jobs: a time, then the id.
struct JobOrder: Hashable, Comparable, Sendable {
    var at: Int64
    var job: JobID

    static func < (lhs: JobOrder, rhs: JobOrder) -> Bool {
        lhs.at == rhs.at ? lhs.job < rhs.job : lhs.at < rhs.at
    }
}

/// Where a job stands in the ledger's orders, and what it adds to the ledger's sums.
struct JobStanding: Hashable, Sendable {
    /// Its state; nil while its record has not come.
    var phase: JobPhase?
    var isIntraday = false
    /// When it was submitted; nil while its record has not come.
    var submittedAt: Int64?
    /// Whether it has neither ended nor is paused: a paused job must not raise an alert or start
    /// an engine.
    var isActive = false
    /// Batches and trades that are left to do, while it is active.
    var batches = 0
    var trades = 0
    /// Published batches without a result, while it is active.
    var queued = 0
    /// When its last result came, or it was submitted.
    var quietSince: Int64 = 0
    /// Its deadline, if its state is another after it.
    var expiry: Int64?
    /// It is past its retention when this is before the limit.
    var purgedBy: Int64
}

extension JobEntry {
    /// Returns where the job stands.
    ///
    /// `time`: up to which all topics have been read, microseconds since 1970 UTC.
    func standing(at time: Int64) -> JobStanding {
        let lastSign = max(recordAt, lastJoinedAt, lastPublishedAt)
        guard let record else { return JobStanding(purgedBy: lastSign) }
        let phase = phase(at: time)
        var standing = JobStanding(
            phase: phase,
            isIntraday: record.priority == .intraday,
            submittedAt: record.submittedAt,
            isActive: !phase.isFinal && phase != .paused,
            purgedBy: phase.isFinal ? recordAt : lastSign
        )
        if record.deadline > 0 {
            standing.purgedBy = record.deadline
            if time <= record.deadline, self.phase(at: .max) != phase {
                standing.expiry = record.deadline
            }
        }
        guard standing.isActive else { return standing }
        standing.batches = max(0, Int(record.batchCount) - joined.count)
        standing.trades = max(0, Int(record.tradeCount) - priced - failed - expired)
        standing.queued = max(0, published.count - joined.count)
        standing.quietSince = max(lastJoinedAt, record.submittedAt)
        return standing
    }
}
