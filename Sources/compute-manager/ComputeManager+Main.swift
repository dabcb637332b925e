internal import GridPrograms
internal import GridProtocol
internal import GridTopics
internal import HTTP
internal import KafkaClient
internal import Kubernetes
internal import Manager
internal import Operations
internal import Scaling

@main
enum ComputeManagerProgram {
    static let command = Command(
        name: "compute-manager",
        summary: "The web page and REST API to submit, watch and scale.",
        discussion: """
            Keeps no truth of its own: jobs are the aggregator's. The first start prints a password \
            for the user admin, once. The API is described at /openapi.json.
            """,
        options: CommonOptions.kafka + [CommonOptions.submission] + PageOptions.all + [
            Option(
                name: "aggregator",
                placeholder: "URL",
                help: "where the aggregator serves jobs",
                default: "http://127.0.0.1:8000"
            ),
            Option(
                name: "aggregator-ca",
                placeholder: "FILE",
                help: "PEM of the authorities that the aggregator's certificate is signed by"
            ),
            CommonOptions.aggregatorToken,
            Option(
                name: "data",
                placeholder: "DIR",
                help: "where users, the key of sessions and uploads are kept",
                default: "compute-manager"
            ),
            Option(
                name: "examples",
                placeholder: "DIR",
                help: "example files that the page offers"
            ),
            Option(
                name: "reset-password",
                placeholder: "USER",
                help: "gives a user of --data a new password, prints it and ends"
            ),
            Option(
                name: "verify-audit",
                placeholder: "",
                help: "reads the topic audit, says whether its records follow each other, and ends",
                kind: .flag
            ),
        ] + ClusterChoice.options + Option.logging
    )

    static func main() async {
        await Program.run(command) { program in
            if let user = program.settings.optionalString("reset-password") {
                let users = try UserStore(
                    path: program.settings.string("data") + "/users.json"
                )
                try Program.say("\(user) password: \(try users.resetPassword(of: user))")
                return .success
            }
            if program.settings.flag("verify-audit") { return try await verifyAudit(program) }
            return try await serve(program)
        }
    }

    private static func verifyAudit(_ program: Program) async throws -> ExitCode {
        let verifier = AuditVerifier(
            configuration: try program.kafkaConfiguration(clientID: "compute-manager"),
            topic: program.topics.audit
        )
        let finding = try await verifier.verify()
        let read =
            "\(finding.records) records of \(finding.writers) "
            + (finding.writers == 1 ? "writer" : "writers")
        guard finding.breakCount > 0 else {
            try Program.say("audit: \(read), each follows the one before it")
            return .success
        }
        for text in finding.breaks { try Program.say(text) }
        try Program.say("audit: \(read), \(finding.breakCount) do not follow the one before them")
        return .failure
    }

    private static func serve(_ program: Program) async throws -> ExitCode {
        let settings = program.settings
        settings.logSettings(to: program.logger)
        let options: PageOptions
        do throws(ManagerError) {
            options = try PageOptions(settings)
        } catch {
            throw ProgramError(.usage, error.description)
        }
        let kafka = try program.kafkaConfiguration(clientID: "compute-manager")
        let created = try await program.topics.createMissing(
            with: kafka,
            replicationFactor: settings.int("replication-factor")
        )
        for topic in created { program.logger.info("created topic", [.kafkaTopic: topic]) }
        var aggregator = settings.string("aggregator")
        while aggregator.hasSuffix("/") { aggregator.removeLast() }
        var client = HTTPClient.Configuration()
        client.authorities = settings.optionalString("aggregator-ca")
        let token = try program.bearerToken(CommonOptions.aggregatorToken)
        client.token = { token?.text }
        var configuration = ManagerService.Configuration(
            kafka: kafka,
            topics: program.topics,
            aggregator: aggregator,
            directory: settings.string("data"),
            web: options.web
        )
        configuration.client = HTTPClient(configuration: client)
        configuration.delivery = program.delivery
        configuration.examples = settings.optionalString("examples")
        configuration.pricer = ManagerService.pricerBesideProgram
        configuration.set(options)
        let registry = MetricsRegistry()
        registry.registerProcessMetrics(program: command.name)
        let grid = try cluster(program)
        let manager = try ManagerService(
            configuration,
            scaler: grid.scaler,
            cluster: grid.cluster,
            logger: program.logger,
            registry: registry
        )
        try announce(manager, options)
        try await ServiceGroup(
            services: grid.services + manager.services,
            logger: program.logger
        ).run()
        return .success
    }

    private static func announce(
        _ manager: ManagerService,
        _ options: PageOptions
    ) throws {
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        try Program.say("page: \(options.tls == nil ? "http" : "https")://\(host):\(manager.port)/")
        if let password = manager.firstPassword {
            try Program.say("admin password: \(password)")
        }
    }
}

/// What sets the number of engines.
private struct Grid {
    var scaler: any Scaler
    var cluster: any ClusterSource
    var services: [any Service] = []
}

extension ComputeManagerProgram {
    private static func cluster(_ program: Program) throws -> Grid {
        let limits = try ClusterChoice.limits(program.settings)
        switch try ClusterChoice(program.settings, environment: processEnvironment()) {
        case .kubernetes(let address):
            let grid = KubernetesGrid(address, limits: limits, logger: program.logger)
            return Grid(scaler: grid, cluster: grid, services: [grid])
        case .local:
            let nothing = NoCluster(
                limits: limits,
                reason: "engines of this machine are started by `valgrid up`"
            )
            return Grid(scaler: nothing, cluster: nothing)
        case .none(let reason):
            let nothing = NoCluster(limits: limits, reason: reason)
            return Grid(scaler: nothing, cluster: nothing)
        }
    }
}
