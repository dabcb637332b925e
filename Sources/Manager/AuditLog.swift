internal import GridAPI
public import KafkaClient
public import Operations
internal import Synchronization

/// Keeps who did what, in the topic `audit`, and shows it.
public final class AuditLog: GracefulService {
    private struct State {
        var entries: [AuditEntry] = []
        var hash = ""
        var isUpToDate = false
        /// Told of what was done: a restart must not forget sessions that were ended.
        var onDone: @Sendable (AuditEntry) -> Void = { _ in }
    }

    /// How many of the newest lines are shown.
    static let kept = 50_000

    private let configuration: KafkaConfiguration
    private let topic: String
    private let logger: Logger
    private let producer: KafkaProducer
    private let state = Mutex(State())
    private let stopped = ShutdownSignal()
    /// One act after the other, so that each names the one before.
    private let turn = Mutex(())

    /// Writes to a topic and reads it.
    public init(
        configuration: KafkaConfiguration,
        topic: String,
        logger: Logger
    ) throws(KafkaError) {
        var writing = configuration
        writing.messageTimeout = .seconds(8)
        self.configuration = configuration
        self.topic = topic
        self.logger = logger
        producer = try KafkaProducer(configuration: writing)
    }

    /// Calls `body` with each line of something that was done, those before the start as well.
    func onDone(_ body: @escaping @Sendable (AuditEntry) -> Void) {
        state.withLock { $0.onDone = body }
    }

    /// Writes a line; when it cannot be written, what it tells of must not be done.
    func append(_ entry: AuditEntry) throws(Problem) {
        let away = Problem(
            503,
            "broker_away",
            "nothing is done that the audit cannot keep: no broker answers",
            retryAfter: 5
        )
        guard !producer.brokersDown else { throw away }
        let problem = turn.withLock { _ -> Problem? in
            // Whoever waited behind one that failed does not wait as long again.
            guard !producer.brokersDown else { return away }
            var entry = entry
            entry.hash = state.withLock { $0.hash }
            guard let bytes = try? APIJSON.line(entry) else {
                return Problem(500, "internal", "an audit line cannot be written")
            }
            let record = ProducedRecord(topic: topic, key: nil, value: bytes.dropLast())
            let producer = producer
            let failure = blocking(atMost: .seconds(10)) { () async -> String? in
                do throws(KafkaError) {
                    _ = try await producer.send(record)
                    return nil
                } catch {
                    return error.reason
                }
            }
            guard case .some(nil) = failure else {
                return Problem(
                    503,
                    "broker_away",
                    "nothing is done that the audit cannot keep: "
                        + ((failure ?? nil) ?? "Kafka did not confirm within 10 s"),
                    retryAfter: 5
                )
            }
            state.withLock { $0.hash = Self.hash(bytes.dropLast()) }
            return nil
        }
        if let problem { throw problem }
    }

    /// The newest lines that fit, newest first.
    func entries(
        who: String?,
        action: String?,
        object: String?,
        from: String?,
        most: Int
    ) -> [AuditEntry] {
        state.withLock { state in
            Array(
                state.entries.reversed().lazy.filter { entry in
                    (who == nil || entry.who == who)
                        && (action.map { entry.action.hasPrefix($0) } ?? true)
                        && (object == nil || entry.object == object)
                        && (from.map { entry.at >= $0 } ?? true)
                }.prefix(most)
            )
        }
    }

    /// Whether all that was written before the start has been read.
    var isUpToDate: Bool { state.withLock { $0.isUpToDate } }

    /// Reads the topic until ``shutdown()``.
    public func run() async throws {
        let follower = TopicFollower(configuration: configuration, topic: topic)
        try await follower.follow(until: stopped) { records, isAtEnd in
            for record in records {
                guard let value = record.value,
                    let entry = try? APIJSON.decoded(AuditEntry.self, from: value)
                else { continue }
                let onDone = self.state.withLock { state in
                    state.entries.append(entry)
                    if state.entries.count > Self.kept + 5_000 { state.entries.removeFirst(5_000) }
                    return state.onDone
                }
                if entry.phase == "outcome", entry.outcome == "done" { onDone(entry) }
            }
            if isAtEnd { self.state.withLock { $0.isUpToDate = true } }
        }
        await producer.close()
    }

    /// Lets ``run()`` return.
    public func shutdown() async { stopped.trigger() }

    private static func hash(_ bytes: ArraySlice<UInt8>) -> String {
        let hash = Secrets.Hash()
        hash.update(bytes)
        return hash.text
    }
}
