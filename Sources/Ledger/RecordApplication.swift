internal import GridProtocol

/// One list of records being applied to the ledger: what it changes is kept when the store's
/// transaction commits.
struct RecordApplication {
    let store: LedgerStore
    let topics: Topics
    private(set) var transaction: LedgerTransaction
    private(set) var next: [SourcePartition: Int64]
    /// The market snapshots that were stored.
    private(set) var snapshots: [String] = []
    private var applied = AppliedRecords()
    private var touched: [JobID: LedgerCounters] = [:]

    init(
        store: LedgerStore,
        topics: Topics,
        ledger: Ledger,
        next: [SourcePartition: Int64]
    ) {
        self.store = store
        self.topics = topics
        transaction = LedgerTransaction(ledger)
        self.next = next
    }

    mutating func apply(_ records: [SourceRecord]) throws(AggregationError) -> AppliedRecords {
        var moved: [SourcePartition: Int64] = [:]
        for record in records {
            guard record.offset >= next[record.source, default: 0] else {
                applied.skipped += 1
                continue
            }
            next[record.source] = record.offset + 1
            moved[record.source] = record.offset + 1
            guard let value = record.value else {
                applied.skipped += 1
                continue
            }
            try apply(record, value)
        }
        for (source, offset) in moved { try store.put(next: offset, of: source) }
        for (job, before) in touched {
            if transaction.needsProof(job) {
                let proof = try store.prove(job)
                transaction.apply(proof: proof, of: job)
                try store.put(proof, of: job)
                if transaction.entry(of: job)?.isComplete == true { applied.completed.append(job) }
            }
            let counters = transaction.counters(of: job)
            if counters != before { try store.put(counters, of: job) }
        }
        applied.completed.sort()
        return applied
    }

    // MARK: One record

    private mutating func apply(
        _ record: SourceRecord,
        _ value: [UInt8]
    ) throws(AggregationError) {
        if let schema = record.schema, let expected = schemaName(of: record.source.topic),
            schema != expected
        {
            return refuse(
                record,
                RecordProblem(cause: "undecodable", message: "the record is not a \(expected)")
            )
        }
        switch record.source.topic {
        case topics.jobs: try applyJob(record, value)
        case topics.batches, topics.intradayBatches: try applyBatch(record, value)
        case topics.results: try applyResult(record, value)
        case topics.market: try applySnapshot(record, value)
        default:
            refuse(
                record,
                RecordProblem(
                    cause: "unknown_topic",
                    message: "the aggregator does not read this topic"
                )
            )
        }
    }

    private mutating func applyJob(
        _ source: SourceRecord,
        _ value: [UInt8]
    ) throws(AggregationError) {
        let record: JobRecord
        do {
            record = try JobRecord.decode(value)
        } catch {
            return refuse(source, RecordProblem(cause: "undecodable", message: "\(error)"))
        }
        guard let job = JobID(rawValue: record.jobID), record.batchCount <= BatchSet.limit,
            RecordTime.isSound(record.submittedAt), RecordTime.isSound(record.deadline)
        else {
            return refuse(
                source,
                RecordProblem(
                    cause: "inconsistent",
                    message: "the job's id or number of batches is missing, or a timestamp is"
                        + " missing or out of range",
                    jobID: record.jobID
                )
            )
        }
        touch(job)
        let cutoff = transaction.entry(of: job)?.cutoff
        let end = transaction.entry(of: job)?.record?.batchCount
        let at = source.timestamp >= 0 ? source.timestamp : record.submittedAt
        guard transaction.apply(job: record, of: job, at: at) else {
            applied.ignored += 1
            return
        }
        try store.put(job: value, at: at, of: job)
        if transaction.entry(of: job)?.proof == nil { try store.put(nil, of: job) }
        applied.jobs += 1
        let newCutoff = transaction.entry(of: job)?.cutoff
        guard newCutoff != cutoff || end != record.batchCount else { return }
        let late = newCutoff ?? .max
        for facts in try store.removeResults(of: job, after: late, from: record.batchCount) {
            transaction.withdraw(facts)
            try store.put(nil, of: job)
        }
        for facts in try store.removeBatches(of: job, from: record.batchCount) {
            transaction.withdraw(facts)
        }
    }

    private mutating func applyBatch(
        _ source: SourceRecord,
        _ value: [UInt8]
    ) throws(AggregationError) {
        let facts: BatchFacts
        let headers: [UInt8]
        do {
            (facts, headers) = try Batch.decode(value).facts()
        } catch {
            return refuse(source, problem(error))
        }
        touch(facts.job)
        switch transaction.apply(batch: facts) {
        case .joined:
            try store.put(facts, headers: headers, from: source)
            applied.batches += 1
        case .stray:
            refuseStray(source, facts.job, facts.index)
        case .duplicate, .late:
            applied.ignored += 1
            let first = try store.digest(ofBatch: facts.index, of: facts.job)
            if first != facts.digest { transaction.noteConflict(in: facts.job) }
        }
    }

    private mutating func applyResult(
        _ source: SourceRecord,
        _ value: [UInt8]
    ) throws(AggregationError) {
        let facts: ResultFacts
        let result: BatchResult
        do {
            result = try BatchResult.decode(value)
            let joinedAt = source.timestamp >= 0 ? source.timestamp : result.pricedAt
            facts = try result.facts(joinedAt: joinedAt)
        } catch {
            return refuse(source, problem(error))
        }
        touch(facts.job)
        switch transaction.apply(result: facts) {
        case .joined:
            try store.put(facts, record: value, result, from: source)
            applied.results += 1
            applied.trades += Int(facts.trades)
        case .stray:
            refuseStray(source, facts.job, facts.index)
        case .late:
            applied.ignored += 1
        case .duplicate:
            applied.ignored += 1
            let first = try store.digest(ofResult: facts.index, of: facts.job)
            if first != facts.digest { transaction.noteConflict(in: facts.job) }
        }
    }

    private mutating func applySnapshot(
        _ source: SourceRecord,
        _ value: [UInt8]
    ) throws(AggregationError) {
        do {
            let snapshot = try MarketSnapshotRecord.decode(value).marketSnapshot()
            let id = SnapshotID(canonicalBytes: value)
            try store.put(rates: BaseRates(of: snapshot).text, of: id)
            snapshots.append(id.rawValue)
        } catch let error as AggregationError {
            throw error
        } catch {
            refuse(source, problem(error))
        }
    }

    // MARK: Private

    private func schemaName(of topic: String) -> String? {
        switch topic {
        case topics.jobs: JobRecord.schemaName
        case topics.batches, topics.intradayBatches: Batch.schemaName
        case topics.results: BatchResult.schemaName
        case topics.market: MarketSnapshotRecord.schemaName
        default: nil
        }
    }

    private mutating func touch(_ job: JobID) {
        if touched[job] == nil { touched[job] = transaction.counters(of: job) }
    }

    private func problem(_ error: any Error) -> RecordProblem {
        (error as? RecordProblem) ?? RecordProblem(cause: "undecodable", message: "\(error)")
    }

    private mutating func refuseStray(_ source: SourceRecord, _ job: JobID, _ index: UInt32) {
        refuse(
            source,
            RecordProblem(
                cause: "unknown_batch",
                message: "the job has no batch \(index)",
                jobID: job.rawValue,
                batchIndex: index
            )
        )
    }

    private mutating func refuse(_ source: SourceRecord, _ problem: RecordProblem) {
        applied.refused.append(
            RefusedRecord(
                record: source,
                cause: problem.cause,
                message: problem.message,
                jobID: problem.jobID,
                batchIndex: problem.batchIndex
            )
        )
    }
}
