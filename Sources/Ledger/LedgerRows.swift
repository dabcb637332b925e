internal import GridProtocol

/// Reads ledgers from a file, through any connection.
enum LedgerRows {
    /// Reads the ledger of one job, or of all.
    static func ledger(
        in connection: SQLiteConnection,
        only job: JobID?
    ) throws(AggregationError) -> Ledger {
        var ledger = Ledger()
        var jobs: [(JobID, Int64)] = []
        try connection.prepare(
            """
            SELECT number, id, record, record_at, proof_hash, proof_trades, unequal_batch,
                duplicates, conflicts, late, strays
            FROM jobs WHERE ?1 IS NULL OR id = ?1 ORDER BY number
            """
        ).query([job.map { .text($0.rawValue) } ?? .null]) { (row) throws(AggregationError) in
            guard let job = JobID(rawValue: row.text(1)) else { throw .corrupt("a job's id") }
            jobs.append((job, row.integer(0)))
            if !row.isNull(2) {
                guard let record = try? JobRecord.decode(row.blob(2)) else {
                    throw .corrupt("the record of job \(job)")
                }
                ledger.apply(job: record, of: job, at: row.integer(3))
            }
        }
        for (job, number) in jobs { try read(job, number, into: &ledger, connection) }
        return ledger
    }

    private static func read(
        _ job: JobID,
        _ number: Int64,
        into ledger: inout Ledger,
        _ connection: SQLiteConnection
    ) throws(AggregationError) {
        let keys = LedgerSchema.keys(of: number)
        let range: [SQLiteValue] = [.integer(keys.lowerBound), .integer(keys.upperBound)]
        try connection.prepare(
            "SELECT key, trades, digest FROM batch_facts WHERE key BETWEEN ? AND ?"
        ).query(range) { (row) throws(AggregationError) in
            _ = ledger.apply(batch: row.batchFacts(of: job))
        }
        try connection.prepare(
            """
            SELECT key, priced, failed, expired, digest, joined_at, engine FROM result_facts
            WHERE key BETWEEN ? AND ?
            """
        ).query(range) { (row) throws(AggregationError) in
            _ = ledger.apply(result: row.resultFacts(of: job))
        }
        try connection.prepare(
            """
            SELECT proof_hash, proof_trades, unequal_batch, duplicates, conflicts, late, strays
            FROM jobs WHERE number = ?
            """
        ).query([.integer(number)]) { (row) throws(AggregationError) in
            if !row.isNull(0) {
                ledger.apply(
                    proof: CompletenessProof(
                        trades: Int(row.integer(1)),
                        hash: row.blob(0),
                        unequalBatch: row.isNull(2)
                            ? nil : UInt32(truncatingIfNeeded: row.integer(2))
                    ),
                    of: job
                )
            }
            ledger.restore(
                LedgerCounters(
                    duplicates: Int(row.integer(3)),
                    conflicts: Int(row.integer(4)),
                    late: Int(row.integer(5)),
                    strays: Int(row.integer(6))
                ),
                of: job
            )
        }
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
