internal import GridProtocol

/// Reads ledgers from a file, through any connection.
enum LedgerRows {
    /// Reads the ledger of one job, or of all: each table once, in the order of its keys.
    static func ledger(
        in connection: SQLiteConnection,
        only job: JobID?
    ) throws(AggregationError) -> Ledger {
        var transaction = LedgerTransaction(Ledger())
        var ids: [Int64: JobID] = [:]
        var kept: [(job: JobID, proof: CompletenessProof?, counters: LedgerCounters)] = []
        try connection.prepare(
            """
            SELECT number, id, record, record_at, proof_hash, proof_trades, unequal_batch,
                duplicates, conflicts, late, strays
            FROM jobs WHERE ?1 IS NULL OR id = ?1 ORDER BY number
            """
        ).query([job.map { .text($0.rawValue) } ?? .null]) { (row) throws(AggregationError) in
            guard let job = JobID(rawValue: row.text(1)) else { throw .corrupt("a job's id") }
            ids[row.integer(0)] = job
            kept.append((job, row.proof, row.counters))
            guard !row.isNull(2) else { return }
            guard let record = try? JobRecord.decode(row.blob(2)) else {
                throw .corrupt("the record of job \(job)")
            }
            transaction.apply(job: record, of: job, at: row.integer(3))
        }
        var keys = Int64.min...Int64.max
        if job != nil {
            guard let number = ids.keys.first else { return Ledger() }
            keys = LedgerSchema.keys(of: number)
        }
        let range: [SQLiteValue] = [.integer(keys.lowerBound), .integer(keys.upperBound)]
        try connection.prepare(
            "SELECT key, trades, digest, queued_at FROM batch_facts WHERE key BETWEEN ? AND ?"
        ).query(range) { (row) throws(AggregationError) in
            // Rows of removed jobs may still be there.
            guard let job = ids[row.integer(0) >> 24] else { return }
            _ = transaction.apply(batch: row.batchFacts(of: job))
        }
        try connection.prepare(
            """
            SELECT key, priced, failed, expired, digest, joined_at, engine FROM result_facts
            WHERE key BETWEEN ? AND ?
            """
        ).query(range) { (row) throws(AggregationError) in
            guard let job = ids[row.integer(0) >> 24] else { return }
            _ = transaction.apply(result: row.resultFacts(of: job))
        }
        for (job, proof, counters) in kept {
            if let proof { transaction.apply(proof: proof, of: job) }
            transaction.restore(counters, of: job)
        }
        return transaction.commit()
    }

    /// Looks through all batches and results of a job, in order.
    static func prove(
        _ number: Int64,
        in connection: SQLiteConnection
    ) throws(AggregationError) -> CompletenessProof {
        let keys = LedgerSchema.keys(of: number)
        let range: [SQLiteValue] = [.integer(keys.lowerBound), .integer(keys.upperBound)]
        let hash = SHA256()
        var trades = 0
        try connection.prepare(
            "SELECT headers FROM batch_headers WHERE key BETWEEN ? AND ? ORDER BY key"
        ).query(range) { (row) throws(AggregationError) in
            guard let batch = try? Batch.decode(row.blob(0)) else { throw .corrupt("a batch") }
            trades += batch.headers.count
            for header in batch.headers {
                hash.update(header.tradeID)
                hash.update("\n")
            }
        }
        var unequal: UInt32?
        try connection.prepare(
            """
            SELECT b.key FROM batch_facts b JOIN result_facts r ON r.key = b.key
            WHERE b.key BETWEEN ? AND ? AND b.trades <> r.priced + r.failed + r.expired
            ORDER BY b.key LIMIT 1
            """
        ).query(range) { (row) throws(AggregationError) in
            unequal = UInt32(row.integer(0) & 0xFF_FFFF)
        }
        return CompletenessProof(trades: trades, hash: hash.digest(), unequalBatch: unequal)
    }
}

extension SQLiteStatement {
    /// The proof in columns 4...6 of a job; nil when it has none.
    fileprivate var proof: CompletenessProof? {
        guard !isNull(4) else { return nil }
        return CompletenessProof(
            trades: Int(integer(5)),
            hash: blob(4),
            unequalBatch: isNull(6) ? nil : UInt32(truncatingIfNeeded: integer(6))
        )
    }

    /// The counts in columns 7...10 of a job.
    fileprivate var counters: LedgerCounters {
        LedgerCounters(
            duplicates: Int(integer(7)),
            conflicts: Int(integer(8)),
            late: Int(integer(9)),
            strays: Int(integer(10))
        )
    }
}
