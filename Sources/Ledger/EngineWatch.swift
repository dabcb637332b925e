internal import GridProtocol
internal import GridTopics
public import KafkaClient
public import Operations
internal import Synchronization

/// Reads the heartbeats of engines, until it is shut down.
///
/// It has a reader of its own, so that a ledger that lags or cannot be written does not make
/// engines look silent.
public final class EngineWatch: GracefulService {
    private struct State {
        var isShutDown = false
        var reader: KafkaReader?
        var hasCaughtUp = false
        var roster = EngineRoster()
    }

    private let configuration: KafkaConfiguration
    private let topic: String
    private let logger: Logger
    private let state = Mutex(State())

    /// Makes a watch of the topic of heartbeats; nothing is read before ``run()``.
    public init(configuration: KafkaConfiguration, topic: String, logger: Logger) {
        self.configuration = configuration
        self.topic = topic
        self.logger = logger
    }

    /// Whether all heartbeats in the topic have been read and a broker answers: otherwise
    /// an engine that looks silent, or is unknown, may be alive.
    public var isUpToDate: Bool {
        state.withLock { $0.hasCaughtUp && $0.reader?.brokersDown == false }
    }

    /// Returns the engines that are known, by id.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func engines(at time: Int64) -> [EngineStatus] {
        state.withLock { $0.roster }.engines(at: time)
    }

    /// Reads heartbeats until ``shutdown()``.
    ///
    /// - Throws: `KafkaError` when Kafka fails permanently.
    public func run() async throws {
        let reader = try await makeReader()
        let isShutDown = state.withLock { state in
            state.reader = reader
            return state.isShutDown
        }
        do {
            if !isShutDown { try await follow(reader) }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }

    /// Lets ``run()`` return.
    public func shutdown() async {
        let reader = state.withLock { state -> KafkaReader? in
            state.isShutDown = true
            return state.reader
        }
        await reader?.close()
    }

    // MARK: Private

    private var isShutDown: Bool { state.withLock { $0.isShutDown } }

    private func makeReader() async throws -> KafkaReader {
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: [topic],
            configuration: configuration
        )
        let count = counts[topic] ?? 0
        let partitions = (0..<Int32(count)).map { TopicPartition(topic: topic, partition: $0) }
        return try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) }),
            maximumBuffered: 500
        )
    }

    private func follow(_ reader: KafkaReader) async throws {
        // Many engines leave no pause between their heartbeats in which the reader is at the end.
        let ends = try? InitialEnds(await reader.endOffsets())
        while !isShutDown {
            let records = try await reader.nextBatch(maximum: 500, within: .milliseconds(500))
            let now = WireClock.now()
            let isAtEnd = reader.isAtEnd || ends?.areReached(by: reader.positions) == true
            let refused = state.withLock { state in
                let refused = records.count { record in
                    // A heartbeat that was in the topic is as old as it says; one that comes now is
                    // new, even if its engine's clock says otherwise.
                    let written = record.timestampMillis >= 0 ? record.timestampMillis * 1_000 : 0
                    let seenAt = state.hasCaughtUp ? now : min(now, written)
                    return record.value != nil && !state.roster.apply(record.value, seenAt: seenAt)
                }
                if isAtEnd { state.hasCaughtUp = true }
                state.roster.forget(at: now)
                return refused
            }
            if refused > 0 { logger.debug("heartbeats refused", [.count: String(refused)]) }
        }
    }
}
