internal import Finance
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
public import Operations

/// Takes batches from Kafka, hands them to pricers and publishes their results.
///
/// A batch's offset is committed with its result in one transaction, or, where the broker has none,
/// after the broker has acknowledged the result: ``DeliveryMode``.
public final class Engine: Sendable {
    private let configuration: EngineConfiguration
    private let logger: Logger
    /// What the engine has done so far.
    public let counters: EngineCounters
    let consumer: KafkaConsumer
    let producer: KafkaProducer
    let pool: PricerPool
    private let delivery: any ResultDelivery
    private let snapshots: SnapshotFetcher
    private let jobs: JobFollower
    private let pricing: SupervisedPricing
    private let handling: BatchProcessor
    private let heart: HeartbeatPublisher

    /// Joins the consumer group; nothing is taken before ``run()``.
    ///
    /// - Throws: ``EngineError`` when Kafka's configuration is refused.
    public init(
        configuration: EngineConfiguration,
        logger: Logger,
        registry: MetricsRegistry
    ) throws(EngineError) {
        self.configuration = configuration
        self.logger = logger
        counters = EngineCounters(registry: registry)
        pool = PricerPool(
            count: configuration.pricers,
            configuration: configuration.pricer,
            logger: logger
        )
        let open: OpenReader = { start throws(KafkaError) in
            try KafkaReader(configuration: configuration.kafka, start: start)
        }
        jobs = JobFollower(topic: configuration.topics.jobs, open: open)
        do {
            producer = try KafkaProducer(configuration: configuration.kafka)
            consumer = try KafkaConsumer(
                configuration: configuration.kafka,
                group: configuration.group,
                lanes: Self.lanes(configuration, jobs),
                commits: configuration.delivery == .exactlyOnce ? .byTransaction : .byConsumer
            )
        } catch {
            throw EngineError(error)
        }
        let reduction = OversizeResultSplitter(
            topics: configuration.topics,
            engineID: configuration.engineID,
            counters: counters,
            logger: logger
        )
        let snapshots = SnapshotFetcher(
            topic: configuration.topics.market,
            limit: configuration.snapshotBytes,
            open: open
        )
        self.snapshots = snapshots
        delivery = Self.delivery(
            configuration,
            producer,
            consumer,
            snapshots: snapshots,
            reduction,
            logger
        )
        heart = HeartbeatPublisher(
            configuration: configuration,
            producer: producer,
            consumer: consumer,
            pool: pool,
            counters: counters,
            logger: logger
        )
        pricing = SupervisedPricing(
            configuration: configuration,
            pool: pool,
            snapshots: snapshots,
            jobs: jobs,
            counters: counters,
            inFlight: heart.inFlight,
            logger: logger
        )
        handling = BatchProcessor(
            configuration: configuration,
            delivery: delivery,
            pool: pool,
            jobs: jobs,
            pricing: pricing,
            counters: counters,
            logger: logger
        )
        Self.register(heart.inFlight, of: configuration.pricers, in: registry)
    }

    /// Why the engine takes no batches; nil when it does.
    public var trouble: String? {
        switch true {
        case consumer.brokersDown: "no broker answers"
        case !consumer.isJoined: "not in the group yet"
        case consumer.isStalled:
            "a transaction with offsets of its group does not end: scripts/hanging-transactions"
        case !delivery.isReady, !jobs.isRead: "starting"
        default: nil
        }
    }

