internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import Operations
internal import Reports
internal import Synchronization

/// `eodservice report`: fetches a job's report.
enum ReportCommand {
    static let command = Command(
        name: "report",
        summary: "Writes a job's report into a directory and prints its totals.",
        arguments: [
            PositionalArgument(name: "JOB", help: "a job id, as submit printed it")
        ],
        options: ReportOptions.all + [JobOptions.allowFailedTrades] + AggregatorClient.options
            + ServerOptions.all + CommonOptions.quietLogging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let job = try program.job()
        let client = try program.jobsAccess()
        guard let status = try await client.status(of: job) else {
            throw ProgramError(.usage, "\(client.name) knows no job \(job)")
        }
        let directory = try program.outputDirectory()
        var problem: (any Error)?
        if let directory {
            do {
                try await fetch(job, to: directory, CSVDialect(program.settings), client)
            } catch {
                problem = error
            }
        }
        // The totals do not need the files.
        try await printTotals(of: job, client)
        if let problem {
            let code = (problem as? ProgramError)?.code ?? .failure
            throw ProgramError(
                code,
                "\(problem); the files were not changed, and \(client.name) keeps the report:"
                    + " `eodservice report \(job) --output DIR` fetches it again"
            )
        }
        return WaitCommand.exitCode(
            of: status,
            allowing: program.settings.flag("allow-failed-trades")
        )
    }

    static func printTotals(of job: JobID, _ client: any JobsAccess) async throws {
        let summary = try ReportSummary(json: try await client.bytes("summary.json", of: job))
        try Program.say(terminalReport(summary, width: StandardOutput.terminalWidth))
    }

    // MARK: Private

    /// Fetches all files, and then gives each its name, the summary last.
    private static func fetch(
        _ job: JobID,
        to directory: String,
        _ csv: CSVDialect,
        _ client: any JobsAccess
    ) async throws {
        TemporaryDirectory.removeAtSignals()
        let staging = try TemporaryDirectory(prefix: ".valgrid-report-", in: directory)
        for file in ReportWriter.fileNames {
            var rewriting: (@Sendable ([UInt8]) -> [UInt8])?
            if csv.appliesTo(file) {
                let box = RewritingBox(csv)
                rewriting = { bytes in box.rewrite(bytes) }
            }
            try await client.download(
                file,
                of: job,
                to: "\(staging.path)/\(file)",
                rewriting: rewriting
            )
        }
        for file in ReportWriter.fileNames {
            try moveFile("\(staging.path)/\(file)", to: "\(directory)/\(file)")
        }
    }

    /// A rewriter that a download can hold.
    private final class RewritingBox: Sendable {
        private let rewriter: Mutex<CSVRewriter>

        init(_ dialect: CSVDialect) {
            rewriter = Mutex(CSVRewriter(dialect))
        }

        func rewrite(_ bytes: [UInt8]) -> [UInt8] {
            rewriter.withLock { $0.rewrite(bytes) }
        }
    }
}
