public import GridProtocol

/// Where a record lies in Kafka.
public struct RecordPlace: Hashable, Sendable {
    /// The topic, prefix included.
    public var topic: String
    /// The partition, from 0.
    public var partition: Int32
    /// The offset.
    public var offset: Int64
}

/// What the ledger has of one batch and its result, without their trades.
///
/// Times are microseconds since 1970 UTC; what an older version did not keep is nil.
public struct BatchRow: Hashable, Sendable {
    /// The result of a batch.
    public struct Result: Hashable, Sendable {
        /// Trades with a value.
        public var priced: Int
        /// Trades with an error.
        public var failed: Int
        /// Trades that had matured.
        public var expired: Int
        /// The engine that published it.
        public var engine: String
        /// Which attempt at the batch it was, from 1.
        public var attempt: Int?
        /// When the engine took the batch.
        public var takenAt: Int64?
        /// When it was priced.
        public var pricedAt: Int64?
        /// When the result entered its topic.
        public var joinedAt: Int64
        /// The result's record.
        public var place: RecordPlace?

        /// Trades of the result.
        public var trades: Int { priced + failed + expired }
    }

    /// The batch's position in its job, from 0.
    public var index: Int
    /// Trades of the batch; nil when it was not read.
    public var trades: Int?
    /// When it was queued.
    public var queuedAt: Int64?
    /// The batch's record.
    public var place: RecordPlace?
    /// Its result; nil when it has none.
    public var result: Result?
}

extension LedgerReader {
    /// Returns batches of a job, in O(`most`), without decoding a record.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - range: their positions in the job.
    /// - Returns: those of them that were read or have a result, ascending.
    /// - Throws: ``AggregationError`` when the file cannot be read.
    public func batches(
        of job: JobID,
        in range: Range<Int>
    ) throws(AggregationError) -> [BatchRow] {
        guard let first = try number(of: job).map({ LedgerSchema.keys(of: $0).lowerBound }),
            let range = Self.sound(range)
        else { return [] }
        let keys: [SQLiteValue] = [
            .integer(first + range.lowerBound), .integer(first + range.upperBound),
        ]
        var rows: [Int: BatchRow] = [:]
        try connection.prepare(
            """
            SELECT key, trades, queued_at, topic, source_partition, source_offset
            FROM batch_facts WHERE key BETWEEN ? AND ?
            """
        ).query(keys) { (row) throws(AggregationError) in
            let index = Int(row.integer(0) & 0xFF_FFFF)
            rows[index] = BatchRow(
                index: index,
                trades: Int(row.integer(1)),
                queuedAt: row.time(2),
                place: row.place(3)
            )
        }
        try connection.prepare(
            """
            SELECT key, priced, failed, expired, engine, attempt, taken_at, priced_at, joined_at,
                topic, source_partition, source_offset
            FROM result_facts WHERE key BETWEEN ? AND ?
            """
        ).query(keys) { (row) throws(AggregationError) in
            let index = Int(row.integer(0) & 0xFF_FFFF)
            rows[index, default: BatchRow(index: index)].result = BatchRow.Result(
                priced: Int(row.integer(1)),
                failed: Int(row.integer(2)),
                expired: Int(row.integer(3)),
                engine: row.text(4),
                attempt: row.isNull(5) ? nil : Int(row.integer(5)),
                takenAt: row.time(6),
                pricedAt: row.time(7),
                joinedAt: row.integer(8),
                place: row.place(9)
            )
        }
        return rows.values.sorted { $0.index < $1.index }
    }

    /// The first and the last of the positions that a job can have; nil when there is none.
    private static func sound(_ range: Range<Int>) -> ClosedRange<Int64>? {
        let last = min(range.upperBound, Int(BatchSet.limit)) - 1
        let first = max(0, range.lowerBound)
        return first <= last ? Int64(first)...Int64(last) : nil
    }
}

extension SQLiteStatement {
    /// A time in a column; nil when it is not known.
    fileprivate func time(_ column: Int32) -> Int64? {
        isNull(column) || integer(column) == 0 ? nil : integer(column)
    }

    /// Where a record lies, in three columns; nil when it is not known.
    fileprivate func place(_ column: Int32) -> RecordPlace? {
        guard !isNull(column) else { return nil }
        return RecordPlace(
            topic: text(column),
            partition: Int32(clamping: integer(column + 1)),
            offset: integer(column + 2)
        )
    }
}
