public import GridProtocol
public import Ledger

/// Writes the trade indices of jobs from a ledger's file, which another connection may go on
/// writing.
public struct TradeIndexWriter: Sendable {
    private let ledgerPath: String

    /// Makes a writer of the jobs in a ledger's file.
    public init(ledgerPath: String) {
        self.ledgerPath = ledgerPath
    }

    /// Writes the index of a job, whatever its state, and opens it.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - path: the file, whose directory is made when it is not there.
    ///   - time: microseconds since 1970 UTC.
    ///   - waiting: what a job that has not ended waits for, if that is known.
    ///   - progress: told the part that is done, within 0...1, now and then.
    /// - Returns: the index.
    /// - Throws: ``AggregationError`` when there is no such job or the file cannot be written; what
    ///   was there is unchanged then.
    public func write(
        _ job: JobID,
        to path: String,
        at time: Int64,
        waiting: String? = nil,
        progress: (Double) -> Void = { _ in }
    ) throws(AggregationError) -> TradeIndex {
        let reader = try LedgerReader(path: ledgerPath)
        let ledger = try reader.ledger(of: job)
        guard let record = ledger.record(of: job), let standing = ledger.progress(of: job, at: time)
        else { throw AggregationError(code: .unknownJob, reason: "there is no job \(job)") }
        if let slash = path.lastIndex(of: "/") {
            try OutputFile.makeDirectory(String(path[..<slash]))
        }
        let metric = ReportTotals(record, rates: BaseRates(), failuresKept: 0).totalMetric
        var builder = try TradeIndexBuilder(path: path, totalMetric: metric)
        let absence = MissingTradeReason(standing, waiting: waiting)
        var batches = 0
        try reader.forEachBatch(of: job) { (row) throws(AggregationError) in
            let batch = try ReportBatch(row, absence: absence)
            builder.begin(batch)
            try batch.forEachTrade { (header, priced, part) throws(AggregationError) in
                try builder.add(ReportTrade(batch, header, priced, part: part))
            }
            batches += 1
            // Sorting takes about as long as a quarter of reading.
            if batches % 64 == 0 { progress(0.8 * Double(batches) / Double(record.batchCount)) }
        }
        progress(0.8)
        try builder.publish(
            joined: standing.batchesJoined,
            isFinal: standing.isFinal,
            at: time,
            baseCurrency: record.baseCurrency
        )
        return try TradeIndex(path: path)
    }
}
