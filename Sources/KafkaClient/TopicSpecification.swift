/// A topic to be created.
public struct TopicSpecification: Hashable, Sendable {
    /// The topic's name: 1...249 letters, digits, dots, underscores and hyphens.
    public var name: String
    /// How many partitions: 1 or more.
    public var partitions: Int
    /// How many copies of each partition; -1 leaves it to the broker.
    public var replicationFactor: Int
    /// Topic settings as Kafka names them, such as `cleanup.policy`.
    public var configuration: [String: String]

    /// Describes a topic to be created.
    public init(
        name: String,
        partitions: Int,
        replicationFactor: Int = 1,
        configuration: [String: String] = [:]
    ) {
        self.name = name
        self.partitions = partitions
        self.replicationFactor = replicationFactor
        self.configuration = configuration
    }

    /// Checks the name and the number of partitions.
    ///
    /// - Throws: ``KafkaError`` `configuration` saying what is wrong.
    public func validate() throws(KafkaError) {
        try TopicName.validate(name)
        guard (1...100_000).contains(partitions) else {
            throw KafkaError(
                code: .configuration,
                reason: "topic \(name) has \(partitions) partitions, but needs 1 to 100,000"
            )
        }
    }
}

/// The rules for names of topics.
enum TopicName {
    /// Refuses names that Kafka refuses, and those that librdkafka would take for a pattern.
    static func validate(_ name: String) throws(KafkaError) {
        let isAllowed = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default:
                false
            }
        }
        guard isAllowed, (1...249).contains(name.utf8.count), name != ".", name != ".." else {
            throw KafkaError(
                code: .configuration,
                reason: "“\(name)” cannot be a topic's name:"
                    + " 1 to 249 letters, digits, dots, underscores and hyphens are allowed"
            )
        }
    }
}
