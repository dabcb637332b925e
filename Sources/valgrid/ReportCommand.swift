internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import Operations
internal import Reports

/// `valgrid report`: writes the report of a run whose results were kept.
enum ReportCommand {
    static let command = Command(
        name: "report",
        summary: "Writes the report of a run that could not write it.",
        discussion: """
            When the disk of the report is full, `valgrid run` keeps its results in a temporary \
            directory and says where. Remove that directory when the report is written.
            """,
        arguments: [
            PositionalArgument(name: "DIR", help: "the directory that `valgrid run` named")
        ],
        options: [
            Option(
                name: "job-id",
                placeholder: "ID",
                help: "the job that `valgrid run` named",
                isRequired: true
            ),
            JobOptions.allowFailedTrades,
        ] + ReportOptions.all + CommonOptions.quietLogging,
        exitCodes: [.success, .failure, .usage, .failedTrades, .incomplete]
    )

    static func run(_ program: Program) throws -> ExitCode {
        let settings = program.settings
        let text = settings.string("job-id")
        guard let job = JobID(rawValue: text) else {
            throw ProgramError(.usage, "--job-id: `\(text)` is not \(JobID.expectation)")
        }
        var writer = ReportWriter(
            ledgerPath: (settings.arguments.first ?? "") + "/ledger.sqlite"
        )
        writer.csv = CSVDialect(settings)
        let output = try program.outputDirectory()
        let summary =
            if let output { try writer.write(job, to: output) } else { try writer.summary(of: job) }
        try Program.say(terminalReport(summary, width: StandardOutput.terminalWidth))
        if let output { try Program.say("report: \(output)/report.html") }
        return summary.exitCode(allowing: settings.flag("allow-failed-trades"))
    }
}

extension ReportSummary {
    /// The code that a program ends with after a job of this state.
    func exitCode(allowing failures: Bool) -> ExitCode {
        switch JobPhase(rawValue: state) {
        case .complete: .success
        case .completeWithErrors: failures ? .success : .failedTrades
        default: .incomplete
        }
    }
}
