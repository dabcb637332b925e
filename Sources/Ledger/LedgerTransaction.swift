internal import GridProtocol

/// Changes to a ledger that are kept or dropped together.
///
/// It copies a job when it first changes it; nothing is seen by others before ``commit()``.
struct LedgerTransaction: Sendable {
    private var ledger: Ledger
    private var touched: [JobID: JobEntry] = [:]

    /// Begins changes to a ledger.
    init(_ ledger: Ledger) {
        self.ledger = ledger
    }

    /// Returns the ledger with the changes.
    consuming func commit() -> Ledger {
        for (job, entry) in touched.sorted(by: { $0.key < $1.key }) {
            ledger.set(entry, of: job)
        }
        return ledger
    }

    /// What is known of a job, with the changes so far; nil when nothing is.
    func entry(of job: JobID) -> JobEntry? {
        touched[job] ?? ledger.entry(of: job)
    }

    /// Whether all batches and results of a job are there and the proof was not made yet.
    func needsProof(_ job: JobID) -> Bool {
        guard let entry = entry(of: job) else { return false }
        return entry.isJoined && entry.proof == nil
    }

    /// Counts of what did not count in a job.
    func counters(of job: JobID) -> LedgerCounters {
        entry(of: job)?.counters ?? LedgerCounters()
    }

    /// Takes the newest record of a job.
    ///
    /// The caller must remove results that were joined before and lie past the job's cutoff or its
    /// last batch, with ``withdraw(_:)``, unless the record changes neither.
    ///
    /// `at`: when the record entered its topic, microseconds since 1970 UTC.
    ///
    /// - Returns: whether the record counts; after a cancellation none does.
    @discardableResult
    mutating func apply(job record: JobRecord, of job: JobID, at: Int64) -> Bool {
        change(job) { $0.take(record, at: at) }
    }

    /// Takes a batch.
    mutating func apply(batch: BatchFacts) -> Ledger.Outcome {
        guard batch.index < BatchSet.limit else { return .stray }
        return change(batch.job) { $0.join(batch) }
    }

    /// Takes a result, which may come before its batch and before its job's record.
    mutating func apply(result: ResultFacts) -> Ledger.Outcome {
        guard result.index < BatchSet.limit else { return .stray }
        return change(result.job) { $0.join(result) }
    }

    /// Removes a joined result.
    mutating func withdraw(_ result: ResultFacts) {
        change(result.job) { $0.withdraw(result) }
    }

    /// Removes a batch.
    mutating func withdraw(_ batch: BatchFacts) {
        change(batch.job) { $0.withdraw(batch) }
    }

    /// Notes that a duplicate differs from the first.
    mutating func noteConflict(in job: JobID) {
        change(job) { $0.conflicts += 1 }
    }

    /// Takes what was found in the batches and results of a job.
    mutating func apply(proof: CompletenessProof, of job: JobID) {
        change(job) { $0.proof = proof }
    }

    /// Sets the counts of what did not count, when a ledger is read back.
    mutating func restore(_ counters: LedgerCounters, of job: JobID) {
        change(job) { $0.counters = counters }
    }

    private mutating func change<Value>(
        _ job: JobID,
        _ body: (inout JobEntry) -> Value
    ) -> Value {
        if touched[job] == nil { touched[job] = ledger.entry(of: job) ?? JobEntry() }
        return body(&touched[job, default: JobEntry()])
    }
}
