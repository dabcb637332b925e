public import GridProtocol
internal import Synchronization

/// Applies records to the ledger and its store, one transaction for each list of records.
///
/// It is safe to ask from many tasks; applying is meant for one.
public final class AggregatorCore: Sendable {
    private struct State: Sendable {
        var ledger: Ledger
        var next: [SourcePartition: Int64]
    }

    /// The ledger's file.
    public let store: LedgerStore
    private let topics: Topics
    private let state: Mutex<State>

    /// Goes on where the store ended.
    public init(store: LedgerStore, topics: Topics = Topics()) throws(AggregationError) {
        self.store = store
        self.topics = topics
        state = Mutex(State(ledger: try store.ledger(), next: try store.offsets()))
    }

    /// The topics to read: jobs, batches and results, and market for exchange rates.
    ///
    /// Parked batches are in one of the topics that jobs are submitted to as well.
    public var sources: [String] {
        [topics.jobs, topics.market] + topics.submittedBatches + [topics.results]
    }

    /// The next offset to read of each partition that was read.
    public func nextOffsets() -> [SourcePartition: Int64] {
        state.withLock { $0.next }
    }

    /// Forgets how far a partition was read, because its topic was made anew and begins below.
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

    /// Applies records, in one transaction with the offsets after them.
    ///
    /// `records`: in any order between partitions, ascending within one. Records below
    ///   the offset reached are skipped, so that reading again is harmless.
    /// - Returns: what became of them; records that cannot be used are in it, never thrown.
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

    /// Moves time on, and returns the jobs that expired by it.
    ///
    /// `time`: microseconds since 1970 UTC. Give the clock only when all topics have been
    ///   read to their ends, else the time of the newest record: a result that came in time and is
    ///   read late counts.
    public func advance(to time: Int64) -> [JobID] {
        state.withLock { $0.ledger.advance(to: time) }
    }

    /// The time up to which all topics have been read, microseconds since 1970 UTC; 0 before the
    /// ends were first reached. By it, not by the clock, jobs expire.
    public var time: Int64 { state.withLock { $0.ledger.now } }

    /// Returns how a job stands; nil when there is no such job. `time` is the clock.
    public func progress(of job: JobID, at time: Int64) -> JobProgress? {
        state.withLock { $0.ledger.current(job, clock: time) }
    }

    /// Returns how every job stands, newest first.
    public func jobs(at time: Int64) -> [JobProgress] {
        state.withLock { $0.ledger.jobs(at: time) }
    }
}
