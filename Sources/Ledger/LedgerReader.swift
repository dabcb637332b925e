package import GridProtocol

/// A view of a ledger's file as it is at one moment, through a connection of its own.
public final class LedgerReader {
    /// A batch with its result, as they were received.
    package struct Row {
        package var index: UInt32
        package var batch: [UInt8]
        package var result: [UInt8]?
        package var joinedAt: Int64
    }

    let connection: SQLiteConnection

    /// Opens a ledger's file; what is written from now on is not seen.
    public init(path: String) throws(AggregationError) {
        connection = try SQLiteConnection(path: path, readOnly: true)
        try LedgerSchema.check(connection)
        try connection.execute("BEGIN")
    }

    /// The number of a job in the file; nil when there is no such job.
    func number(of job: JobID) throws(AggregationError) -> Int64? {
        var number: Int64?
        try connection.prepare("SELECT number FROM jobs WHERE id = ?")
            .query([.text(job.rawValue)]) { (row) throws(AggregationError) in
                number = row.integer(0)
            }
        return number
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
    ///
    /// `range`: the positions of the batches in the job; nil for all.
    package func forEachBatch(
        of job: JobID,
        in range: ClosedRange<UInt32>? = nil,
        _ body: (Row) throws(AggregationError) -> Void
    ) throws(AggregationError) {
        guard let number = try number(of: job) else { return }
        var keys = LedgerSchema.keys(of: number)
        if let range {
            let first = keys.lowerBound
            keys = first + Int64(range.lowerBound)...first + Int64(range.upperBound)
        }
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
