internal import GridProtocol

/// Which jobs are cancelled or paused, and which were paused before.
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

    /// The headers of a parked batch.
    struct Parked: Hashable, Sendable {
        /// The job; nil when the record does not name it.
        var job: String?
        /// How far the engine that parked it had read the jobs topic; -1 when the record does not
        /// say.
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
    /// The offset of the newest record that ended the pause of a job.
    private(set) var lastRelease: Int64 = -1

    /// - Parameter limit: 1 or more; above it the jobs that changed longest ago are removed, those
    ///   past their deadlines first. Batches of removed jobs are priced; the ledger ignores the
    ///   results.
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
        // A submission or a resume in flight must not reopen a job that was cancelled.
        let standing: Standing =
            if record.state == .cancelled || earlier == .cancelled {
                .cancelled
            } else {
                record.hold == .paused ? .paused : .wanted
            }
        // By the record alone: a compacted topic may have nothing else.
        if record.hold != .unspecified, standing != .paused {
            lastRelease = max(lastRelease, offset)
        }
        guard standing != .wanted else {
            entries[job] = nil
            return
        }
        entries[job] = Entry(standing: standing, deadline: record.deadline, offset: offset)
    }

    /// Removes jobs while there are more than the limit; `time` in microseconds since 1970 UTC.
    mutating func forget(at time: Int64) {
        guard entries.count > limit else { return }
        entries = entries.filter { $0.value.deadline == 0 || $0.value.deadline >= time }
        guard entries.count > limit else { return }
        // Removes some more than needed, so that this does not run for each record.
        let oldest = entries.sorted { $0.value.offset < $1.value.offset }
        for (job, _) in oldest.prefix(entries.count - limit + limit / 10) { entries[job] = nil }
    }

    /// Returns what is to be done with a job's batches.
    ///
    /// A job past its deadline is no longer paused: its batches are skipped, not parked.
    func standing(of job: String, at time: Int64) -> Standing {
        guard let entry = entries[job] else { return .wanted }
        let isOver = entry.deadline > 0 && time > entry.deadline
        return entry.standing == .paused && isOver ? .wanted : entry.standing
    }

    /// Whether the first of the waiting parked batches is to be taken: because its job was resumed
    /// or cancelled, or to be moved to the end, since a later one may be of a job that was resumed.
    ///
    /// Batches that were parked before the newest release are moved to the end once, and then state
    /// that they were parked after it. Batches that are seen behind count as well: an engine that
    /// read a release late may have parked a batch of that job after others.
    func isDue(_ waiting: [Parked], at time: Int64) -> Bool {
        guard let head = waiting.first else { return false }
        guard let job = head.job, standing(of: job, at: time) == .paused else { return true }
        if head.position < lastRelease { return true }
        return waiting.dropFirst().contains { parked in
            parked.job.map { standing(of: $0, at: time) != .paused } ?? true
        }
    }
}
