internal import GridProtocol

/// A ledger's file: SQLite, with the offsets read of each partition in the same transactions.
///
/// There is one writer; reports read the file through their own connections
/// (``LedgerReader``), so that joining continues meanwhile.
public final class LedgerStore: Sendable {
    /// The file.
    public let path: String
    let connection: SQLiteConnection
    let statements: LedgerStatements
    private let lock: FileLock

    /// Opens a ledger, or makes an empty one.
    ///
    /// `maximumBytes`: a limit for the file; nil for none.
    /// - Throws: ``AggregationError`` when the file is not a valid ledger, is of a newer version,
    ///   or is in use by another process.
    public init(path: String, maximumBytes: Int? = nil) throws(AggregationError) {
        self.path = path
        lock = try FileLock(path: path + ".lock")
        connection = try SQLiteConnection(path: path, readOnly: false)
        try LedgerSchema.prepare(connection)
        if let maximumBytes {
            try connection.setPragma("max_page_count", to: max(1, maximumBytes / 16_384))
        }
        statements = try LedgerStatements(connection)
    }

    /// Runs `body` in one transaction, which is rolled back when it throws.
    func transaction<Value>(
        _ body: () throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value {
        try connection.transaction(body)
    }

    // MARK: Offsets

    /// The next offset to read of each partition that was read.
    public func offsets() throws(AggregationError) -> [SourcePartition: Int64] {
        var offsets: [SourcePartition: Int64] = [:]
        try statements.offsets.query([]) { (row) throws(AggregationError) in
            let partition = SourcePartition(
                topic: row.text(0),
                partition: Int32(clamping: row.integer(1))
            )
            offsets[partition] = row.integer(2)
        }
        return offsets
    }

    func put(next offset: Int64, of partition: SourcePartition) throws(AggregationError) {
        try statements.putOffset.run(
            .text(partition.topic),
            .integer(Int64(partition.partition)),
            .integer(offset)
        )
    }

    // MARK: Records

    func put(job record: [UInt8], at: Int64, of job: JobID) throws(AggregationError) {
        let number = try number(of: job)
        try statements.putJob.run(.blob(record), .integer(at), .integer(number))
    }

    func put(
        _ facts: BatchFacts,
        headers: [UInt8],
        from source: SourceRecord
    ) throws(AggregationError) {
        let key = try key(facts.job, facts.index)
        try statements.putBatchFacts.run(
            .integer(key),
            .integer(Int64(facts.trades)),
            .integer(Int64(bitPattern: facts.digest)),
            .integer(facts.queuedAt),
            .text(source.source.topic),
            .integer(Int64(source.source.partition)),
            .integer(source.offset)
        )
        try statements.putBatchHeaders.run(.integer(key), .blob(headers))
    }

    func put(
        _ facts: ResultFacts,
        record: [UInt8],
        _ result: BatchResult,
        from source: SourceRecord
    ) throws(AggregationError) {
        let key = try key(facts.job, facts.index)
        try statements.putResultFacts.run(
            .integer(key),
            .integer(Int64(facts.priced)),
            .integer(Int64(facts.failed)),
            .integer(Int64(facts.expired)),
            .integer(Int64(bitPattern: facts.digest)),
            .integer(facts.joinedAt),
            .text(facts.engine),
            .integer(result.takenAt),
            .integer(result.pricedAt),
            .integer(Int64(result.attempt)),
            .text(source.source.topic),
            .integer(Int64(source.source.partition)),
            .integer(source.offset)
        )
        try statements.putResultRecord.run(.integer(key), .blob(record))
    }

    func put(rates: String, of snapshot: SnapshotID) throws(AggregationError) {
        try statements.putSnapshot.run(.text(snapshot.rawValue), .text(rates))
    }

    func put(_ proof: CompletenessProof?, of job: JobID) throws(AggregationError) {
        let number = try number(of: job)
        try statements.putProof.run(
            proof.map { .blob($0.hash) } ?? .null,
            proof.map { .integer(Int64($0.trades)) } ?? .null,
            proof?.unequalBatch.map { .integer(Int64($0)) } ?? .null,
            .integer(number)
        )
    }

    func put(_ counters: LedgerCounters, of job: JobID) throws(AggregationError) {
        let number = try number(of: job)
        try statements.putCounters.run(
            .integer(Int64(counters.duplicates)),
            .integer(Int64(counters.conflicts)),
            .integer(Int64(counters.late)),
            .integer(Int64(counters.strays)),
            .integer(number)
        )
    }

    // MARK: Reading back

    /// The digest of the batch that was joined.
    func digest(ofBatch index: UInt32, of job: JobID) throws(AggregationError) -> UInt64? {
        try digest(statements.batchDigest, try key(job, index))
    }

    /// The digest of the result that was joined.
    func digest(ofResult index: UInt32, of job: JobID) throws(AggregationError) -> UInt64? {
        try digest(statements.resultDigest, try key(job, index))
    }

    /// Removes and returns the results past a time or past the last batch.
    func removeResults(
        of job: JobID,
        after cutoff: Int64,
        from end: UInt32
    ) throws(AggregationError) -> [ResultFacts] {
        let keys = LedgerSchema.keys(of: try number(of: job))
        var removed: [ResultFacts] = []
        try statements.resultsPast.query([
            .integer(keys.lowerBound), .integer(keys.upperBound), .integer(cutoff),
            .integer(keys.lowerBound + Int64(end)),
        ]) { (row) throws(AggregationError) in removed.append(row.resultFacts(of: job)) }
        for facts in removed {
            let key = keys.lowerBound + Int64(facts.index)
            try statements.removeResultFacts.run(.integer(key))
            try statements.removeResultRecord.run(.integer(key))
        }
        return removed
    }

    /// Removes and returns the batches past the last.
    func removeBatches(of job: JobID, from end: UInt32) throws(AggregationError) -> [BatchFacts] {
        let keys = LedgerSchema.keys(of: try number(of: job))
        var removed: [BatchFacts] = []
        try statements.batchesFrom.query([
            .integer(keys.lowerBound + Int64(end)), .integer(keys.upperBound),
        ]) { (row) throws(AggregationError) in removed.append(row.batchFacts(of: job)) }
        for facts in removed {
            let key = keys.lowerBound + Int64(facts.index)
            try statements.removeBatchFacts.run(.integer(key))
            try statements.removeBatchHeaders.run(.integer(key))
        }
        return removed
    }

    /// Looks through all batches and results of a job, in order.
    func prove(_ job: JobID) throws(AggregationError) -> CompletenessProof {
        try LedgerRows.prove(try number(of: job), in: connection)
    }

    /// Reads the ledger back.
    public func ledger() throws(AggregationError) -> Ledger {
        try LedgerRows.ledger(in: connection, only: nil)
    }

    // MARK: Private

    private func number(of job: JobID) throws(AggregationError) -> Int64 {
        var number: Int64?
        func look() throws(AggregationError) {
            try statements.jobNumber.query([.text(job.rawValue)]) {
                (row) throws(AggregationError) in number = row.integer(0)
            }
        }
        try look()
        if number == nil {
            try statements.addJob.run(.text(job.rawValue))
            try look()
        }
        guard let number else {
            throw AggregationError(code: .failed, reason: "job \(job) was not stored")
        }
        return number
    }

    private func key(_ job: JobID, _ index: UInt32) throws(AggregationError) -> Int64 {
        LedgerSchema.keys(of: try number(of: job)).lowerBound + Int64(index)
    }

    private func digest(
        _ statement: SQLiteStatement,
        _ key: Int64
    ) throws(AggregationError) -> UInt64? {
        var digest: UInt64?
        try statement.query([.integer(key)]) { (row) throws(AggregationError) in
            digest = UInt64(bitPattern: row.integer(0))
        }
        return digest
    }
}
