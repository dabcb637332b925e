public import Operations

/// Options of commands that write a report's files.
public enum ReportOptions {
    /// Where the files go, and how the CSV files are written.
    public static let all: [Option] = [
        Option(
            name: "output",
            placeholder: "DIR",
            help: "where summary.json, results.jsonl, npv.csv, errors.csv and report.html go"
        ),
        Option(
            name: "csv-separator",
            placeholder: "TEXT",
            help: "what stands between the fields of npv.csv and errors.csv",
            default: ",",
            kind: .choice([",", ";", "tab"])
        ),
        Option(
            name: "csv-bom",
            help: "begin npv.csv and errors.csv with a byte order mark, by which Excel knows UTF-8",
            kind: .flag
        ),
    ]
}

extension Program {
    /// The directory of `--output`, made and tried before the work whose result goes there; nil
    /// without the option.
    ///
    /// - Throws: ``ProgramError`` when no file can be written there.
    public func outputDirectory() throws(ProgramError) -> String? {
        guard let directory = settings.optionalString("output") else { return nil }
        do {
            try makeDirectory(directory)
            try tryWriting(in: directory)
        } catch {
            throw ProgramError(.usage, "--output: \(error.reason)")
        }
        return directory
    }
}
