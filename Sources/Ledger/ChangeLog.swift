public import GridProtocol

/// Jobs that changed after a version.
public struct JobChanges: Hashable, Sendable {
    /// A job that changed.
    public struct Change: Hashable, Sendable {
        /// The job.
        public var job: JobID
        /// Whether it was removed.
        public var isRemoved: Bool
        /// The version of its last change.
        public var version: Int64
    }

    /// The jobs, once each, in the order of their last changes.
    public var jobs: [Change]
    /// The version that the list reaches; continue from it.
    public var version: Int64
    /// Whether removals since the version asked for are no longer known: only the jobs that are
    /// there are listed.
    public var isTooOld: Bool
}

/// The order in which jobs changed: the last change of each job, and the last removals.
struct ChangeLog: Sendable {
    /// How many removals are kept.
    static let removalsKept = 10_000

    private(set) var version: Int64 = 0
    private var changed = SortedMap<Int64, JobID>()
    private var removed = SortedMap<Int64, JobID>()
    /// The highest version whose removal was dropped.
    private var dropped: Int64 = 0

    /// Notes a change of a job.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - before: the version of its change before; nil for a new job.
    ///   - isRemoved: whether it is not there any more.
    /// - Returns: the version of the change.
    mutating func note(_ job: JobID, before: Int64?, isRemoved: Bool) -> Int64 {
        version += 1
        if let before { changed.remove(before) }
        guard isRemoved else {
            changed.set(version, to: job)
            return version
        }
        removed.set(version, to: job)
        if removed.count > Self.removalsKept, let oldest = removed.first?.key {
            removed.remove(oldest)
            dropped = oldest
        }
        return version
    }

    /// Returns the changes after a version.
    func changes(since version: Int64, most: Int) -> JobChanges {
        let list =
            (changed.page(after: version, most: most).map { ($0.key, $0.value, false) }
            + removed.page(after: version, most: most).map { ($0.key, $0.value, true) })
            .sorted { $0.0 < $1.0 }
            .prefix(most)
        let isAll = list.count < most
        return JobChanges(
            jobs: list.map { JobChanges.Change(job: $0.1, isRemoved: $0.2, version: $0.0) },
            version: isAll ? max(version, self.version) : list.last?.0 ?? version,
            isTooOld: version > 0 && version < dropped
        )
    }
}
