public import GridProtocol
public import GridTopics
public import KafkaClient

/// What an engine is made of.
public struct EngineConfiguration: Sendable {
    /// Unique among running engines; appears in results and heartbeats.
    public var engineID: String
    /// The machine or pod.
    public var host: String
    /// Where the topics are.
    public var topics: Topics
    /// How Kafka is reached.
    public var kafka: KafkaConfiguration
    /// The consumer group that shares the batches.
    public var group: String
    /// How many batches are priced at the same time; 1...256.
    public var pricers: Int
    /// How a pricer is started.
    public var pricer: PricerConfiguration
    /// How long a pricer may take.
    public var limits: PricingLimits
    /// How long the engine tries to restart a pricer before it ends.
    public var restartLimit: Duration
    /// How long a batch waits for its snapshot before its trades fail.
    public var snapshotLimit: Duration
    /// Bytes of snapshots kept in memory.
    public var snapshotBytes: Int
    /// The interval of heartbeats.
    public var heartbeatInterval: Duration
    /// How results and offsets reach Kafka.
    public var delivery: DeliveryMode

    /// Makes a configuration.
    public init(
        engineID: String,
        host: String,
        topics: Topics,
        kafka: KafkaConfiguration,
        group: String,
        pricers: Int,
        pricer: PricerConfiguration,
        limits: PricingLimits = PricingLimits(),
        restartLimit: Duration = .seconds(60),
        snapshotLimit: Duration = .seconds(30),
        snapshotBytes: Int = 256 << 20,
        heartbeatInterval: Duration = .seconds(2),
        delivery: DeliveryMode = .exactlyOnce
    ) {
        self.engineID = engineID
        self.host = host
        self.topics = topics
        self.kafka = kafka
        self.group = group
        self.pricers = pricers
        self.pricer = pricer
        self.limits = limits
        self.restartLimit = restartLimit
        self.snapshotLimit = snapshotLimit
        self.snapshotBytes = snapshotBytes
        self.heartbeatInterval = heartbeatInterval
        self.delivery = delivery
    }
}
