internal import GridProtocol

/// What the aggregator knows at one moment.
///
/// It does not change, copying it costs nothing, and reading it waits for nobody.
public struct LedgerView: Sendable {
    /// The join.
    public internal(set) var ledger: Ledger
    /// What retention removed before it was read, oldest first.
    public internal(set) var losses: [RecordLoss]
    /// The ids of the market snapshots that were read.
    var snapshots: SortedMap<String, Void>

    /// The time up to which all topics have been read, microseconds since 1970 UTC; 0 before their
    /// ends were first reached.
    public var time: Int64 { ledger.now }

    /// Whether a market snapshot was read.
    public func hasSnapshot(_ id: String) -> Bool { snapshots[id] != nil }

    /// Returns what a job waits for, in one sentence; nil when there is no such job or it is
    /// complete.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - liveState: what is known apart from the ledger.
    ///   - time: microseconds since 1970 UTC.
    ///   - topics: where the topics are.
    /// - Returns: the sentence.
    func waitingReason(
        of job: JobID,
        in liveState: LiveGridState,
        at time: Int64,
        topics: Topics
    ) -> String? {
        guard let progress = ledger.current(job, clock: time) else { return nil }
        var facts = WaitingFacts(progress: progress, now: time)
        if !progress.isFinal {
            facts.hasSnapshot = hasSnapshot(progress.snapshotID)
            facts.ahead = ledger.ahead(of: job)
            facts.losses = losses
        }
        facts.trouble = liveState.trouble
        facts.held = liveState.held
        facts.engines = liveState.engines
        let priority = progress.priority
        facts.batchesTopic = topics.batches(of: priority)
        // Heartbeats name partitions of the usual topic only.
        facts.partitions = priority == .eod ? liveState.partitions : 0
        facts.resultsTopic = topics.results
        return StuckJobDiagnosis(facts).sentence
    }
}
