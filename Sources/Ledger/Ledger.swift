public import GridProtocol

/// The join of jobs, batches and results: what is known of each job, independent of the order of
/// records.
///
/// It has no clock and no storage. Everything is idempotent by (job, batch): the first batch and
/// the first result of an index count, later ones are counted as duplicates. It is changed by a
/// ``LedgerTransaction``; a copy costs nothing and stays as it is.
public struct Ledger: Sendable {
    /// The outcome of adding a batch or a result.
    public enum Outcome: Hashable, Sendable {
        /// It is the first, and counts.
        case joined
        /// There was one already.
        case duplicate
        /// It came after the job's deadline or cancellation, and does not count.
        case late
        /// Its index is not in the job.
        case stray
    }

    /// A job as it is; replaced when the job changes.
    private final class Kept: Sendable {
        let entry: JobEntry
        let standing: JobStanding
        let version: Int64

        init(_ entry: JobEntry, _ standing: JobStanding, version: Int64) {
            self.entry = entry
            self.standing = standing
            self.version = version
        }
    }

    private var jobs = SortedMap<JobID, Kept>()
    private var index = LedgerIndex()
    private var log = ChangeLog()
    private(set) var now: Int64 = 0

    /// Makes an empty ledger.
    public init() {}

    // MARK: Changing

    /// Sets what is known of a job; nil removes it.
    mutating func set(_ entry: JobEntry?, of job: JobID) {
        let old = jobs[job]
        guard old != nil || entry != nil else { return }
        let version = log.note(job, before: old?.version, isRemoved: entry == nil)
        let standing = entry?.standing(at: now)
        index.move(job, from: old?.standing, to: standing)
        if let entry, let standing {
            jobs.set(job, to: Kept(entry, standing, version: version))
        } else {
            jobs.remove(job)
        }
    }

    /// Advances time, and returns the jobs that expired, by id.
    ///
    /// Time never moves back.
    ///
    /// `time`: microseconds since 1970 UTC, up to which all topics have been read.
    public mutating func advance(to time: Int64) -> [JobID] {
        guard time > now else { return [] }
        now = time
        var expired: [JobID] = []
        while let due = index.expiring.first?.key, due.at < time, let old = jobs[due.job] {
            set(old.entry, of: due.job)
            guard old.standing.phase != .expired, standing(of: due.job)?.phase == .expired else {
                continue
            }
            expired.append(due.job)
        }
        return expired.sorted()
    }

    /// Returns some of the jobs that are past their retention, by id.
    ///
    /// The rule uses only the job's record, which the compacted topic keeps, so that a rebuilt
    /// ledger removes the same jobs: a job may go when it has ended and its deadline (without a
    /// deadline, its last record) is older than `age`. A job that never ends may go if it has no
    /// result.
    ///
    /// - Parameters:
    ///   - age: microseconds.
    ///   - most: how many to return.
    /// - Returns: the jobs.
    func forgettable(olderThan age: Int64, most: Int) -> [JobID] {
        index.retention.page(most: most).prefix { $0.key.at < now - age }.map(\.key.job).sorted()
    }

    // MARK: Looking

    /// How many jobs it has, those included whose record has not come.
    public var count: Int { jobs.count }

    /// Whether something is known of a job.
    public func contains(_ job: JobID) -> Bool { jobs[job] != nil }

    /// What is known of a job.
    func entry(of job: JobID) -> JobEntry? { jobs[job]?.entry }

    private func standing(of job: JobID) -> JobStanding? { jobs[job]?.standing }

    /// The record of a job; nil when none has come.
    public func record(of job: JobID) -> JobRecord? { jobs[job]?.entry.record }

    /// The time past which results do not count: the earlier of deadline and cancellation; nil when
    /// there is none.
    public func cutoff(of job: JobID) -> Int64? { jobs[job]?.entry.cutoff }

    /// The proof of a job; nil when it is not complete.
    public func proof(of job: JobID) -> CompletenessProof? { jobs[job]?.entry.proof }

    /// Returns the progress of a job; nil while its record has not come.
    ///
    /// `time`: microseconds since 1970 UTC; the time of ``advance(to:)`` if later.
    public func progress(of job: JobID, at time: Int64) -> JobProgress? {
        jobs[job]?.entry.progress(of: job, at: max(time, now), readTo: max(time, now))
    }

    /// Returns the progress of a job by the records that were read: a job is expired only when
    /// everything up to its deadline has been read.
    ///
    /// `clock` only measures how long it has taken.
    public func current(_ job: JobID, clock: Int64) -> JobProgress? {
        jobs[job]?.entry.progress(of: job, at: max(clock, now), readTo: now)
    }

    /// Returns trades per second of a job in bins of ten seconds, the oldest first.
    ///
    /// `time`: microseconds since 1970 UTC.
    ///
    /// - Returns: the last thirty bins up to `time`; empty when there is no such job or it ended.
    public func rates(of job: JobID, at time: Int64) -> [Double] {
        guard let kept = jobs[job], kept.standing.phase?.isFinal == false else { return [] }
        return kept.entry.recent.rates(at: time)
    }

    /// Trades per second of a job over about the last minute before a time; over all its time when
    /// it has ended; 0 when there is no such job.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func tradesPerSecond(of job: JobID, at time: Int64) -> Double {
        guard let kept = jobs[job], let phase = kept.standing.phase else { return 0 }
        guard !phase.isFinal else { return current(job, clock: time)?.tradesPerSecond ?? 0 }
        return kept.entry.recent.lastMinute(
            at: max(time, now),
            since: kept.standing.submittedAt ?? 0
        )
    }

    /// Returns what is priced before a job: earlier jobs of its priority, and intraday jobs before
    /// end-of-day jobs, but no job that has ended or is paused.
    public func ahead(of job: JobID) -> JobsAhead {
        standing(of: job).map { index.ahead(of: job, $0) } ?? JobsAhead()
    }

    /// What is left to do, by what was read.
    public var backlog: Backlog { index.backlog }

    /// How many jobs have a record.
    public var submittedCount: Int { index.submitted.count }

    /// Returns the progress of jobs, newest first.
    ///
    /// - Parameters:
    ///   - time: microseconds since 1970 UTC.
    ///   - job: the list begins after this job; nil for the newest.
    ///   - most: how many to return.
    /// - Returns: the jobs; none when `job` is not known.
    public func jobs(at time: Int64, after job: JobID? = nil, most: Int = .max) -> [JobProgress] {
        var place: JobOrder?
        if let job {
            guard let submittedAt = standing(of: job)?.submittedAt else { return [] }
            place = JobOrder(at: submittedAt, job: job)
        }
        return index.submitted.page(after: place, descending: true, most: most).compactMap {
            current($0.key.job, clock: time)
        }
    }

    /// Returns the jobs that have neither ended nor are paused, the oldest first.
    ///
    /// `most`: how many to return.
    public func activeJobs(most: Int) -> [JobID] {
        index.active.page(most: most).map(\.key.job)
    }

    /// Counts the changes of jobs; each makes it higher.
    public var version: Int64 { log.version }

    /// Returns the jobs that changed after a version, in the order of their last changes.
    ///
    /// - Parameters:
    ///   - version: 0 for all jobs.
    ///   - most: how many to return.
    /// - Returns: the jobs, with the version to continue from.
    public func changes(since version: Int64, most: Int) -> JobChanges {
        log.changes(since: version, most: most)
    }
}
