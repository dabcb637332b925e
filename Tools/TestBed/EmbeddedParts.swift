package import GridEngine
internal import GridProtocol
internal import KafkaClient
package import Ledger
package import Operations
internal import Synchronization

/// An engine in this process, and how it ended.
package final class EmbeddedEngine: Sendable {
    package let engine: Engine
    package let registry = MetricsRegistry()
    private let run: Task<Void, any Error>
    private let ending: Ending

    init(_ configuration: EngineConfiguration, logger: Logger) throws {
        let engine = try Engine(configuration: configuration, logger: logger, registry: registry)
        let ending = Ending()
        self.engine = engine
        self.ending = ending
        // The grid's end waits for it, so that nothing outlives a test.
        run = Task {
            do {
                try await engine.run()
                ending.note(nil)
            } catch {
                ending.note(error)
                throw error
            }
        }
    }

    /// Why it ended by itself; nil while it runs, and when it was told to.
    package var failure: (any Error)? { ending.failure }

    /// Whether it works, or still ends.
    package var isRunning: Bool { !ending.hasEnded }

    /// Lets it finish what it has taken, hands back what is not done within `limit`, and waits for
    /// its end.
    ///
    /// - Throws: what its run threw.
    package func stop(within limit: Duration = .seconds(25)) async throws {
        engine.drain()
        await engine.finish(within: limit)
        try await run.value
    }

    /// Waits until it ends by itself.
    ///
    /// - Returns: the error with which it ended; nil without one.
    package func end(within limit: Duration) async throws -> (any Error)? {
        try await eventually("the engine ends", within: limit) { ending.hasEnded }
        return failure
    }

    /// The value of a metric; nil when there is none.
    package func metric(_ name: String) -> Double? {
        registry.prometheusText().split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }
            .flatMap { $0.split(separator: " ").last }
            .flatMap { Double($0) }
    }
}

/// An aggregator in this process, wired as its program does it.
package final class EmbeddedAggregator: Sendable {
    package let core: AggregatorCore
    package let service: AggregatorService
    package let watch: EngineWatch
    package let registry = MetricsRegistry()
    private let run: Task<Void, any Error>
    private let group: ServiceGroup

    init(
        ledger: String,
        kafka: KafkaConfiguration,
        topics: Topics,
        logger: Logger
    ) throws {
        core = try AggregatorCore(store: LedgerStore(path: ledger), topics: topics)
        watch = EngineWatch(configuration: kafka, topic: topics.engines, logger: logger)
        service = AggregatorService(
            core: core,
            configuration: kafka,
            topics: topics,
            logger: logger,
            registry: registry
        )
        let (service, watch) = (service, watch)
        let group = ServiceGroup(
            services: [watch, service],
            logger: logger,
            signals: [],
            gracePeriod: .seconds(60)
        )
        self.group = group
        run = Task { try await group.run() }
    }

    /// What a job waits for, in one sentence.
    package func waitingReason(of job: String) -> String? {
        let time = WireClock.now()
        guard let id = JobID(rawValue: job) else { return nil }
        return core.waitingReason(
            of: id,
            in: LiveGridState(
                trouble: service.trouble,
                partitions: service.batchPartitions,
                engines: watch.isUpToDate ? watch.engines(at: time) : nil,
                held: nil
            ),
            at: time
        )
    }

    /// The value of a metric; nil when there is none.
    package func metric(_ name: String) -> Double? {
        registry.prometheusText().split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }
            .flatMap { $0.split(separator: " ").last }
            .flatMap { Double($0) }
    }

    /// Stops it, as SIGTERM does, and waits for its end.
    package func stop() async {
        group.triggerShutdown()
        _ = try? await run.value
    }
}

/// How something ended.
private final class Ending: Sendable {
    private let state = Mutex<(hasEnded: Bool, failure: (any Error)?)>((false, nil))

    var hasEnded: Bool { state.withLock { $0.hasEnded } }
    var failure: (any Error)? { state.withLock { $0.failure } }

    func note(_ failure: (any Error)?) {
        state.withLock { $0 = (true, failure) }
    }
}

/// Log lines that are kept to be looked at.
package final class LineLog: Sendable {
    private let lines = Mutex<[String]>([])

    package init() {}

    /// A logger whose lines are kept, and not written.
    package func logger(_ label: String) -> Logger {
        Logger(label: label, level: .info, descriptor: nil) { line in
            self.lines.withLock { $0.append(line.rendered(as: .text)) }
        }
    }

    /// All lines so far.
    package var text: String { lines.withLock { $0.joined() } }
}

/// Lets so many in at a time.
actor Gate {
    private var room: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(_ room: Int) {
        self.room = room
    }

    func enter() async {
        guard room == 0 else {
            room -= 1
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        guard !waiting.isEmpty else {
            room += 1
            return
        }
        waiting.removeFirst().resume()
    }
}
