internal import AggregatorAPI
internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations

@main
enum AggregatorProgram {
    static let command = Command(
        name: "aggregator",
        summary: "Joins the results of each job and serves jobs and reports over HTTP.",
        discussion: """
            Its ledger is a file that may be deleted at any time: it is rebuilt from the topics, as \
            far back as they reach. One aggregator writes a ledger.
            """,
        options: CommonOptions.kafka + [
            Option(
                name: "ledger",
                placeholder: "FILE",
                help: "the ledger's SQLite file",
                default: "valgrid-ledger.sqlite"
            ),
            Option(
                name: "keep-jobs",
                placeholder: "TIME",
                help: "how long after its deadline a job and its reports are kept",
                default: "30d",
                kind: .duration
            ),
            LogPublisher.option,
        ] + Option.operations + [CommonOptions.httpToken]
    )

    static func main() async {
        await Program.run(command) { program in
            let settings = program.settings
            settings.logSettings(to: program.logger)
            let token = try program.bearerToken(CommonOptions.httpToken)
            let kafka = try program.kafkaConfiguration(clientID: "aggregator")
            let created = try await program.topics.createMissing(
                with: kafka,
                replicationFactor: settings.int("replication-factor")
            )
            for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }

            let registry = MetricsRegistry()
            registry.registerProcessMetrics(program: command.name)
            let publisher = LogPublisher(
                configuration: kafka,
                topic: program.topics.logs,
                engine: "",
                level: settings.string("log-publish-level")
            )
            let logger = publisher?.publishing(program.logger) ?? program.logger
            let host = try AggregatorHost(
                AggregatorHost.Configuration(
                    kafka: kafka,
                    topics: program.topics,
                    ledger: settings.string("ledger"),
                    keepJobs: settings.duration("keep-jobs"),
                    host: settings.string("http-host"),
                    port: settings.int("http-port"),
                    token: token
                ),
                logger: logger,
                registry: registry
            )
            logger.info("listening", [.port: String(host.port)])
            try await ServiceGroup(
                services: (publisher.map { [$0] } ?? []) + host.services,
                logger: program.logger
            ).run()
            return .success
        }
    }
}
