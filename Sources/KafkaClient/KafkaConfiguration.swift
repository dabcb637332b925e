/// How to reach Kafka, and the bounds of a client.
public struct KafkaConfiguration: Sendable {
    /// Addresses to start from: `host:port`, separated by commas.
    public var bootstrapServers: String
    /// The name under which brokers list this client.
    public var clientID: String
    /// Further librdkafka properties, such as `security.protocol`.
    ///
    /// Checked when a client is made; those that the client sets itself are refused.
    public var properties: [String: String]

    /// How many records a producer holds that are not yet acknowledged.
    public var maximumInFlight = 1_000
    /// How many bytes a producer holds that are not yet acknowledged.
    public var maximumInFlightBytes = 64 << 20
    /// How long a producer waits for more records before it sends, in milliseconds.
    public var lingerMillis = 0
    /// How long a producer tries to deliver a record.
    public var messageTimeout = Duration.seconds(30)
    /// Whether a producer waits for all replicas in sync, and writes each record once; without that
    /// for the leader alone, and what it tries again may be there twice.
    public var isDurable = true
    /// The largest record a producer takes, in bytes with its headers.
    public var messageMaxBytes = 8 << 20

    /// The session timeout of a group member, in milliseconds.
    public var sessionTimeoutMillis = 10_000
    /// How long a broker holds a fetch that finds nothing, in milliseconds.
    ///
    /// The embedded broker always waits that long, so it is short; Apache Kafka answers at once
    /// when a record comes, and 500 saves requests.
    public var fetchWaitMaxMillis = 50
    /// How much librdkafka reads ahead, in kilobytes.
    public var queuedMaxKilobytes = 8_192
    /// How many records librdkafka tries to read ahead.
    public var queuedMinMessages = 1_000
    /// How long finished records may wait for the next commit, in milliseconds.
    public var commitIntervalMillis = 200

    /// Receives librdkafka's log lines, on the client's thread; it must not block.
    public var log: (@Sendable (KafkaLogLine) -> Void)?

    /// Makes a configuration with the defaults.
    public init(
        bootstrapServers: String,
        clientID: String = "valgrid",
        properties: [String: String] = [:]
    ) {
        self.bootstrapServers = bootstrapServers
        self.clientID = clientID
        self.properties = properties
    }
}

/// A line of librdkafka's log.
public struct KafkaLogLine: Hashable, Sendable {
    /// The urgency, as syslog counts: 0 is an emergency, 3 an error, 4 a warning, 7 debugging.
    public var level: Int
    /// The part of librdkafka that logs, such as `FAIL`.
    public var facility: String
    /// The text.
    public var message: String

    /// Makes a line.
    public init(level: Int, facility: String, message: String) {
        self.level = level
        self.facility = facility
        self.message = message
    }
}
