package import GridProtocol

/// A view of a ledger's file as it is at one moment, through a connection of its own.
package final class LedgerReader {
    /// A batch with its result, as they were received.
    package struct Row {
        package var index: UInt32
        package var batch: [UInt8]
        package var result: [UInt8]?
        package var joinedAt: Int64
    }

    private let connection: SQLiteConnection

    /// Opens a ledger's file; what is written from now on is not seen.
    package init(path: String) throws(AggregationError) {
        connection = try SQLiteConnection(path: path, readOnly: true)
        try LedgerSchema.check(connection)
        try connection.execute("BEGIN")
    }

    /// The ledger with this job only.
    package func ledger(of job: JobID) throws(AggregationError) -> Ledger {
        try LedgerRows.ledger(in: connection, only: job)
    }

    /// The exchange rates of a snapshot; none when the snapshot was not read.
    package func rates(of snapshot: String) throws(AggregationError) -> BaseRates {
        var rates = BaseRates()
        try connection.prepare("SELECT rates FROM snapshots WHERE id = ?")
            .query([.text(snapshot)]) { (row) throws(AggregationError) in
                rates = BaseRates(text: row.text(0))
            }
        return rates
    }

    /// Calls `body` with each batch that was published, in order.
    package func forEachBatch(
        of job: JobID,
        _ body: (Row) throws(AggregationError) -> Void
    ) throws(AggregationError) {
        var number: Int64 = -1
        try connection.prepare("SELECT number FROM jobs WHERE id = ?")
            .query([.text(job.rawValue)]) { (row) throws(AggregationError) in
                number = row.integer(0)
            }
        guard number >= 0 else { return }
        let keys = LedgerSchema.keys(of: number)
        try connection.prepare(
            """
            SELECT b.key, b.headers, r.record, f.joined_at FROM batch_headers b
            LEFT JOIN result_records r ON r.key = b.key
            LEFT JOIN result_facts f ON f.key = b.key
            WHERE b.key BETWEEN ? AND ? ORDER BY b.key
            """
        ).query([.integer(keys.lowerBound), .integer(keys.upperBound)]) {
            (row) throws(AggregationError) in
            try body(
                Row(
                    index: UInt32(row.integer(0) & 0xFF_FFFF),
                    batch: row.blob(1),
                    result: row.isNull(2) ? nil : row.blob(2),
                    joinedAt: row.integer(3)
                )
            )
        }
    }
}
