internal import Finance
public import GridAPI
public import GridProtocol
public import Ledger

/// Writes the report of a job from a ledger's file, which another connection may go on writing.
public struct ReportWriter: Sendable {
    /// The files of a report, in the order in which they appear; the summary is last.
    public static let fileNames = [
        "results.jsonl", "npv.csv", "errors.csv", "report.html", "summary.json",
    ]

    /// The most trades that the page's table holds whole; of larger jobs it holds the failed trades
    /// and the largest by value.
    public var tableRows = 100_000
    /// The most failed trades in the summary.
    public var failuresInSummary = 20
    /// How npv.csv and errors.csv are written.
    public var csv = CSVDialect()
    private let ledgerPath: String

    /// Makes a writer of the jobs in a ledger's file.
    public init(ledgerPath: String) {
        self.ledgerPath = ledgerPath
    }

    /// Writes the five files of a job's report, whatever its state, and returns its summary.
    ///
    /// Each file is written under another name and renamed when all are whole. The same records
    /// give the same bytes.
    ///
    /// `directory` is made when it is not there; `time`, microseconds since 1970 UTC, decides whether
    /// the deadline has passed; `waiting` is what a job that has not ended waits for, if that is known.
    ///
    /// - Throws: ``AggregationError`` when there is no such job, or a file cannot be written.
    @discardableResult
    public func write(
        _ job: JobID,
        to directory: String,
        at time: Int64 = WireClock.now(),
        waiting: String? = nil
    ) throws(AggregationError) -> ReportSummary {
        try report(on: job, to: directory, at: time, waiting: waiting)
    }

    /// Returns the summary of a job's report, and writes nothing.
    ///
    /// `time` and `waiting` are those of ``write(_:to:at:waiting:)``.
    ///
    /// - Throws: ``AggregationError`` when there is no such job.
    public func summary(
        of job: JobID,
        at time: Int64 = WireClock.now(),
        waiting: String? = nil
    ) throws(AggregationError) -> ReportSummary {
        try report(on: job, to: nil, at: time, waiting: waiting)
    }

    private func report(
        on job: JobID,
        to directory: String?,
        at time: Int64,
        waiting: String?
    ) throws(AggregationError) -> ReportSummary {
        let reader = try LedgerReader(path: ledgerPath)
        let ledger = try reader.ledger(of: job)
        guard let record = ledger.record(of: job),
            let progress = ledger.progress(of: job, at: time)
        else {
            throw AggregationError(code: .unknownJob, reason: "there is no job \(job)")
        }
        let files = try directory.map { (directory) throws(AggregationError) in
            try ReportFiles(in: directory, csv: csv)
        }
        var rows = TableRows(limit: tableRows, isWhole: record.tradeCount <= tableRows)
        var account = ReportTotals(
            record,
            rates: try reader.rates(of: record.snapshotID),
            failuresKept: failuresInSummary
        )
        let absence = MissingTradeReason(progress, waiting: waiting)
        var maturities = MaturityColumns(
            valuationDate: CalendarDate(daysSince1970: record.valuationDay)
        )
        var expected: UInt32 = 0
        try reader.forEachBatch(of: job) { (row) throws(AggregationError) in
            Self.noteGap(expected..<row.index, absence, &account, files?.errors)
            expected = row.index + 1
            let batch = try ReportBatch(row, absence: absence)
            account.begin(batch)
            try batch.forEachTrade { (header, priced, part) throws(AggregationError) in
                let trade = ReportTrade(batch, header, priced, part: part)
                account.add(trade)
                guard let files else { return }
                trade.appendResult(to: &files.results.text)
                trade.appendNPV(
                    to: &files.npv.text,
                    maturities: &maturities,
                    baseCurrency: record.baseCurrency,
                    baseRate: account.baseRate(of: trade.currency)
                )
                trade.appendError(to: &files.errors.text)
                rows.add(trade, metric: account.totalMetric)
            }
            try files?.flushIfLarge()
        }
        Self.noteGap(
            expected..<max(expected, record.batchCount),
            absence,
            &account,
            files?.errors
        )
        let summary = account.summary(progress)
        guard let files else { return summary }
        ReportPage(summary, rows: rows.finish()).append(to: &files.page.text)
        files.summary.text.bytes = summary.json
        try files.publish()
        return summary
    }

    /// Reads the summary of a report.
    ///
    /// - Throws: ``AggregationError`` when there is none in the directory.
    package static func readSummary(in directory: String) throws(AggregationError) -> ReportSummary
    {
        try ReportSummary(json: MappedFile(path: "\(directory)/summary.json").contents())
    }

    /// Removes a report's directory with its five files; false when something else is in it.
    package static func remove(_ directory: String) -> Bool {
        for name in OutputFile.names(in: directory) {
            // A writer that was killed leaves files under their temporary names.
            let isOurs = fileNames.contains { name == $0 || name.hasPrefix(".\($0).") }
            if isOurs { OutputFile.remove("\(directory)/\(name)") }
        }
        return OutputFile.removeDirectory(directory)
    }

    // MARK: Private

    /// Notes batches that are not in the ledger; nobody can name their trades.
    private static func noteGap(
        _ gap: Range<UInt32>,
        _ absence: MissingTradeReason,
        _ account: inout ReportTotals,
        _ errors: OutputFile?
    ) {
        let failure = absence.unpublished
        for batch in gap.prefix(1_000) {
            account.addUnpublished(failure, batch: batch)
            guard let errors else { continue }
            errors.text.append(",,,,missing,missing,,")
            errors.text.append(csv: failure.message)
            errors.text.append(",")
            errors.text.append(batch)
            errors.text.append(",,\n")
        }
    }
}
