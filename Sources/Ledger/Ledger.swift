public import GridProtocol

/// The join of jobs, batches and results: what is known of each job, independent of the order of
/// records.
///
/// It has no clock and no storage. Everything is idempotent by (job, batch): the first batch and
/// the first result of an index count, later ones are counted as duplicates.
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

    private var entries: [JobID: JobEntry] = [:]
    private(set) var now: Int64 = 0

    /// Makes an empty ledger.
    public init() {}

    /// Takes the newest record of a job.
    ///
    /// The caller must remove results that were joined before and lie past ``cutoff(of:)`` or the
    /// job's last batch, with ``withdraw(_:)``, unless the record changes neither.
    ///
    /// `at`: when the record entered its topic, microseconds since 1970 UTC.
    ///
    /// - Returns: whether the record counts; after a cancellation none does.
    @discardableResult
    public mutating func apply(job record: JobRecord, of job: JobID, at: Int64) -> Bool {
        entries[job, default: JobEntry()].take(record, at: at)
    }

    /// Takes a batch.
    public mutating func apply(batch: BatchFacts) -> Outcome {
        guard batch.index < BatchSet.limit else { return .stray }
        return entries[batch.job, default: JobEntry()].join(batch)
    }

    /// Takes a result, which may come before its batch and before its job's record.
    public mutating func apply(result: ResultFacts) -> Outcome {
        guard result.index < BatchSet.limit else { return .stray }
        return entries[result.job, default: JobEntry()].join(result)
    }

    /// Removes a joined result.
    public mutating func withdraw(_ result: ResultFacts) {
        entries[result.job]?.withdraw(result)
    }

    /// Removes a batch.
    public mutating func withdraw(_ batch: BatchFacts) {
        entries[batch.job]?.withdraw(batch)
    }

    /// Notes that a duplicate differs from the first.
    public mutating func noteConflict(in job: JobID) {
        entries[job]?.conflicts += 1
    }

    /// Whether all batches and results are there and the proof was not made yet.
    public func needsProof(_ job: JobID) -> Bool {
        guard let entry = entries[job] else { return false }
        return entry.isJoined && entry.proof == nil
    }

    /// Takes what was found in the batches and results of a job.
    public mutating func apply(proof: CompletenessProof, of job: JobID) {
        entries[job]?.proof = proof
    }

    /// Advances time, and returns the jobs that expired, by id.
    ///
    /// Time never moves back.
    ///
    /// `time`: microseconds since 1970 UTC, up to which all topics have been read.
    public mutating func advance(to time: Int64) -> [JobID] {
        guard time > now else { return [] }
        let before = now
        now = time
        return entries.compactMap { job, entry in
            entry.phase(at: before) != .expired && entry.phase(at: time) == .expired ? job : nil
        }
        .sorted { $0.rawValue < $1.rawValue }
    }

    /// Removes a job.
    mutating func remove(_ job: JobID) {
        entries[job] = nil
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
        entries.lazy.filter { $1.isPurgeable(before: now - age, at: now) }
            .prefix(most).map(\.key).sorted { $0.rawValue < $1.rawValue }
    }

    // MARK: Looking

    /// The record of a job; nil when none has come.
    public func record(of job: JobID) -> JobRecord? {
        entries[job]?.record
    }

    /// The time past which results do not count: the earlier of deadline and cancellation; nil when
    /// there is none.
    public func cutoff(of job: JobID) -> Int64? {
        entries[job]?.cutoff
    }

    /// The proof of a job; nil when it is not complete.
    public func proof(of job: JobID) -> CompletenessProof? {
        entries[job]?.proof
    }

    /// Counts of what did not count.
    func counters(of job: JobID) -> LedgerCounters {
        entries[job].map(\.counters) ?? LedgerCounters()
    }

    /// Sets the counts of what did not count, when a ledger is read back.
    mutating func restore(_ counters: LedgerCounters, of job: JobID) {
        entries[job, default: JobEntry()].counters = counters
    }

    /// Returns the progress of a job; nil while its record has not come.
    ///
    /// `time`: microseconds since 1970 UTC; the time of ``advance(to:)`` if later.
    public func progress(of job: JobID, at time: Int64) -> JobProgress? {
        entries[job]?.progress(of: job, at: max(time, now), readTo: max(time, now))
    }

    /// Returns the progress of a job by the records that were read: a job is expired only when
    /// everything up to its deadline has been read.
    ///
    /// `clock` only measures how long it has taken.
    public func current(_ job: JobID, clock: Int64) -> JobProgress? {
        entries[job]?.progress(of: job, at: max(clock, now), readTo: now)
    }

    /// Returns what is priced before a job: earlier jobs of its priority, and intraday jobs before
    /// end-of-day jobs, but no job that has ended or is paused.
    func ahead(of job: JobID) -> JobsAhead {
        guard let record = entries[job]?.record else { return JobsAhead() }
        let isIntraday = record.priority == .intraday
        let earlier = entries.filter { other, entry in
            guard let first = entry.record, other != job,
                entry.published.count > entry.joined.count
            else { return false }
            let phase = entry.phase(at: now)
            guard !phase.isFinal, phase != .paused else { return false }
            if (first.priority == .intraday) != isIntraday { return !isIntraday }
            return (first.submittedAt, other.rawValue) < (record.submittedAt, job.rawValue)
        }
        return JobsAhead(
            batches: earlier.values.reduce(0) { $0 + $1.published.count - $1.joined.count },
            jobs: earlier.sorted {
                ($0.value.record?.submittedAt ?? 0, $0.key.rawValue)
                    < ($1.value.record?.submittedAt ?? 0, $1.key.rawValue)
            }.map(\.key)
        )
    }

    /// Returns what is left to do, by what was read.
    public var backlog: Backlog {
        var backlog = Backlog()
        for entry in entries.values { entry.count(into: &backlog, at: now) }
        return backlog
    }

    /// Returns the progress of every job, newest first.
    public func jobs(at time: Int64) -> [JobProgress] {
        entries.compactMap { $1.progress(of: $0, at: max(time, now), readTo: now) }
            .sorted {
                ($0.submittedAt, $0.job.rawValue) > ($1.submittedAt, $1.job.rawValue)
            }
    }
}
