internal import AggregatorAPI
internal import Foundation
internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import HTTP
internal import KafkaClient
internal import Manager
internal import Operations
internal import Scaling

/// `valgrid up`: a grid with its page on this machine, until it is told to stop.
enum UpCommand {
    static let command = Command(
        name: "up",
        summary: "Runs a whole grid with its web page on this machine, until it is told to stop.",
        discussion: """
            Starts a broker (or uses the Apache Kafka of --brokers), the aggregator, engines and the \
            page, prints the page's address and, the first time, a password for the user admin. \
            Ctrl-C lets engines finish the batches that they price. Without --brokers jobs that are \
            running then are gone; reports of jobs that have ended stay in --data.
            """,
        options: PageOptions.all + [
            Option(
                name: "data",
                placeholder: "DIR",
                help: "where the ledger, reports, users and logs are kept",
                default: "valgrid-data"
            ),
            Option(
                name: "engines",
                placeholder: "N",
                help: "engines to start; the page changes it",
                default: "1",
                kind: .int(1...64)
            ),
            Option(
                name: "scale-limits",
                placeholder: "LEAST..MOST",
                help: "how many engines operators may ask for; an admin may go beyond",
                default: "1..16"
            ),
            Option(
                name: "brokers",
                placeholder: "HOST:PORT,...",
                help: "an Apache Kafka to run on; default: an embedded broker"
            ),
            Option(
                name: "examples",
                placeholder: "DIR",
                help: "example files that the page offers; default: the repository's examples"
            ),
            CommonOptions.delivery(default: nil),
        ] + CommonOptions.topics + CommonOptions.engines + CommonOptions.quietLogging,
        examples: ["valgrid up --engines 2 --data /var/lib/valgrid"]
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let settings = program.settings
        settings.logSettings(to: program.logger)
        let options: PageOptions
        do throws(ManagerError) {
            options = try PageOptions(settings)
        } catch {
            throw ProgramError(.usage, error.description)
        }
        guard let limits = ScaleLimits(settings.string("scale-limits")) else {
            throw ProgramError(.usage, "--scale-limits is LEAST..MOST, as 1..16")
        }
        let data = settings.string("data")
        do {
            try makeDirectory(data)
        } catch {
            throw ProgramError(.usage, "--data: \(error.reason)")
        }
        let embedded =
            settings.optionalString("brokers") == nil
            ? try EmbeddedBroker(topics: program.topics) : nil
        var kafka = KafkaConfiguration(
            bootstrapServers: embedded?.address ?? settings.string("brokers"),
            clientID: "valgrid",
            properties: try program.kafkaProperties()
        )
        if embedded == nil {
            let created = try await program.topics.createMissing(
                with: kafka,
                replicationFactor: settings.int("replication-factor")
            )
            for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }
        } else {
            kafka.fetchWaitMaxMillis = 20
        }
        let token = UUID().uuidString + UUID().uuidString
        let registry = MetricsRegistry()
        registry.registerProcessMetrics(program: "valgrid")
        let aggregator = try AggregatorHost(
            AggregatorHost.Configuration(
                kafka: kafka,
                topics: program.topics,
                ledger: data + "/ledger.sqlite",
                keepJobs: .seconds(30 * 86_400),
                host: "127.0.0.1",
                port: 0,
                token: BearerToken(token)
            ),
            logger: program.logger,
            registry: registry
        )
        let engines = try LocalScaler(
            configuration: engineProcesses(program, kafka, isEmbedded: embedded != nil, limits),
            logger: program.logger
        )
        var client = HTTPClient.Configuration()
        client.token = { token }
        var configuration = ManagerService.Configuration(
            kafka: kafka,
            topics: program.topics,
            aggregator: "http://127.0.0.1:\(aggregator.port)",
            directory: data + "/manager",
            web: options.web
        )
        configuration.client = HTTPClient(configuration: client)
        configuration.delivery = embedded == nil ? program.delivery : .atLeastOnce
        configuration.batchesInFlight = embedded == nil ? nil : 32
        configuration.examples =
            settings.optionalString("examples") ?? options.web + "/../examples"
        configuration.pricer = ManagerService.pricerBesideProgram
        configuration.set(options)
        let manager = try ManagerService(
            configuration,
            scaler: engines,
            cluster: engines,
            logger: program.logger,
            registry: registry
        )
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        try Program.say("page: \(options.tls == nil ? "http" : "https")://\(host):\(manager.port)/")
        if let password = manager.firstPassword {
            try Program.say("admin password: \(password)")
        }
        // The broker ends last: engines and aggregator finish what they have.
        let broker: [any Service] = embedded.map { [$0] } ?? []
        try await ServiceGroup(
            services: broker + aggregator.services + [engines] + manager.services,
            logger: program.logger,
            gracePeriod: .seconds(90)
        ).run()
        return .success
    }

    /// How engines are started.
    private static func engineProcesses(
        _ program: Program,
        _ kafka: KafkaConfiguration,
        isEmbedded: Bool,
        _ limits: ScaleLimits
    ) throws -> LocalScaler.Configuration {
        let settings = program.settings
        let beside = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            .deletingLastPathComponent()
        let engine = beside.appendingPathComponent("valengine").path
        guard FileManager.default.isExecutableFile(atPath: engine) else {
            throw ProgramError(.usage, "there is no program \(engine): build valengine too")
        }
        let count = settings.int("engines")
        let delivery = program.delivery ?? (isEmbedded ? .atLeastOnce : .exactlyOnce)
        guard !isEmbedded || delivery == .atLeastOnce else {
            throw ProgramError(
                .usage,
                "--delivery exactly-once needs a Kafka with transactions: --brokers"
            )
        }
        var shared = [
            "--brokers", kafka.bootstrapServers, "--delivery", delivery.rawValue, "--http-port",
            "0",
        ]
        for option in CommonOptions.topics + CommonOptions.engines
        where settings.isArgument(option.name) {
            shared.append("--\(option.name)=\(settings.string(option.name))")
        }
        if program.pricers == nil { shared += ["--pricers", "1"] }
        let options = shared
        return LocalScaler.Configuration(
            program: engine,
            idPrefix: Program.hostName,
            arguments: { options + ["--engine-id", $0] },
            // What engines are told beside their options comes the same way as to this program.
            environment: processEnvironment(),
            directory: settings.string("data") + "/engines",
            host: Program.hostName,
            count: count,
            limits: limits
        )
    }
}
