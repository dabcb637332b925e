public import GridProtocol
internal import Synchronization

/// Applies records to the ledger and its store, one transaction for each list of records.
///
/// Queries are safe from many tasks; only one task may apply records.
public final class AggregatorCore: Sendable {
    private struct State: Sendable {
        var ledger: Ledger
        var next: [SourcePartition: Int64]
        var losses: [RecordLoss]
    }

    /// The ledger's file.
    public let store: LedgerStore
    private let topics: Topics
    private let state: Mutex<State>

    /// Continues where the store ended.
    public init(store: LedgerStore, topics: Topics = Topics()) throws(AggregationError) {
        self.store = store
        self.topics = topics
        state = Mutex(
            State(
                ledger: try store.ledger(),
                next: try store.offsets(),
                losses: try store.losses()
            )
        )
    }

    /// The topics to read: jobs, batches and results, and market for exchange rates.
    ///
    /// Parked batches are also in one of the topics that jobs are submitted to.
    public var sources: [String] {
        [topics.jobs, topics.market] + topics.submittedBatches + [topics.results]
    }

    /// The next offset to read of each partition that was read.
    public func nextOffsets() -> [SourcePartition: Int64] {
        state.withLock { $0.next }
    }

    /// Resets how far a partition was read, because its topic was created again and begins below.
    public func rewind(_ source: SourcePartition, to offset: Int64) throws(AggregationError) {
        let result = state.withLock { state -> Result<Void, AggregationError> in
            do throws(AggregationError) {
                try store.transaction { () throws(AggregationError) in
                    try store.put(next: offset, of: source)
                }
                state.next[source] = offset
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
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
        let result = state.withLock { state -> Result<Int, AggregationError> in
            let next = state.next[source, default: 0]
            guard next < offset else { return .success(0) }
            let loss = RecordLoss(source: source, offsets: next..<offset, noticedAt: time)
            do throws(AggregationError) {
                try store.transaction { () throws(AggregationError) in
                    try store.put(loss)
                    try store.put(next: offset, of: source)
                }
                state.next[source] = offset
                state.losses = Array((state.losses + [loss]).suffix(LedgerStore.lossesKept))
                return .success(loss.offsets.count)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Applies records, in one transaction with the offsets after them.
    ///
    /// `records`: in any order between partitions, ascending within one. Records below
    ///   the offset reached are skipped, so that reading again is harmless.
    /// - Returns: the outcome, which includes records that cannot be used; they are not thrown.
    /// - Throws: ``AggregationError`` when the store fails; nothing is applied then.
    public func apply(_ records: [SourceRecord]) throws(AggregationError) -> AppliedRecords {
        let result = state.withLock { state -> Result<AppliedRecords, AggregationError> in
            do throws(AggregationError) {
                var application = RecordApplication(
                    store: store,
                    topics: topics,
                    ledger: state.ledger,
                    next: state.next
                )
                let applied = try store.transaction { () throws(AggregationError) in
                    try application.apply(records)
                }
                state.ledger = application.ledger
                state.next = application.next
                return .success(applied)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    /// Advances time, and returns the jobs that expired.
    ///
    /// `time`: microseconds since 1970 UTC. Give the clock only when all topics have been read to
    /// their ends, otherwise the time of the newest record: a result that came in time and is read
    /// late counts.
    public func advance(to time: Int64) -> [JobID] {
        state.withLock { $0.ledger.advance(to: time) }
    }

    /// The time up to which all topics have been read, microseconds since 1970 UTC; 0 before their
    /// ends were first reached.
    ///
    /// Jobs expire by this time, not by the clock.
    public var time: Int64 { state.withLock { $0.ledger.now } }

    /// Returns how a job stands; nil when there is no such job.
    ///
    /// `time` is the clock.
    public func progress(of job: JobID, at time: Int64) -> JobProgress? {
        state.withLock { $0.ledger.current(job, clock: time) }
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
        let result = state.withLock { state -> Result<([JobID], Bool), AggregationError> in
            let jobs = state.ledger.forgettable(olderThan: micros, most: 100)
            do throws(AggregationError) {
                let isSwept = try store.transaction { () throws(AggregationError) -> Bool in
                    for job in jobs { try store.forget(job) }
                    return try store.sweep(rows: 2_000)
                }
                for job in jobs { state.ledger.remove(job) }
                return .success((jobs, isSwept && jobs.count < 100))
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
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
        let facts = state.withLock { state -> WaitingFacts? in
            guard let progress = state.ledger.current(job, clock: time) else { return nil }
            var facts = WaitingFacts(progress: progress, now: time)
            guard !progress.isFinal else { return facts }
            facts.hasSnapshot = (try? store.hasSnapshot(progress.snapshotID)) ?? true
            facts.ahead = state.ledger.ahead(of: job)
            facts.losses = state.losses
            return facts
        }
        guard var facts else { return nil }
        facts.trouble = liveState.trouble
        facts.held = liveState.held
        facts.engines = liveState.engines
        let priority = facts.progress.priority
        facts.batchesTopic = topics.batches(of: priority)
        // Heartbeats name partitions of the usual topic only.
        facts.partitions = priority == .eod ? liveState.partitions : 0
        facts.resultsTopic = topics.results
        return StuckJobDiagnosis(facts).sentence
    }

    /// What is left to do.
    public var backlog: Backlog { state.withLock { $0.ledger }.backlog }

    /// Returns how every job stands, newest first.
    public func jobs(at time: Int64) -> [JobProgress] {
        state.withLock { $0.ledger.jobs(at: time) }
    }
}
