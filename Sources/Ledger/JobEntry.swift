internal import GridProtocol

/// What did not count in a job.
struct LedgerCounters: Hashable, Sendable {
    /// Batches and results that were there already.
    var duplicates = 0
    /// Duplicates that differ from the first, and records of other trades.
    var conflicts = 0
    /// Results after the deadline or the cancellation.
    var late = 0
    /// Batches and results with an index that is not in the job.
    var strays = 0
}

/// What the ledger knows of one job.
struct JobEntry: Sendable {
    private(set) var record: JobRecord?
    private(set) var recordAt: Int64 = 0
    private(set) var published = BatchSet()
    private(set) var joined = BatchSet()
    private(set) var publishedTrades = 0
    private(set) var priced = 0
    private(set) var failed = 0
    private(set) var expired = 0
    private(set) var lastJoinedAt: Int64 = 0
    private(set) var lastPublishedAt: Int64 = 0
    private(set) var engines: Set<String> = []
    /// Trades by time, while the job has not ended.
    private(set) var recent = RateWindow()
    var proof: CompletenessProof? {
        didSet { if isComplete { recent.clear() } }
    }
    var counters = LedgerCounters()

    var conflicts: Int {
        get { counters.conflicts }
        set { counters.conflicts = newValue }
    }

    /// Takes a newer record, unless the job was cancelled: a submission that was under way must
    /// not reopen a job whose results were already refused.
    ///
    /// - Returns: whether the record counts.
    mutating func take(_ newer: JobRecord, at: Int64) -> Bool {
        if let record, record.contentHash != newer.contentHash { counters.conflicts += 1 }
        if let record, record.state == .cancelled { return false }
        if record?.batchCount != newer.batchCount { proof = nil }
        record = newer
        recordAt = at
        if newer.state == .cancelled { recent.clear() }
        return true
    }

    mutating func join(_ batch: BatchFacts) -> Ledger.Outcome {
        if let record, batch.index >= record.batchCount {
            counters.strays += 1
            return .stray
        }
        guard published.insert(batch.index) else {
            counters.duplicates += 1
            return .duplicate
        }
        publishedTrades += Int(batch.trades)
        lastPublishedAt = max(lastPublishedAt, batch.queuedAt)
        return .joined
    }

    mutating func join(_ result: ResultFacts) -> Ledger.Outcome {
        if let record, result.index >= record.batchCount {
            counters.strays += 1
            return .stray
        }
        guard !joined.contains(result.index) else {
            counters.duplicates += 1
            return .duplicate
        }
        if let cutoff, result.joinedAt > cutoff {
            counters.late += 1
            return .late
        }
        _ = joined.insert(result.index)
        priced += Int(result.priced)
        failed += Int(result.failed)
        expired += Int(result.expired)
        lastJoinedAt = max(lastJoinedAt, result.joinedAt)
        recent.add(Int(result.trades), at: result.joinedAt)
        if !result.engine.isEmpty { engines.insert(result.engine) }
        return .joined
    }

    mutating func withdraw(_ result: ResultFacts) {
        guard joined.remove(result.index) else { return }
        priced -= Int(result.priced)
        failed -= Int(result.failed)
        expired -= Int(result.expired)
        if let record, result.index >= record.batchCount {
            counters.strays += 1
        } else {
            counters.late += 1
        }
        if let cutoff { lastJoinedAt = min(lastJoinedAt, cutoff) }
        proof = nil
    }

    mutating func withdraw(_ batch: BatchFacts) {
        guard published.remove(batch.index) else { return }
        publishedTrades -= Int(batch.trades)
        counters.strays += 1
        proof = nil
    }

    // MARK: Progress

    /// Results after this time do not count.
    var cutoff: Int64? {
        guard let record else { return nil }
        let deadline = record.deadline > 0 ? record.deadline : Int64.max
        let cancelled = record.state == .cancelled ? recordAt : Int64.max
        let earlier = min(deadline, cancelled)
        return earlier == .max ? nil : earlier
    }

    /// Whether each batch of the record is there with its result.
    var isJoined: Bool {
        guard let record else { return false }
        let count = Int(record.batchCount)
        return published.count == count && joined.count == count
    }

    /// Whether the job is proven complete.
    var isComplete: Bool {
        guard let record, let proof, isJoined, proof.unequalBatch == nil else { return false }
        return proof.trades == Int(record.tradeCount) && proof.hash == record.tradeIdsHash
    }

    /// Why the job is not proven complete; nil when it is.
    var incompletenessReason: String? {
        if isComplete { return nil }
        guard let record else { return "the job's record has not arrived" }
        guard published.count == Int(record.batchCount) else {
            return "\(published.count) of \(record.batchCount) batches are published"
        }
        guard joined.count == Int(record.batchCount) else {
            return "\(joined.count) of \(record.batchCount) batches have results"
        }
        guard let proof else { return "the trade ids are not checked yet" }
        if let batch = proof.unequalBatch {
            return "the result of batch \(batch) does not have as many trades as the batch"
        }
        guard proof.trades == Int(record.tradeCount) else {
            return "the batches have \(proof.trades) trades, the job \(record.tradeCount)"
        }
        return "the trade ids of the batches are not those of the job: their hash differs"
    }

    func phase(at time: Int64) -> JobPhase {
        guard let record else { return .submitting }
        if isComplete { return failed > 0 ? .completeWithErrors : .complete }
        let isPastDeadline = record.deadline > 0 && time > record.deadline
        if record.state == .cancelled, !(isPastDeadline && recordAt > record.deadline) {
            return .cancelled
        }
        if isPastDeadline { return .expired }
        if record.state == .submitting { return .submitting }
        return record.hold == .paused ? .paused : .running
    }

    /// When the job ended; nil while it has not.
    func endedAt(at time: Int64) -> Int64? {
        switch phase(at: time) {
        case .complete, .completeWithErrors: lastJoinedAt
        case .cancelled: recordAt
        case .expired: record?.deadline
        default: nil
        }
    }
}
