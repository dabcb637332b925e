internal import Glibc
internal import GridAPI
internal import GridTopics
public import KafkaClient
public import Operations
internal import Synchronization

/// Publishes a program's log lines to the topic `logs`, beside standard error.
///
/// It can hold nothing up: lines that Kafka does not take in time, or that are more than 200 a
/// second for long, are dropped, and the next line that is sent says how many.
public final class LogPublisher: GracefulService {
    private struct State {
        var sequence = 0
        var tokens = LogPublisher.burst
        var filled = ContinuousClock.now
    }

    /// The option that sets what is published.
    public static let option = Option(
        name: "log-publish-level",
        placeholder: "LEVEL",
        help: "log lines of this level and above go to the topic logs too; off: none",
        default: "info",
        kind: .choice(["off"] + LogLevel.allCases.map(\.rawValue))
    )

    static let linesPerSecond = 200.0
    static let burst = 2_000.0
    private static let longestText = 4_096
    private static let pause = Duration.milliseconds(250)

    private let configuration: KafkaConfiguration
    private let topic: String
    private let engine: String
    private let level: LogLevel
    private let buffer = LogBuffer(capacity: 2_000)
    private let state = Mutex(State())
    private let stopped = ShutdownSignal()

    /// A publisher of lines of a level and above.
    ///
    /// - Parameters:
    ///   - configuration: how Kafka is reached.
    ///   - topic: where lines go.
    ///   - engine: the engine's id; empty for other programs.
    ///   - level: the least; nil for none.
    public init?(
        configuration: KafkaConfiguration,
        topic: String,
        engine: String,
        level: String
    ) {
        guard let level = LogLevel(rawValue: level) else { return nil }
        var configuration = configuration
        configuration.messageTimeout = .seconds(5)
        // A line more or less is no loss: replicas that are slow need not be waited for.
        configuration.isDurable = false
        self.configuration = configuration
        self.topic = topic
        self.engine = engine
        self.level = level
    }

    /// A logger whose lines are published too.
    public func publishing(_ logger: Logger) -> Logger {
        var logger = logger
        let (buffer, level) = (buffer, level)
        logger.sink = { line in
            if line.level >= level { buffer.append(line) }
        }
        return logger
    }

    /// Publishes lines until ``shutdown()``; a Kafka that cannot be reached is no failure.
    public func run() async throws {
        let producer = try KafkaProducer(configuration: configuration)
        while !stopped.isTriggered {
            _ = await stopped.wait(atMost: Self.pause)
            await publish(producer)
        }
        await producer.close(within: .seconds(2))
    }

    /// Lets ``run()`` return after the lines that are there.
    public func shutdown() async { stopped.trigger() }

    // MARK: Private

    private func publish(_ producer: KafkaProducer) async {
        let (lines, dropped) = buffer.drain()
        let records = state.withLock { state -> [ProducedRecord] in
            let now = ContinuousClock.now
            let passed = state.filled.duration(to: now) / .seconds(1)
            state.tokens = min(Self.burst, state.tokens + passed * Self.linesPerSecond)
            state.filled = now
            let most = min(lines.count, Int(state.tokens))
            state.tokens -= Double(most)
            // What is left out is the oldest: the newest lines say how things are. Each line has its
            // number whether it is sent or not, so that a gap is what was lost on any way.
            var dropped = dropped + lines.count - most
            state.sequence += dropped
            return lines.suffix(most).compactMap { line in
                state.sequence += 1
                let entry = entry(line, sequence: state.sequence, dropped: dropped)
                dropped = 0
                guard let bytes = try? APIJSON.line(entry) else { return nil }
                return ProducedRecord(
                    topic: topic,
                    key: Array(engine.utf8),
                    value: Array(bytes.dropLast())
                )
            }
        }
        guard !records.isEmpty else { return }
        await withTaskGroup(of: Void.self) { group in
            for record in records {
                // One that Kafka does not take leaves a gap in the numbers.
                group.addTask { _ = try? await producer.send(record) }
            }
        }
    }

    private func entry(_ line: LogLine, sequence: Int, dropped: Int) -> LogEntry {
        var fields: [String: String] = [:]
        for (key, value) in line.metadata {
            fields[key.rawValue] = Self.cut(value)
        }
        return LogEntry(
            at: Timestamp.iso8601(line.time),
            level: line.level.rawValue,
            program: line.label,
            host: Program.hostName,
            engine: engine,
            pid: Int(getpid()),
            sequence: sequence,
            message: Self.cut(line.message),
            fields: fields,
            dropped: dropped
        )
    }

    /// A text of at most 4 KiB, cut between characters.
    private static func cut(_ text: String) -> String {
        guard text.utf8.count > longestText else { return text }
        var cut = ""
        var count = 0
        for character in text {
            count += character.utf8.count
            guard count < longestText - 3 else { break }
            cut.append(character)
        }
        return cut + "…"
    }
}
