internal import AggregatorAPI
internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import HTTP
internal import KafkaClient
internal import Ledger
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
        ] + Option.operations
    )

    static func main() async {
        await Program.run(command) { program in
            let settings = program.settings
            settings.logSettings(to: program.logger)
            let kafka = try program.kafkaConfiguration(clientID: "aggregator")
            let created = try await program.topics.createMissing(
                with: kafka,
                replicationFactor: settings.int("replication-factor")
            )
            for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }

            let registry = MetricsRegistry()
            registry.registerProcessMetrics(program: command.name)
            let core = try AggregatorCore(
                store: LedgerStore(path: settings.string("ledger")),
                topics: program.topics
            )
            let watch = EngineWatch(
                configuration: kafka,
                topic: program.topics.engines,
                logger: program.logger
            )
            let service = AggregatorService(
                core: core,
                configuration: kafka,
                topics: program.topics,
                keepJobs: settings.duration("keep-jobs"),
                logger: program.logger,
                registry: registry
            )
            let held = HeldResultsWatch(
                configuration: kafka,
                topic: program.topics.results,
                logger: program.logger
            ) {
                let quietSince = core.backlog.quietSince ?? .max
                return quietSince < WireClock.now() - 10_000_000
            }
            let jobs = JobsAPI(
                core: core,
                reportsDirectory: settings.string("ledger") + ".reports"
            ) { time in
                LiveGridState(
                    trouble: service.trouble,
                    partitions: service.batchPartitions,
                    engines: watch.isUpToDate ? watch.engines(at: time) : nil,
                    held: held.reason
                )
            }
            service.afterPurge { jobs.removeOrphans() }
            GridGauges(
                engines: watch.engines(at:),
                backlog: { core.backlog },
                isCaughtUp: { service.trouble == nil }
            ).register(in: registry)
            let health = HealthChecks()
            health.ready("ledger") { service.trouble.map { .notReady($0) } ?? .ok }
            let server = try HTTPServer(
                host: settings.string("http-host"),
                port: settings.int("http-port"),
                logger: program.logger,
                handler: firstMatch(of: [
                    operationsRoutes(health: health, metrics: registry),
                    enginesRoute(EnginesAPI(engines: watch.engines(at:))),
                    jobsRoute(jobs),
                ])
            )
            program.logger.info("listening", [.port: String(server.port)])
            try await ServiceGroup(
                services: [server, watch, held, service],
                logger: program.logger
            ).run()
            return .success
        }
    }
}
