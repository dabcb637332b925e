internal import Finance
internal import GridProtocol
internal import GridTopics
internal import KafkaClient
public import Operations
internal import Synchronization

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
    private let snapshots: SnapshotReader
    private let isHandingBack = Atomic<Bool>(false)
    private let startedAt = WireClock.now()

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
        pool = PricerPool(count: configuration.pricers, configuration: configuration.pricer)
        do {
            producer = try KafkaProducer(configuration: configuration.kafka)
            consumer = try KafkaConsumer(
                configuration: configuration.kafka,
                group: configuration.group,
                topics: [configuration.topics.batches],
                maximumUnfinished: configuration.pricers * 2 + 2,
                commits: configuration.delivery == .exactlyOnce ? .byTransaction : .byConsumer
            )
        } catch {
            throw EngineError(error.reason)
        }
        delivery = Self.delivery(configuration, producer, consumer, logger)
        snapshots = SnapshotReader(
            configuration: configuration.kafka,
            topic: configuration.topics.market,
            limit: configuration.snapshotBytes
        )
    }

    /// Whether the engine takes batches: pricers run, the group is joined, a broker answers.
    public var isReady: Bool {
        consumer.isJoined && !consumer.brokersDown && delivery.isReady
    }

    /// Works until ``drain()`` was called and everything taken is delivered, then leaves the group.
    ///
    /// - Throws: ``EngineError`` when the pricer cannot be started or Kafka fails for good.
    public func run() async throws {
        do {
            let identity = try await pool.start()
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
                    await self.beat()
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
                // Without snapshots nothing can be priced: their failure is the engine's.
                while let isDone = try await group.next(), !isDone {}
                group.cancelAll()
            }
        } catch {
            await stop()
            throw error as? EngineError ?? EngineError("\(error)")
        }
        await stop()
    }

    /// Stops taking batches; ``run()`` returns once those taken are delivered.
    public func drain() {
        consumer.drain()
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
        handBack()
    }

    /// Hands back at once what is not priced yet.
    public func handBack() {
        isHandingBack.store(true, ordering: .sequentiallyConsistent)
        pool.kill()
    }

    // MARK: Private

    private static func delivery(
        _ configuration: EngineConfiguration,
        _ producer: KafkaProducer,
        _ consumer: KafkaConsumer,
        _ logger: Logger
    ) -> any ResultDelivery {
        switch configuration.delivery {
        case .atLeastOnce:
            return PlainDelivery(producer: producer, consumer: consumer, logger: logger)
        case .exactlyOnce:
            let topics = configuration.topics
            let connection = TransactionConnection(
                configuration: configuration.kafka,
                transactionalID: "\(topics.prefix)\(configuration.group).\(configuration.engineID)",
                group: configuration.group,
                topics: [topics.results, topics.deadLetters],
                logger: logger
            )
            return TransactionalDelivery(
                consumer: consumer,
                connection: connection,
                limits: TransactionLimits(),
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
        await sayGoodbye()
        await delivery.close()
        await producer.close(within: producer.brokersDown ? .seconds(1) : .seconds(10))
        await pool.stop()
    }

    /// Publishes the last heartbeat, if a broker takes it soon.
    private func sayGoodbye() async {
        guard !producer.brokersDown else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.publishHeartbeat(stopped: true) }
            group.addTask { try? await Task.sleep(for: .seconds(2)) }
            await group.next()
            group.cancelAll()
        }
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
                group.addTask { try await self.work(on: record, with: pricer) }
            }
        }
    }

    private func work(on record: ConsumedRecord, with pricer: Pricer) async throws {
        let takenAt = WireClock.now()
        let clock = ContinuousClock.now
        guard let value = record.value else {
            pool.release(pricer)
            try await bury(record, because: "the record has no value")
            return
        }
        let envelope: BatchEnvelope
        do throws(WireError) {
            guard RecordHeaders(record).permits(Batch.self) else {
                throw WireError(
                    code: .invalidValue,
                    reason: "the record is not a \(Batch.schemaName)"
                )
            }
            envelope = try BatchEnvelope.decode(value)
        } catch {
            pool.release(pricer)
            try await bury(record, because: error.reason)
            return
        }
        if envelope.deadline > 0, envelope.deadline < takenAt {
            pool.release(pricer)
            logger.debug("skipped a batch past its deadline", Self.facts(of: envelope))
            _ = try await delivery.deliver([], finishing: record)
            return
        }
        let priced: (supervision: BatchSupervision, letters: [DeadLetter])
        do {
            priced = try await price(envelope, with: pricer, record: record)
        } catch is HandedBack {
            pool.release(pricer)
            delivery.giveUp(record)
            logger.info("handed a batch back", Self.facts(of: envelope))
            return
        } catch {
            pool.release(pricer)
            throw error
        }
        pool.release(pricer)
        let result = BatchResult(
            envelope: envelope,
            parts: priced.supervision.parts,
            engineID: configuration.engineID,
            attempt: priced.supervision.attempts,
            takenAt: takenAt,
            pricedAt: WireClock.now()
        )
        let records =
            priced.letters.map(self.record) + [
                ProducedRecord(
                    topic: configuration.topics.results,
                    key: Array(envelope.jobID.utf8),
                    message: result,
                    jobID: envelope.jobID,
                    batchIndex: envelope.index
                )
            ]
        guard try await delivery.deliver(records, finishing: record) else {
            logger.debug("dropped a batch that was reassigned", Self.facts(of: envelope))
            return
        }
        for _ in priced.letters { counters.wroteDeadLetter() }
        counters.delivered(trades: Int(envelope.tradeCount), after: clock.duration(to: .now))
    }

    /// Prices a batch part by part until every trade has a result or a reason.
    private func price(
        _ envelope: BatchEnvelope,
        with pricer: Pricer,
        record: ConsumedRecord
    ) async throws -> (BatchSupervision, [DeadLetter]) {
        var supervision = BatchSupervision(
            tradeCount: Int(envelope.tradeCount),
            limits: configuration.limits
        )
        var letters: [DeadLetter] = []
        guard
            let snapshot = await snapshots.bytes(
                of: envelope.snapshotID,
                within: configuration.snapshotLimit
            )
        else {
            supervision.abandon(
                because: FailureReason(
                    code: .missingSnapshot,
                    message: "the snapshot \(envelope.snapshotID) did not arrive within "
                        + "\(configuration.snapshotLimit)"
                )
            )
            return (supervision, letters)
        }
        let start = ContinuousClock.now
        let patience =
            configuration.limits.limit(for: Int(envelope.tradeCount)) * 10
            + .seconds(60)
        while let work = supervision.next {
            if envelope.deadline > 0, WireClock.now() > envelope.deadline {
                supervision.abandon(
                    because: FailureReason(
                        code: .missing,
                        message: "the job's deadline passed while its batch was priced"
                    )
                )
                break
            }
            if start.duration(to: .now) > patience {
                let reason = FailureReason(
                    code: .pricerTimedOut,
                    message: "the batch was given up after \(patience) with pricers lost"
                )
                for position in supervision.abandon(because: reason) {
                    letters.append(
                        DeadLetter(
                            record: record,
                            envelope: envelope,
                            position: position,
                            reason: reason,
                            signal: 0,
                            attempt: supervision.attempts,
                            engineID: configuration.engineID
                        )
                    )
                }
                break
            }
            let answer = try await pricer.price(
                snapshotID: envelope.snapshotID,
                snapshot: snapshot,
                payload: envelope.payload,
                range: work.range,
                limit: configuration.limits.limit(for: work.range.count)
            )
            var reason: FailureReason
            var signal: Int32 = 0
            switch answer {
            case .priced(let bytes):
                supervision.succeeded(with: bytes)
                continue
            case .refused(let refusal):
                supervision.abandon(because: refusal)
                continue
            case .died(let exit):
                signal = exit.signal
                reason = FailureReason(
                    code: .pricerCrashed,
                    message: "the pricer \(exit.description)"
                )
            case .timedOut(let limit):
                reason = FailureReason(
                    code: .pricerTimedOut,
                    message: "the pricer gave no answer within \(limit)"
                )
            }
            if isHandingBack.load(ordering: .sequentiallyConsistent) { throw HandedBack() }
            counters.restartedPricer()
            logger.info("pricer lost", Self.facts(of: envelope, adding: [.error: reason.message]))
            guard let guilty = supervision.failed(with: reason) else { continue }
            letters.append(
                DeadLetter(
                    record: record,
                    envelope: envelope,
                    position: guilty,
                    reason: reason,
                    signal: signal,
                    attempt: supervision.attempts,
                    engineID: configuration.engineID
                )
            )
        }
        if await pricer.retireIfGrown() {
            counters.restartedPricer()
            logger.info("pricer replaced because of its size", Self.facts(of: envelope))
        }
        return (supervision, letters)
    }

    private func bury(_ record: ConsumedRecord, because reason: String) async throws {
        logger.info(
            "undecodable batch",
            [.kafkaOffset: String(record.offset), .error: reason]
        )
        let letter = DeadLetter(record: record, cause: reason, engineID: configuration.engineID)
        if try await delivery.deliver([self.record(of: letter)], finishing: record) {
            counters.wroteDeadLetter()
        }
    }

    private func record(of letter: DeadLetter) -> ProducedRecord {
        ProducedRecord(
            topic: configuration.topics.deadLetters,
            key: Array(letter.jobID.utf8),
            message: letter
        )
    }

    private func beat() async {
        while !Task.isCancelled {
            await publishHeartbeat(stopped: false)
            try? await Task.sleep(for: configuration.heartbeatInterval)
        }
    }

    private func publishHeartbeat(stopped: Bool) async {
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
        heartbeat.partitions = consumer.assignment.map(\.partition).sorted()
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

    private static func facts(
        of envelope: BatchEnvelope,
        adding more: [LogKey: String] = [:]
    ) -> [LogKey: String] {
        var facts = more
        facts[.jobID] = envelope.jobID
        facts[.batchIndex] = String(envelope.index)
        return facts
    }
}