    /// Works until ``drain()`` was called and everything taken is delivered, then leaves the group.
    ///
    /// - Throws: ``EngineError`` when the pricer cannot be started or Kafka fails permanently.
    public func run() async throws {
        do {
            let identity = try await pool.start()
            heart.note(library: identity.libraryVersion)
            await prepareTopics()
            try await delivery.start()
            logger.info(
                "pricers started",
                [
                    .engineID: configuration.engineID, .pricers: String(configuration.pricers),
                    .version: identity.pricerVersion, .library: identity.libraryVersion,
                ]
            )
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await self.snapshots.run()
                    return false
                }
                group.addTask {
                    try await self.jobs.run { self.consumer.reconsider() }
                    return false
                }
                group.addTask {
                    await self.heart.beat()
                    return false
                }
                group.addTask {
                    try await self.delivery.run()
                    return false
                }
                group.addTask {
                    try await self.takeBatches()
                    return true
                }
                // Without snapshots nothing can be priced, and without jobs nobody knows what is to
                // be: their failure is the engine's.
                while let isDone = try await group.next(), !isDone {}
                group.cancelAll()
            }
        } catch {
            await stop()
            throw EngineError(stopping: error)
        }
        await stop()
    }

    /// Stops taking batches; ``run()`` returns once those taken are delivered.
    public func drain() {
        consumer.drain()
        heart.drain()
    }

    /// Waits until what was taken is priced, and hands back, uncommitted, what is not by then: its
    /// pricers are killed, and another engine prices it.
    public func finish(within limit: Duration) async {
        let deadline = ContinuousClock.now + limit
        while pool.busy > 0, ContinuousClock.now < deadline {
            do {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                break
            }
        }
        returnToGroup()
    }

    /// Hands back at once what is not priced yet.
    public func returnToGroup() {
        pricing.returnToGroup()
        pool.kill()
    }

    // MARK: Private

    /// Who goes first: intraday jobs, then what was parked and goes on, then the rest.
    ///
    /// No gate is open before it is known how jobs stand.
    private static func lanes(
        _ configuration: EngineConfiguration,
        _ jobs: JobFollower
    ) -> [ConsumerLane] {
        let topics = configuration.topics
        let room = configuration.pricers * 2 + 2
        func lane(
            _ topic: String,
            _ gate: @escaping @Sendable ([ConsumedRecord]) -> Bool
        ) -> ConsumerLane {
            ConsumerLane(topics: [topic], maximumUnfinished: room, gate: gate)
        }
        return [
            lane(topics.intradayBatches) { _ in jobs.isRead },
            lane(topics.parkedBatches) { jobs.isDue($0) },
            lane(topics.batches) { _ in jobs.isRead },
        ]
    }

    private static func register(
        _ inFlight: InFlightBatches,
        of pricers: Int,
        in registry: MetricsRegistry
    ) {
        let help = "Pricers of this engine."
        registry.gauge("grid_pricers", help: help, labels: ["state": "busy"]) {
            Double(inFlight.count)
        }
        registry.gauge("grid_pricers", help: help, labels: ["state": "idle"]) {
            Double(max(0, pricers - inFlight.count))
        }
    }

    private static func delivery(
        _ configuration: EngineConfiguration,
        _ producer: KafkaProducer,
        _ consumer: KafkaConsumer,
        snapshots: SnapshotFetcher,
        _ reduction: OversizeResultSplitter,
        _ logger: Logger
    ) -> any ResultDelivery {
        switch configuration.delivery {
        case .atLeastOnce:
            return AtLeastOnceDelivery(
                producer: producer,
                makeSingle: { () throws(KafkaError) in
                    try KafkaProducer(configuration: configuration.kafka.sendingOneByOne)
                },
                consumer: consumer,
                reduction: reduction,
                logger: logger
            )
        case .exactlyOnce:
            let topics = configuration.topics
            let connection = TransactionConnection(
                configuration: configuration.kafka,
                transactionalID: "\(topics.prefix)\(configuration.group).\(configuration.engineID)",
                group: configuration.group,
                topics: [topics.results, topics.deadLetters, topics.parkedBatches],
                placeholder: {
                    OffsetPlaceholder(partition: snapshots.partition, offset: snapshots.position)
                },
                logger: logger
            )
            return ExactlyOnceDelivery(
                consumer: consumer,
                connection: connection,
                limits: TransactionLimits(),
                reduction: reduction,
                logger: logger
            )
        }
    }

    /// Saves the first result the wait for its topic's leader.
    private func prepareTopics() async {
        let topics = configuration.topics
        do {
            try await producer.prepare(topics: [topics.results, topics.engines, topics.deadLetters])
        } catch {
            logger.debug("no metadata yet", [.error: error.reason])
        }
    }

    private func stop() async {
        await consumer.close()
        await heart.publishStopped()
        await delivery.close()
        await producer.close(within: producer.brokersDown ? .seconds(1) : .seconds(10))
        await pool.stop()
    }

    private func takeBatches() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while true {
                let pricer = await pool.acquire()
                await delivery.waitForRoom()
                guard let record = try await consumer.next() else {
                    pool.release(pricer)
                    return
                }
                guard delivery.take(record) else {
                    pool.release(pricer)
                    consumer.finish(record)
                    continue
                }
                group.addTask {
                    do {
                        try await self.handling.handle(record, with: pricer)
                    } catch {
                        // The loop above learns of it by the end of its records only.
                        self.drain()
                        self.returnToGroup()
                        throw error
                    }
                }
            }
        }
    }
}
