internal import GridProtocol
internal import GridTopics
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Publishes heartbeats of an engine, with what it is pricing.
final class HeartbeatPublisher: Sendable {
    private struct State {
        var library = ""
        var isDraining = false
        var rates = RateWindow()
    }

    /// The most batches that a heartbeat names, so that it stays below a few KB.
    private static let mostWork = 24

    /// The batches that the engine is pricing.
    let inFlight = InFlightBatches()
    private let configuration: EngineConfiguration
    private let producer: KafkaProducer
    private let consumer: KafkaConsumer
    private let pool: PricerPool
    private let counters: EngineCounters
    private let logger: Logger
    private let startedAt = WireClock.now()
    private let signal = DeliverySignal()
    private let state = Mutex(State())

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

    /// Notes what the pricers price with.
    func note(library: String) {
        state.withLock { $0.library = library }
    }

    /// Publishes at once, and from now on, that the engine takes no more batches.
    func drain() {
        state.withLock { $0.isDraining = true }
        signal.raise()
    }

    /// Publishes heartbeats until the task is cancelled.
    func beat() async {
        var isRefused = false
        while !Task.isCancelled {
            let error = await publish(stopped: false)
            if let error, error.code == .authorization, !isRefused {
                // Not a reason to end the engine, but it will look silent.
                logger.warning("heartbeats are refused", [.error: error.reason])
                isRefused = true
            }
            await signal.wait(until: .now + configuration.heartbeatInterval)
        }
    }

    /// Publishes the last heartbeat, if a broker accepts it within two seconds.
    func publishStopped() async {
        guard !producer.brokersDown else { return }
        await withTaskGroup(of: Void.self) { group in
            group.addTask { _ = await self.publish(stopped: true) }
            group.addTask { try? await Task.sleep(for: .seconds(2)) }
            await group.next()
            group.cancelAll()
        }
    }

    // MARK: Private

    /// Returns why the heartbeat was not delivered, if it was not.
    private func publish(stopped: Bool) async -> KafkaError? {
        let record = ProducedRecord(
            topic: configuration.topics.engines,
            key: Array(configuration.engineID.utf8),
            message: heartbeat(stopped: stopped)
        )
        do {
            _ = try await producer.send(record)
            return nil
        } catch {
            logger.debug("heartbeat not delivered", [.error: error.reason])
            return error
        }
    }

    private func heartbeat(stopped: Bool) -> Heartbeat {
        let now = WireClock.now()
        let counts = counters.current
        let (rate, library, isDraining) = state.withLock { state in
            (state.rates.look(counts, at: now), state.library, state.isDraining)
        }
        return Heartbeat(
            engineID: configuration.engineID,
            host: configuration.host,
            startedAt: startedAt,
            at: now,
            version: BuildInformation.version,
            pricers: UInt32(clamping: pool.pricers.count),
            busyPricers: UInt32(clamping: inFlight.count),
            batchesPriced: counts.batchesPriced,
            tradesPriced: counts.tradesPriced,
            pricerRestarts: counts.pricerRestarts,
            partitions: consumer.assignment.filter { $0.topic == configuration.topics.batches }
                .map(\.partition).sorted(),
            draining: isDraining,
            stopped: stopped,
            pid: UInt32(clamping: ProcessMemory.ownID),
            libraryVersion: library,
            intervalMillis: UInt32(
                clamping: Int64(configuration.heartbeatInterval / .milliseconds(1))
            ),
            delivery: configuration.delivery.rawValue,
            work: inFlight.oldest(Self.mostWork),
            batchesPerSecond: rate.batches,
            tradesPerSecond: rate.trades,
            residentBytes: UInt64(clamping: ProcessMemory.residentBytes(of: ProcessMemory.ownID)),
            pricerResidentBytes: UInt64(clamping: pool.residentBytes)
        )
    }
}
