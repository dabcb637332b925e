internal import Glibc
internal import GridPrograms
internal import GridProtocol
internal import KafkaClient
internal import KafkaEmbedded
internal import Operations

/// `valgrid broker`: the embedded broker alone.
enum BrokerCommand {
    static let command = Command(
        name: "broker",
        summary: "Runs the embedded broker until it is told to stop and prints its address.",
        discussion: """
            For trials on one machine: it listens on loopback, keeps at most 5 MiB and 100,000 \
            records a partition in memory and knows no transactions. What it forgets is gone.
            """,
        options: [
            Option(
                name: "topic-prefix",
                placeholder: "TEXT",
                help: "what the names of all topics begin with",
                default: "valgrid."
            ),
            Option(
                name: "partitions",
                placeholder: "N",
                help: "partitions of each topic of batches",
                default: "24",
                kind: .int(1...1_024)
            ),
        ] + Option.logging
    )

    static func run(_ program: Program) async throws -> ExitCode {
        let broker = try EmbeddedBroker(topics: program.topics)
        try Program.say(broker.address)
        try await ServiceGroup(
            services: [broker],
            logger: program.logger,
            gracePeriod: .seconds(5)
        ).run()
        return .success
    }
}

/// The embedded cluster with all topics, until it is told to stop.
struct EmbeddedBroker: GracefulService {
    private let cluster: EmbeddedCluster
    private let stopped = ShutdownSignal()

    init(topics: Topics) throws(KafkaError) {
        cluster = try EmbeddedCluster()
        for topic in topics.all {
            try cluster.createTopic(topic.name, partitions: topic.partitions)
        }
    }

    /// Where clients find it.
    var address: String { cluster.bootstrapServers }

    func run() async throws {
        await stopped.wait()
        cluster.close()
    }

    func shutdown() async { stopped.trigger() }
}
