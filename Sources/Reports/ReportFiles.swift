internal import Ledger

/// The five files of a report that is being written; those that are not published are removed.
struct ReportFiles {
    let results: OutputFile
    let npv: OutputFile
    let errors: OutputFile
    let page: OutputFile
    let summary: OutputFile

    /// Makes the files under temporary names, with the headings of the CSV files.
    ///
    /// `directory` is made when it is not there.
    init(in directory: String, csv: CSVDialect) throws(AggregationError) {
        try OutputFile.makeDirectory(directory)
        results = try OutputFile("results.jsonl", in: directory)
        npv = try OutputFile("npv.csv", in: directory, csv: csv)
        errors = try OutputFile("errors.csv", in: directory, csv: csv)
        page = try OutputFile("report.html", in: directory)
        summary = try OutputFile("summary.json", in: directory)
        npv.text.append(ReportTrade.npvColumns)
        errors.text.append(ReportTrade.errorColumns)
    }

    /// Writes what has gathered in the files that grow with the job.
    func flushIfLarge() throws(AggregationError) {
        for file in [results, npv, errors] { try file.flushIfLarge() }
    }

    /// Writes the rest of all, and then gives each its name, the summary last.
    func publish() throws(AggregationError) {
        let files = [results, npv, errors, page, summary]
        for file in files { try file.close() }
        for file in files { try file.publish() }
    }
}
