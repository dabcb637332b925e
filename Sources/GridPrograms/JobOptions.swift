internal import Finance
public import GridProtocol
public import GridSubmission
public import Operations
internal import PortfolioFiles

/// What a job is made of, on a command line.
public enum JobOptions {
    /// The options of a job.
    public static let all: [Option] =
        [
            Option(
                name: "market",
                placeholder: "PATH",
                help: "the market snapshot: a .json file or a directory",
                isRequired: true
            ),
            Option(
                name: "metrics",
                placeholder: "LIST",
                help: "what to compute: " + Metric.allCases.map(\.rawValue).joined(separator: ", "),
                default: "NPV",
                kind: .list
            ),
            Option(
                name: "job-id",
                placeholder: "ID",
                help: "1 to 64 of A-Z a-z 0-9 . _ -; default: made of the date and random letters"
            ),
            Option(
                name: "batch-size",
                placeholder: "N",
                help: "maximum number of trades in a batch",
                default: "100",
                kind: .int(1...100)
            ),
            Option(
                name: "deadline",
                placeholder: "TIME",
                help: "how long the job may take from its submission, pauses included; after it no"
                    + " batch is priced, and trades without a result are reported as missing",
                default: "12h",
                kind: .duration
            ),
            Option(
                name: "priority",
                placeholder: "CLASS",
                help: "intraday: its batches are priced before those of any eod job",
                default: JobPriority.eod.name,
                kind: .choice(JobPriority.all.map(\.name))
            ),
        ] + waiting

    /// The options of waiting for a job.
    public static let waiting: [Option] = [
        Option(
            name: "timeout",
            placeholder: "TIME",
            help: "how long to wait for the job's end",
            default: "24h",
            kind: .duration
        ),
        allowFailedTrades,
    ]

    /// Whether failed trades leave the exit code at 0.
    public static let allowFailedTrades = Option(
        name: "allow-failed-trades",
        help: "exit with 0 even if trades failed",
        kind: .flag
    )

    /// Reads portfolio and snapshot and makes a job of them.
    ///
    /// - Throws: `FileProblems` with everything that is wrong with the files.
    public static func job(_ program: Program, portfolioPath: String) throws -> PlannedJob {
        let builder = try JobBuilder(try request(program))
        let portfolio = try readPortfolio(at: portfolioPath) { trade, _ in builder.add(trade) }
        return try builder.finish(portfolioName: portfolio.name)
    }

    /// The id of the option, or a new one.
    ///
    /// - Throws: ``ProgramError`` for text that is none.
    public static func jobID(_ program: Program) throws(ProgramError) -> JobID {
        guard let text = program.settings.optionalString("job-id") else { return .random() }
        guard let id = JobID(rawValue: text) else {
            throw ProgramError(.usage, "--job-id: `\(text)` is not 1 to 64 of A-Z a-z 0-9 . _ -")
        }
        return id
    }

    // MARK: Private

    /// What is asked for, without the trades.
    private static func request(_ program: Program) throws -> JobRequest {
        let settings = program.settings
        let metrics = try metrics(settings.list("metrics"))
        let jobID = try jobID(program)
        let snapshot = try readSnapshot(at: settings.string("market"))
        return JobRequest(
            jobID: jobID,
            portfolioName: "",
            trades: [],
            snapshot: snapshot,
            metrics: metrics,
            limits: BatchLimits(trades: settings.int("batch-size")),
            timeLimit: settings.duration("deadline"),
            submitter: processEnvironment()["USER"] ?? "",
            priority: JobPriority(name: settings.string("priority")) ?? .eod
        )
    }

    private static func metrics(_ names: [String]) throws -> [Metric] {
        var metrics: [Metric] = []
        for name in names {
            let found = Metric.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
            guard let metric = found else {
                let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
                throw ProgramError(
                    .usage,
                    "--metrics: `\(name)` is not a metric; expected one of \(known)"
                )
            }
            if !metrics.contains(metric) { metrics.append(metric) }
        }
        guard !metrics.isEmpty else { throw ProgramError(.usage, "--metrics: name at least one") }
        return metrics
    }
}
