public import GridProtocol
internal import Synchronization

/// Applies records to the ledger and its store, one transaction for each list of records.
///
/// Only one task may apply records. Queries are safe from many tasks, and wait neither for it nor
/// for the store: they look at a ``LedgerView``, which is replaced after each transaction.
public final class AggregatorCore: Sendable {
    private struct Published: Sendable {
        var view: LedgerView
        /// Those that wait for the next view with other jobs.
        var waiters: [ObjectIdentifier: ChangeWaiter] = [:]
    }

    /// The ledger's file.
    public let store: LedgerStore
    private let topics: Topics
    /// The next offset to read of each partition; held while the store is written.
    let next: Mutex<[SourcePartition: Int64]>
    /// Held for as long as a copy of it is made.
    private let published: Mutex<Published>

    /// Continues where the store ended.
    public init(store: LedgerStore, topics: Topics = Topics()) throws(AggregationError) {
        self.store = store
        self.topics = topics
        next = Mutex(try store.offsets())
        published = Mutex(
            Published(
                view: LedgerView(
                    ledger: try store.ledger(),
                    losses: try store.losses(),
                    snapshots: try store.snapshots()
                )
            )
        )
    }

    /// The topics to read: jobs, batches and results, and market for exchange rates.
    ///
    /// Parked batches are also in one of the topics that jobs are submitted to.
    public var sources: [String] {
        [topics.jobs, topics.market] + topics.submittedBatches + [topics.results]
    }

    // MARK: Writing

    /// The next offset to read of each partition that was read; waits for records being applied.
    public func nextOffsets() -> [SourcePartition: Int64] {
        next.withLock { $0 }
    }

    /// Resets how far a partition was read, because its topic was created again and begins below.
    public func rewind(_ source: SourcePartition, to offset: Int64) throws(AggregationError) {
        try write { (next, _) throws(AggregationError) in
            try store.transaction { () throws(AggregationError) in
                try store.put(next: offset, of: source)
            }
            next[source] = offset
        }
    }

    /// Skips records that were removed, and records that they were not read.
    ///
    /// - Parameters:
    ///   - source: the partition.
    ///   - offset: the first offset that still exists, above the next to read.
    ///   - time: microseconds since 1970 UTC.
    /// - Returns: how many offsets were skipped; 0 when none.
    /// - Throws: ``AggregationError`` when the store fails; nothing is skipped then.
    public func skip(
        _ source: SourcePartition,
        to offset: Int64,
        at time: Int64
    ) throws(AggregationError) -> Int {
        try write { (next, view) throws(AggregationError) -> Int in
            let first = next[source, default: 0]
            guard first < offset else { return 0 }
            let loss = RecordLoss(source: source, offsets: first..<offset, noticedAt: time)
            try store.transaction { () throws(AggregationError) in
                try store.put(loss)
                try store.put(next: offset, of: source)
            }
            next[source] = offset
            view.losses = Array((view.losses + [loss]).suffix(LedgerStore.lossesKept))
            return loss.offsets.count
        }
    }

    /// Applies records, in one transaction with the offsets after them.
    ///
    /// `records`: in any order between partitions, ascending within one. Records below
    ///   the offset reached are skipped, so that reading again is harmless.
    /// - Returns: the outcome, which includes records that cannot be used; they are not thrown.
    /// - Throws: ``AggregationError`` when the store fails; nothing is applied then.
    public func apply(_ records: [SourceRecord]) throws(AggregationError) -> AppliedRecords {
        try write { (next, view) throws(AggregationError) -> AppliedRecords in
            var application = RecordApplication(
                store: store,
                topics: topics,
                ledger: view.ledger,
                next: next
            )
            let applied = try store.transaction { () throws(AggregationError) in
                try application.apply(records)
            }
            next = application.next
            for id in application.snapshots { view.snapshots.set(id, to: ()) }
            view.ledger = application.transaction.commit()
            return applied
        }
    }

    /// Advances time, and returns the jobs that expired.
    ///
    /// `time`: microseconds since 1970 UTC. Give the clock only when all topics have been read to
    /// their ends, otherwise the time of the newest record: a result that came in time and is read
    /// late counts.
    public func advance(to time: Int64) -> [JobID] {
        next.withLock { _ in
            var view = self.view
            let expired = view.ledger.advance(to: time)
            publish(view)
            return expired
        }
    }

