public import KafkaClient
public import Operations
internal import Synchronization

/// Detects results that are held back by a transaction that does not end.
///
/// Readers of committed records stop at the first record of an open transaction. Kafka ends the
/// transaction of a dead engine within seconds. But Kafka may lose a transaction, and then nothing
/// after it is ever read. Kafka is asked only while a job waits for results and none come.
public final class HeldResultsWatch: GracefulService {
    /// Where results are held back.
    private struct Hold {
        var partition: TopicPartition
        /// The offset of the first record that is held back.
        var offset: Int64
        var since: ContinuousClock.Instant
        var isReported = false
    }

    /// An engine's transactions end within ten seconds, or Kafka ends them within another ten.
    private static let patience = Duration.seconds(30)

    private let configuration: KafkaConfiguration
    private let topic: String
    private let logger: Logger
    private let interval: Duration
    private let isQuiet: @Sendable () -> Bool
    private let isShutDown = ShutdownSignal()
    private let holds = Mutex<[Hold]>([])

    /// Makes a watch; Kafka is not asked before ``run()``.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topic: the topic of results.
    ///   - interval: how often is looked.
    ///   - logger: gets a line when results are held back, and when they no longer are.
    ///   - isQuiet: whether a job waits for results and none came for some seconds.
    public init(
        configuration: KafkaConfiguration,
        topic: String,
        interval: Duration = .seconds(10),
        logger: Logger,
        isQuiet: @escaping @Sendable () -> Bool
    ) {
        self.configuration = configuration
        self.topic = topic
        self.interval = interval
        self.logger = logger
        self.isQuiet = isQuiet
    }

    /// What holds results back, for people; nil when nothing has for long enough to be reported.
    public var reason: String? { holds.withLock { $0.lazy.compactMap(Self.text).first } }

    /// Checks periodically until ``shutdown()``.
    public func run() async throws {
        while !isShutDown.isTriggered {
            await pause()
            guard !isShutDown.isTriggered, isQuiet() else {
                update(with: [:])
                continue
            }
            do throws(KafkaError) {
                let committed = try await ends(.readCommitted)
                let written = try await ends(.readUncommitted)
                update(
                    with: committed.filter { partition, range in
                        range.high < written[partition]?.high ?? 0
                    }.mapValues(\.high)
                )
            } catch {
                // Other services report that no broker answers.
                logger.debug("the ends of results are not known", [.error: error.reason])
            }
        }
    }

    /// Lets ``run()`` return.
    public func shutdown() async {
        isShutDown.trigger()
    }

    // MARK: Private

    private func pause() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.isShutDown.wait() }
            group.addTask { try? await Task.sleep(for: self.interval) }
            await group.next()
            group.cancelAll()
        }
    }

    private func ends(
        _ isolation: IsolationLevel
    ) async throws(KafkaError) -> [TopicPartition: OffsetRange] {
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: [topic],
            configuration: configuration
        )
        let partitions = (0..<Int32(counts[topic] ?? 0)).map {
            (TopicPartition(topic: topic, partition: $0), StartOffset.end)
        }
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: isolation,
            start: Dictionary(uniqueKeysWithValues: partitions),
            maximumBuffered: 1
        )
        let answer: Result<[TopicPartition: OffsetRange], KafkaError>
        do throws(KafkaError) {
            answer = .success(try await reader.endOffsets())
        } catch {
            answer = .failure(error)
        }
        await reader.close()
        return try answer.get()
    }

    private func update(with held: [TopicPartition: Int64]) {
        let (reported, isOver) = holds.withLock { holds in
            let wereReported = holds.contains(where: \.isReported)
            let before = holds
            holds = held.sorted { $0.key.partition < $1.key.partition }.map { partition, offset in
                before.first { $0.partition == partition && $0.offset == offset }
                    ?? Hold(partition: partition, offset: offset, since: .now)
            }
            var reported: [String] = []
            for index in holds.indices where !holds[index].isReported {
                guard let text = Self.text(holds[index]) else { continue }
                holds[index].isReported = true
                reported.append(text)
            }
            return (reported, wereReported && !holds.contains(where: \.isReported))
        }
        for text in reported { logger.warning("results are held back", [.error: text]) }
        if isOver { logger.notice("results are no longer held back") }
    }

    private static func text(_ hold: Hold) -> String? {
        let time = hold.since.duration(to: .now)
        guard time >= patience else { return nil }
        return "results from offset \(hold.offset) of \(hold.partition) are held back by a"
            + " transaction that has not ended for \(time.components.seconds) s:"
            + " scripts/hanging-transactions shows and aborts it"
    }
}
