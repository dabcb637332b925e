internal import GridProtocol

/// The statements of a ledger's writer, prepared once.
struct LedgerStatements: Sendable {
    let offsets: SQLiteStatement
    let putOffset: SQLiteStatement
    let jobNumber: SQLiteStatement
    let addJob: SQLiteStatement
    let putJob: SQLiteStatement
    let putProof: SQLiteStatement
    let putCounters: SQLiteStatement
    let putBatchFacts: SQLiteStatement
    let putBatchHeaders: SQLiteStatement
    let putResultFacts: SQLiteStatement
    let putResultRecord: SQLiteStatement
    let putSnapshot: SQLiteStatement
    let snapshots: SQLiteStatement
    let losses: SQLiteStatement
    let putLoss: SQLiteStatement
    let removeOldLosses: SQLiteStatement
    let addForgotten: SQLiteStatement
    let removeJob: SQLiteStatement
    let forgotten: SQLiteStatement
    let removeForgotten: SQLiteStatement
    let removeRows: [SQLiteStatement]
    let batchDigest: SQLiteStatement
    let resultDigest: SQLiteStatement
    let resultsPast: SQLiteStatement
    let batchesFrom: SQLiteStatement
    let removeResultFacts: SQLiteStatement
    let removeResultRecord: SQLiteStatement
    let removeBatchFacts: SQLiteStatement
    let removeBatchHeaders: SQLiteStatement

    init(_ connection: SQLiteConnection) throws(AggregationError) {
        offsets = try connection.prepare("SELECT topic, partition, next FROM offsets")
        putOffset = try connection.prepare("INSERT OR REPLACE INTO offsets VALUES (?, ?, ?)")
        jobNumber = try connection.prepare("SELECT number FROM jobs WHERE id = ?")
        // Never the number of a removed job, which may still have rows.
        addJob = try connection.prepare(
            """
            INSERT INTO jobs (number, id) VALUES (1 + max(
                (SELECT coalesce(max(number), 0) FROM jobs),
                (SELECT coalesce(max(number), 0) FROM forgotten)), ?)
            """
        )
        putJob = try connection.prepare(
            "UPDATE jobs SET record = ?, record_at = ? WHERE number = ?"
        )
        putProof = try connection.prepare(
            """
            UPDATE jobs SET proof_hash = ?, proof_trades = ?, unequal_batch = ? WHERE number = ?
            """
        )
        putCounters = try connection.prepare(
            """
            UPDATE jobs SET duplicates = ?, conflicts = ?, late = ?, strays = ? WHERE number = ?
            """
        )
        putBatchFacts = try connection.prepare(
            "INSERT INTO batch_facts VALUES (?, ?, ?, ?, ?, ?, ?)"
        )
        putBatchHeaders = try connection.prepare("INSERT INTO batch_headers VALUES (?, ?)")
        putResultFacts = try connection.prepare(
            "INSERT INTO result_facts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        )
        putResultRecord = try connection.prepare("INSERT INTO result_records VALUES (?, ?)")
        putSnapshot = try connection.prepare("INSERT OR REPLACE INTO snapshots VALUES (?, ?)")
        snapshots = try connection.prepare("SELECT id FROM snapshots ORDER BY id")
        losses = try connection.prepare(
            "SELECT topic, partition, first, next, noticed_at FROM losses ORDER BY number"
        )
        putLoss = try connection.prepare(
            """
            INSERT INTO losses (topic, partition, first, next, noticed_at) VALUES (?, ?, ?, ?, ?)
            """
        )
        removeOldLosses = try connection.prepare(
            "DELETE FROM losses WHERE number <= (SELECT max(number) FROM losses) - ?"
        )
        addForgotten = try connection.prepare(
            "INSERT INTO forgotten SELECT number FROM jobs WHERE id = ?"
        )
        removeJob = try connection.prepare("DELETE FROM jobs WHERE id = ?")
        forgotten = try connection.prepare("SELECT number FROM forgotten ORDER BY number LIMIT 1")
        removeForgotten = try connection.prepare("DELETE FROM forgotten WHERE number = ?")
        removeRows = try Self.removals(connection)
        batchDigest = try connection.prepare("SELECT digest FROM batch_facts WHERE key = ?")
        resultDigest = try connection.prepare("SELECT digest FROM result_facts WHERE key = ?")
        resultsPast = try connection.prepare(
            """
            SELECT key, priced, failed, expired, digest, joined_at, engine FROM result_facts
            WHERE key BETWEEN ? AND ? AND (joined_at > ? OR key >= ?)
            """
        )
        batchesFrom = try connection.prepare(
            "SELECT key, trades, digest, queued_at FROM batch_facts WHERE key BETWEEN ? AND ?"
        )
        removeResultFacts = try connection.prepare("DELETE FROM result_facts WHERE key = ?")
        removeResultRecord = try connection.prepare("DELETE FROM result_records WHERE key = ?")
        removeBatchFacts = try connection.prepare("DELETE FROM batch_facts WHERE key = ?")
        removeBatchHeaders = try connection.prepare("DELETE FROM batch_headers WHERE key = ?")
    }
}

extension LedgerStatements {
    /// Statements that remove some rows between two keys, one for each table that has keys.
    private static func removals(
        _ connection: SQLiteConnection
    ) throws(AggregationError) -> [SQLiteStatement] {
        [
            try connection.prepare(
                """
                DELETE FROM batch_facts WHERE key IN (
                    SELECT key FROM batch_facts WHERE key BETWEEN ? AND ? LIMIT ?)
                """
            ),
            try connection.prepare(
                """
                DELETE FROM batch_headers WHERE key IN (
                    SELECT key FROM batch_headers WHERE key BETWEEN ? AND ? LIMIT ?)
                """
            ),
            try connection.prepare(
                """
                DELETE FROM result_facts WHERE key IN (
                    SELECT key FROM result_facts WHERE key BETWEEN ? AND ? LIMIT ?)
                """
            ),
            try connection.prepare(
                """
                DELETE FROM result_records WHERE key IN (
                    SELECT key FROM result_records WHERE key BETWEEN ? AND ? LIMIT ?)
                """
            ),
        ]
    }
}

extension SQLiteStatement {
    /// The result in a row of key, counts, digest, time and engine.
    func resultFacts(of job: JobID) -> ResultFacts {
        ResultFacts(
            job: job,
            index: UInt32(integer(0) & 0xFF_FFFF),
            priced: UInt32(truncatingIfNeeded: integer(1)),
            failed: UInt32(truncatingIfNeeded: integer(2)),
            expired: UInt32(truncatingIfNeeded: integer(3)),
            digest: UInt64(bitPattern: integer(4)),
            joinedAt: integer(5),
            engine: text(6)
        )
    }

    /// The batch in a row of key, trades, digest and time of queueing.
    func batchFacts(of job: JobID) -> BatchFacts {
        BatchFacts(
            job: job,
            index: UInt32(integer(0) & 0xFF_FFFF),
            trades: UInt32(truncatingIfNeeded: integer(1)),
            digest: UInt64(bitPattern: integer(2)),
            queuedAt: integer(3)
        )
    }
}