    /// Removes jobs that ended long ago, in steps of bounded work.
    ///
    /// Call it only when all topics have been read to their ends: before that, a job may look ended
    /// although it is not.
    ///
    /// - Parameter age: how long ago, as ``Ledger`` counts it.
    /// - Returns: the removed jobs, and whether nothing is left to do.
    /// - Throws: ``AggregationError`` when the store fails; nothing is removed then.
    public func forget(
        olderThan age: Duration
    ) throws(AggregationError) -> (jobs: [JobID], isDone: Bool) {
        let micros = Int64(min(age / .microseconds(1), 1e15))
        return try write { (_, view) throws(AggregationError) -> ([JobID], Bool) in
            let jobs = view.ledger.forgettable(olderThan: micros, most: 100)
            let isSwept = try store.transaction { () throws(AggregationError) -> Bool in
                for job in jobs { try store.forget(job) }
                return try store.sweep(rows: 2_000)
            }
            for job in jobs { view.ledger.set(nil, of: job) }
            return (jobs, isSwept && jobs.count < 100)
        }
    }

    // MARK: Looking

    /// What is known now.
    public var view: LedgerView { published.withLock { $0.view } }

    /// The time up to which all topics have been read, microseconds since 1970 UTC; 0 before their
    /// ends were first reached.
    ///
    /// Jobs expire by this time, not by the clock.
    public var time: Int64 { view.time }

    /// Returns how a job stands; nil when there is no such job.
    ///
    /// `time` is the clock.
    public func progress(of job: JobID, at time: Int64) -> JobProgress? {
        view.ledger.current(job, clock: time)
    }

    /// Returns what a job waits for, in one sentence; nil when there is no such job or it is
    /// complete.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - liveState: what is known apart from the ledger.
    ///   - time: microseconds since 1970 UTC.
    /// - Returns: the sentence.
    public func waitingReason(
        of job: JobID,
        in liveState: LiveGridState,
        at time: Int64
    ) -> String? {
        view.waitingReason(of: job, in: liveState, at: time, topics: topics)
    }

    /// What is left to do.
    public var backlog: Backlog { view.ledger.backlog }

    /// Returns how jobs stand, newest first.
    ///
    /// - Parameters:
    ///   - time: the clock.
    ///   - job: the list begins after this job; nil for the newest.
    ///   - most: how many to return.
    /// - Returns: the jobs.
    public func jobs(at time: Int64, after job: JobID? = nil, most: Int = .max) -> [JobProgress] {
        view.ledger.jobs(at: time, after: job, most: most)
    }

    /// Returns the jobs that changed after a version, in the order of their last changes.
    ///
    /// - Parameters:
    ///   - version: 0 for all jobs.
    ///   - most: how many to return.
    /// - Returns: the jobs, with the version to continue from.
    public func changes(since version: Int64, most: Int) -> JobChanges {
        view.ledger.changes(since: version, most: most)
    }

    /// Waits until a job has changed after a version, the waiter is woken or the time is over.
    ///
    /// It blocks the thread; the join does not wait for it.
    ///
    /// - Parameters:
    ///   - version: as ``changes(since:most:)`` returned it.
    ///   - limit: how long to wait.
    ///   - waiter: the thread's.
    public func waitForChange(
        after version: Int64,
        atMost limit: Duration,
        with waiter: ChangeWaiter
    ) {
        let id = ObjectIdentifier(waiter)
        let hasChanged = published.withLock { published in
            guard published.view.ledger.version <= version else { return true }
            published.waiters[id] = waiter
            return false
        }
        guard !hasChanged else { return }
        waiter.wait(atMost: limit)
        published.withLock { published in published.waiters[id] = nil }
    }

    // MARK: Private

    /// Runs `body` on a copy of what is published, and publishes the copy unless it throws.
    private func write<Value: Sendable>(
        _ body: (
            inout [SourcePartition: Int64], inout LedgerView
        ) throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value {
        let result = next.withLock { next -> Result<Value, AggregationError> in
            var view = self.view
            do throws(AggregationError) {
                let value = try body(&next, &view)
                publish(view)
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    private func publish(_ view: LedgerView) {
        // What only the old view knows is freed after the lock is.
        let old = published.withLock { published -> Published in
            let old = published
            published.view = view
            if old.view.ledger.version != view.ledger.version { published.waiters = [:] }
            return old
        }
        guard old.view.ledger.version != view.ledger.version else { return }
        for waiter in old.waiters.values { waiter.wake() }
    }
}
