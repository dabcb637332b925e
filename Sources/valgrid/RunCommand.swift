internal import GridEngine
internal import GridPrograms
internal import GridProtocol
internal import GridSubmission
internal import GridTopics
internal import KafkaClient
internal import Operations

/// `valgrid run`: the whole path from a portfolio to a report, in one process and its pricers.
enum RunCommand {
    static let command = Command(
        name: "run",
        summary: "Values a portfolio and writes its report.",
        discussion: """
            Starts engines and an aggregator in this process, on an embedded broker or with \
            --brokers on an Apache Kafka, submits the job, shows its progress and prints the report.
            """,
        arguments: [
            PositionalArgument(name: "PORTFOLIO", help: "trades: .json, .jsonl or .csv")
        ],
        options: JobOptions.all + ReportOptions.all + [
            Option(
                name: "engines",
                placeholder: "N",
                help: "engines to start",
                default: "1",
                kind: .int(1...64)
            ),
            Option(
                name: "brokers",
                placeholder: "HOST:PORT,...",
                help: "an Apache Kafka to run on; default: an embedded broker"
            ),
            CommonOptions.delivery(default: nil),
        ] + CommonOptions.topics + CommonOptions.engines + CommonOptions.quietLogging,
        examples: [
            "valgrid run examples/portfolio.csv --market examples/market --metrics NPV,ParRate"
                + " --engines 2 --output report"
        ]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let settings = program.settings
        settings.logSettings(to: program.logger)
        let engines = settings.int("engines")
        let share = max(1, Program.cores / engines)
        try program.checkOpenFiles(engines: engines, pricers: program.pricers ?? share)
        let job = try JobOptions.job(program, portfolioPath: settings.arguments.first ?? "")
        let output = try program.outputDirectory()
        TemporaryDirectory.removeAtSignals()
        let embedded =
            settings.optionalString("brokers") == nil
            ? try EmbeddedBroker(topics: program.topics) : nil
        let local = try await LocalGrid(program, embedded: embedded)
        let result: ExitCode
        do {
            result = try await local.value(job, reportingTo: output, for: program)
        } catch {
            await local.stop()
            throw error
        }
        await local.stop()
        return result
    }
}
