internal import GridProtocol

/// What an engine must know of jobs: which are cancelled, which are paused, and which were.
///
/// A pure state machine over the records of the jobs topic, in the order of their offsets. Only
/// jobs that are cancelled or paused have an entry, and no more of them than a limit.
struct JobHoldTable: Sendable {
    /// What is to be done with a job's batches.
    enum Standing: Hashable, Sendable {
        case wanted
        case paused
        case cancelled
    }

    /// What a parked batch says of itself.
    struct Parked: Hashable, Sendable {
        /// The job; nil when the record does not say it.
        var job: String?
        /// How far the engine that parked it had read the jobs topic; -1 when it does not say it.
        var position: Int64
    }

    private struct Entry {
        var standing: Standing
        /// Microseconds since 1970 UTC, past which no batch is priced anyway; 0 for never.
        var deadline: Int64
        var offset: Int64
    }

    private let limit: Int
    private var entries: [String: Entry] = [:]
    /// The offset of the newest record that was read; -1 before the first.
    private(set) var position: Int64 = -1
    /// The offset of the newest record by which a paused job came to be paused no longer.
    private(set) var lastRelease: Int64 = -1

    /// - Parameter limit: 1 or more; past it the jobs that changed longest ago are forgotten, those
    ///   past their deadlines first. What is forgotten is priced, and the ledger knows better.
    init(limit: Int = 20_000) {
        self.limit = limit
    }

    /// How many jobs have an entry.
    var count: Int { entries.count }

    /// Takes the record at an offset; nil for a tombstone.
    mutating func note(_ job: String, _ record: JobRecord?, at offset: Int64) {
        position = max(position, offset)
        let earlier = entries[job]?.standing ?? .wanted
        guard let record else {
            entries[job] = nil
            if earlier == .paused { lastRelease = max(lastRelease, offset) }
            return
        }
        // A submission or a resumption under way must not revive a job that was given up.
        let standing: Standing =
            if record.state == .cancelled || earlier == .cancelled {
                .cancelled
            } else {
                record.hold == .paused ? .paused : .wanted
            }
        // By the record alone: of a compacted topic nothing else may be left.
        if record.hold != .unspecified, standing != .paused {
            lastRelease = max(lastRelease, offset)
        }
        guard standing != .wanted else {
            entries[job] = nil
            return
        }
        entries[job] = Entry(standing: standing, deadline: record.deadline, offset: offset)
    }

    /// Forgets jobs while there are more than the limit; `time` in microseconds since 1970 UTC.
    mutating func forget(at time: Int64) {
        guard entries.count > limit else { return }
        entries = entries.filter { $0.value.deadline == 0 || $0.value.deadline >= time }
        guard entries.count > limit else { return }
        // A few more than must go, so that this is not done for each record.
        let oldest = entries.sorted { $0.value.offset < $1.value.offset }
        for (job, _) in oldest.prefix(entries.count - limit + limit / 10) { entries[job] = nil }
    }

    /// Returns what is to be done with a job's batches.
    ///
    /// A job past its deadline is not paused any more: its batches are passed over, not kept.
    func standing(of job: String, at time: Int64) -> Standing {
        guard let entry = entries[job] else { return .wanted }
        let isOver = entry.deadline > 0 && time > entry.deadline
        return entry.standing == .paused && isOver ? .wanted : entry.standing
    }

    /// Whether the first of the parked batches that wait is to be taken: because its job goes on or
    /// was given up, or to be put behind the others, since one of them may be of a job that goes on.
    ///
    /// Batches that were parked before the newest release make room once, and say afterwards that
    /// they were parked after it. What is seen to wait behind counts as well: an engine that learnt
    /// late of a release may have parked a batch of that job after others.
    func isDue(_ waiting: [Parked], at time: Int64) -> Bool {
        guard let head = waiting.first else { return false }
        guard let job = head.job, standing(of: job, at: time) == .paused else { return true }
        if head.position < lastRelease { return true }
        return waiting.dropFirst().contains { parked in
            parked.job.map { standing(of: $0, at: time) != .paused } ?? true
        }
    }
}
