internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations

/// Says now and then that an engine lives, and what it does.
struct EngineHeart: Sendable {
    private let configuration: EngineConfiguration
    private let producer: KafkaProducer
    private let consumer: KafkaConsumer
    private let pool: PricerPool
    private let counters: EngineCounters
    private let logger: Logger
    private let startedAt = WireClock.now()

    init(
        configuration: EngineConfiguration,
        producer: KafkaProducer,
        consumer: KafkaConsumer,
        pool: PricerPool,
        counters: EngineCounters,
        logger: Logger
    ) {
        self.configuration = configuration
        self.producer = producer
        self.consumer = consumer
        self.pool = pool
        self.counters = counters
        self.logger = logger
    }

    /// Publishes heartbeats until the task is cancelled.
    func beat() async {
        while !Task.isCancelled {
            await publish(stopped: false)
            try? await Task.sleep(for: configuration.heartbeatInterval)
        }
    }

    /// Publishes the last heartbeat, if a broker takes it within two seconds.
    func sayGoodbye() async {
        guard !producer.brokersDown else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.publish(stopped: true) }
            group.addTask { try? await Task.sleep(for: .seconds(2)) }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Private

    private func publish(stopped: Bool) async {
        let counts = counters.current
        var heartbeat = Heartbeat()
        heartbeat.engineID = configuration.engineID
        heartbeat.host = configuration.host
        heartbeat.startedAt = startedAt
        heartbeat.at = WireClock.now()
        heartbeat.version = BuildInformation.version
        heartbeat.pricers = UInt32(pool.pricers.count)
        heartbeat.busyPricers = UInt32(pool.busy)
        heartbeat.batchesPriced = counts.batchesPriced
        heartbeat.tradesPriced = counts.tradesPriced
        heartbeat.pricerRestarts = counts.pricerRestarts
        heartbeat.partitions = consumer.assignment
            .filter { $0.topic == configuration.topics.batches }.map(\.partition).sorted()
        heartbeat.stopped = stopped
        let record = ProducedRecord(
            topic: configuration.topics.engines,
            key: Array(configuration.engineID.utf8),
            message: heartbeat
        )
        do {
            _ = try await producer.send(record)
        } catch {
            logger.debug("heartbeat not delivered", [.error: error.reason])
        }
    }
}
