public import GridTopics
public import Operations

/// Options that several programs have.
public enum CommonOptions {
    /// How Kafka is reached.
    public static let kafka: [Option] =
        [
            Option(
                name: "brokers",
                placeholder: "HOST:PORT,...",
                help: "Kafka bootstrap brokers",
                default: "127.0.0.1:9092"
            )
        ] + topics

    /// Where the topics are, how they are made, and how programs and brokers
    /// authenticate each other.
    public static let topics: [Option] = placement + KafkaSecurity.options

    private static let placement: [Option] = [
        Option(
            name: "topic-prefix",
            placeholder: "TEXT",
            help: "what the names of all topics begin with",
            default: "valgrid."
        ),
        Option(
            name: "kafka-config",
            placeholder: "NAME=VALUE,...",
            help: "other librdkafka properties; @FILE reads them from a file, one per line",
            default: "",
            isSecret: true
        ),
        Option(
            name: "partitions",
            placeholder: "N",
            help: "partitions of each topic of batches that the program creates",
            default: "24",
            kind: .int(1...1_024)
        ),
        Option(
            name: "replication-factor",
            placeholder: "N",
            help: "replicas of topics that the program creates; -1 for the broker's default",
            default: "-1",
            kind: .int(-1...10)
        ),
    ]

    /// How engines deliver results.
    ///
    /// - Parameter standard: the default; nil where it depends on the broker.
    /// - Returns: the option `--delivery`.
    public static func delivery(default standard: DeliveryMode?) -> Option {
        delivery(
            "exactly-once (results and offsets in one Kafka transaction) or at-least-once"
                + (standard == nil
                    ? "; default: exactly-once with --brokers, otherwise at-least-once" : ""),
            default: standard
        )
    }

    /// How batches get into their topic.
    public static let submission = delivery(
        "exactly-once (batches in Kafka transactions) or at-least-once; default: exactly-once, "
            + "with the embedded broker at-least-once",
        default: nil
    )

    private static func delivery(_ help: String, default standard: DeliveryMode?) -> Option {
        Option(
            name: "delivery",
            placeholder: "MODE",
            help: help,
            default: standard?.rawValue,
            kind: .choice(DeliveryMode.allCases.map(\.rawValue))
        )
    }

    /// Which group an engine joins, and how it starts its pricers.
    public static let engines: [Option] = [
        Option(
            name: "group",
            placeholder: "NAME",
            help: "consumer group that shares the batches",
            default: "valgrid-engines"
        ),
        Option(
            name: "pricers",
            placeholder: "N",
            help: "batches priced at the same time; 0 for one per core",
            default: "0",
            kind: .int(0...256)
        ),
        Option(
            name: "pricer",
            placeholder: "PATH",
            help: "the pricer program; default: `pricer` in the directory of this program"
        ),
        Option(
            name: "batch-base-limit",
            placeholder: "TIME",
            help: "time limit of a pricer for a batch or a part of it",
            default: "10s",
            kind: .duration
        ),
        Option(
            name: "batch-trade-limit",
            placeholder: "TIME",
            help: "additional time for each trade",
            default: "500ms",
            kind: .duration
        ),
        Option(
            name: "pricer-memory-limit",
            placeholder: "MIB",
            help: "memory limit of a pricer; a pricer that would exceed it dies, and the trade that"
                + " needed the memory fails; 0 for no limit",
            default: "1024",
            kind: .int(0...1_048_576)
        ),
        Option(
            name: "pricer-restart-limit",
            placeholder: "TIME",
            help: "how long the engine tries to restart a lost pricer before it returns its batches"
                + " to the group and ends",
            default: "60s",
            kind: .duration
        ),
        Option(
            name: "allow-test-trades",
            help: "let pricers price test trades, which crash or hang them on purpose (tests only)",
            kind: .flag
        ),
        Option(
            name: "pricer-script",
            placeholder: "FILE",
            help: "have pricers wait, die or spoil answers as the file's rules say (tests only);"
                + " needs --allow-test-trades"
        ),
    ]

    /// How logs are written by a program at which a person looks: warnings and worse.
    public static let quietLogging: [Option] = Option.logging.map { option in
        var option = option
        if option.name == "log-level" { option.default = LogLevel.warning.rawValue }
        return option
    }
}
