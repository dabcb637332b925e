internal import GridProtocol

extension LedgerStore {
    /// Removes a job; ``sweep(rows:)`` removes its batches and results.
    func forget(_ job: JobID) throws(AggregationError) {
        try statements.addForgotten.run(.text(job.rawValue))
        try statements.removeJob.run(.text(job.rawValue))
    }

    /// Removes some of the batches and results of removed jobs.
    ///
    /// - Parameter rows: the most rows to remove from each table.
    /// - Returns: whether nothing is left to remove.
    /// - Throws: ``AggregationError`` when the file cannot be written.
    func sweep(rows: Int) throws(AggregationError) -> Bool {
        guard let number = try nextForgotten() else { return true }
        let keys = LedgerSchema.keys(of: number)
        var removed = 0
        for statement in statements.removeRows {
            try statement.run(
                .integer(keys.lowerBound),
                .integer(keys.upperBound),
                .integer(Int64(rows))
            )
            removed = max(removed, connection.changes)
        }
        guard removed < rows else { return false }
        try statements.removeForgotten.run(.integer(number))
        return try nextForgotten() == nil
    }

    private func nextForgotten() throws(AggregationError) -> Int64? {
        var number: Int64?
        try statements.forgotten.query([]) { (row) throws(AggregationError) in
            number = row.integer(0)
        }
        return number
    }
}
