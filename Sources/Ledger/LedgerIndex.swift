internal import GridProtocol

/// The orders and sums of a ledger, which change with each job and are never counted anew.
struct LedgerIndex: Sendable {
    typealias Order = SortedMap<JobOrder, Void>

    /// Jobs with a record, by submission.
    private(set) var submitted = Order()
    /// Jobs that have neither ended nor are paused, by submission.
    private(set) var active = Order()
    /// Active jobs with queued batches, by submission; the amount is their number.
    private(set) var queuedIntraday = Order()
    private(set) var queuedEOD = Order()
    /// Active jobs by their last result.
    private(set) var quiet = Order()
    /// Jobs whose state changes after their deadline, by it.
    private(set) var expiring = Order()
    /// All jobs by when they are past their retention.
    private(set) var retention = Order()
    private(set) var phases: [JobPhase: Int] = [:]
    private(set) var batches = 0
    private(set) var trades = 0

    /// Moves a job from where it stood to where it stands; nil for a job that is not there.
    mutating func move(_ job: JobID, from old: JobStanding?, to new: JobStanding?) {
        guard old != new else { return }
        for (standing, sign) in [(old, -1), (new, 1)] {
            guard let standing else { continue }
            batches += sign * standing.batches
            trades += sign * standing.trades
            guard let phase = standing.phase else { continue }
            let count = phases[phase, default: 0] + sign
            phases[phase] = count == 0 ? nil : count
        }
        func update(_ order: inout Order, _ key: (JobStanding) -> Int64?) {
            let (before, after) = (old.flatMap(key), new.flatMap(key))
            guard before != after else { return }
            if let before { order.remove(JobOrder(at: before, job: job)) }
            if let after { order.set(JobOrder(at: after, job: job), to: ()) }
        }
        func updateQueue(_ order: inout Order, isIntraday: Bool) {
            func place(_ standing: JobStanding?) -> (at: Int64, queued: Int)? {
                guard let standing, let at = standing.submittedAt, standing.queued > 0,
                    standing.isIntraday == isIntraday
                else { return nil }
                return (at, standing.queued)
            }
            let (before, after) = (place(old), place(new))
            if let before, before.at != after?.at {
                order.remove(JobOrder(at: before.at, job: job))
            }
            guard let after, before?.at != after.at || before?.queued != after.queued else {
                return
            }
            order.set(JobOrder(at: after.at, job: job), to: (), amount: after.queued)
        }
        update(&submitted) { $0.submittedAt }
        update(&active) { $0.isActive ? $0.submittedAt : nil }
        update(&quiet) { $0.isActive ? $0.quietSince : nil }
        update(&expiring) { $0.expiry }
        update(&retention) { $0.purgedBy }
        updateQueue(&queuedIntraday, isIntraday: true)
        updateQueue(&queuedEOD, isIntraday: false)
    }

    /// What is left to do.
    var backlog: Backlog {
        var backlog = Backlog()
        backlog.jobs = phases
        backlog.batches = batches
        backlog.trades = trades
        backlog.oldestSubmission = active.first?.key.at
        backlog.quietSince = quiet.first?.key.at
        return backlog
    }

    /// Returns what is priced before a job: earlier jobs of its priority, and intraday jobs before
    /// end-of-day jobs, but no job that has ended or is paused.
    func ahead(of job: JobID, _ standing: JobStanding) -> JobsAhead {
        guard let submittedAt = standing.submittedAt else { return JobsAhead() }
        let place = JobOrder(at: submittedAt, job: job)
        let queue = standing.isIntraday ? queuedIntraday : queuedEOD
        let earlier = queue.totals(below: place)
        var ahead = JobsAhead(batches: earlier.amount, count: earlier.count)
        var first = earlier.count > 0 ? queue.first?.key : nil
        if !standing.isIntraday, let intraday = queuedIntraday.first?.key {
            ahead.batches += queuedIntraday.totals.amount
            ahead.count += queuedIntraday.count
            first = min(first ?? intraday, intraday)
        }
        ahead.first = first?.job
        return ahead
    }
}
