internal import Glibc
internal import GridEngine
internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import HTTP
internal import KafkaClient
internal import Operations

@main
enum ValengineProgram {
    static let command = Command(
        name: "valengine",
        summary: "Takes batches from Kafka, prices them and publishes the results.",
        discussion: """
            Start as many as there is work for; they share the batches as a consumer group. SIGTERM \
            lets an engine finish what it has taken, commit, leave the group and exit with 0.
            """,
        options: CommonOptions.kafka + [
            Option(
                name: "engine-id",
                placeholder: "TEXT",
                help: "unique among running engines; default: made of host and process id; an"
                    + " engine that starts with another's id forces the older engine to stop"
            ),
            Option(
                name: "session-timeout",
                placeholder: "TIME",
                help: "silence after which the group gives an engine's batches to others",
                default: "10s",
                kind: .duration
            ),
            Option(
                name: "drain-limit",
                placeholder: "TIME",
                help:
                    "after SIGTERM, how long batches at work may take before they are handed back",
                default: "25s",
                kind: .duration
            ),
            CommonOptions.delivery(default: .exactlyOnce), LogPublisher.option,
        ] + CommonOptions.engines + Option.operations
    )

    static func main() async {
        await Program.run(command) { program in
            let settings = program.settings
            let id =
                settings.optionalString("engine-id")
                ?? "\(Program.hostName)-\(getpid())"
            settings.logSettings(to: program.logger)
            try program.checkOpenFiles(engines: 1, pricers: program.pricers ?? Program.cores)
            var kafka = try program.kafkaConfiguration(clientID: id)
            let session = settings.duration("session-timeout") / .milliseconds(1)
            kafka.sessionTimeoutMillis = Int(session)
            let created = try await program.topics.createMissing(
                with: kafka,
                replicationFactor: settings.int("replication-factor")
            )
            for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }

            let registry = MetricsRegistry()
            registry.registerProcessMetrics(program: command.name)
            let health = HealthChecks()
            health.ready("kafka") { .notReady("starting") }
            // The port first: an engine that cannot have it must not join the group.
            let server = try HTTPServer(
                host: settings.string("http-host"),
                port: settings.int("http-port"),
                logger: program.logger,
                handler: operationsRoutes(health: health, metrics: registry)
            )
            program.logger.info("listening", [.port: String(server.port)])
            let publisher = LogPublisher(
                configuration: kafka,
                topic: program.topics.logs,
                engine: id,
                level: settings.string("log-publish-level")
            )
            let logger = publisher?.publishing(program.logger) ?? program.logger
            let engine = try Engine(
                configuration: program.engineConfiguration(
                    engineID: id,
                    kafka: kafka,
                    group: settings.string("group"),
                    pricers: Program.cores,
                    delivery: program.delivery ?? .exactlyOnce
                ),
                logger: logger,
                registry: registry
            )
            health.ready("kafka") { engine.trouble.map { .notReady($0) } ?? .ok }
            try await ServiceGroup(
                services: (publisher.map { [$0] } ?? []) + [
                    EngineService(engine: engine, patience: settings.duration("drain-limit"))
                ],
                logger: program.logger,
                gracePeriod: settings.duration("drain-limit") + .seconds(25)
            ).run()
            server.stop()
            return .success
        }
    }
}
