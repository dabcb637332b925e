internal import GridAPI
public import KafkaClient
public import Operations
internal import Synchronization

/// Keeps who did what, in the topic `audit`, and shows it.
public final class AuditLog: GracefulService {
    private struct State {
        var entries: [AuditEntry] = []
        /// The hash of the record that this writer wrote last; nil while that is not known.
        var last: String?
        var isUpToDate = false
        /// Told of what was done: a restart must not forget sessions that were ended.
        var onDone: @Sendable (AuditEntry) -> Void = { _ in }
    }

    /// How many of the newest lines are shown.
    static let kept = 50_000
    /// Within how many of the newest records the last one of this writer is looked for.
    private static let lookedThrough: Int64 = 20_000

    private let configuration: KafkaConfiguration
    private let topic: String
    /// Names this compute-manager in its records, over restarts.
    private let writer: String
    private let logger: Logger
    private let producer: KafkaProducer
    private let state = Mutex(State())
    private let stopped = ShutdownSignal()
    /// One act after the other, so that each names the one before.
    private let turn = Mutex(())

    /// Writes to a topic and reads it.
    ///
    /// `writer`: names who writes; the same name goes on with the chain that it began.
    public init(
        configuration: KafkaConfiguration,
        topic: String,
        writer: String,
        logger: Logger
    ) throws(KafkaError) {
        var writing = configuration
        writing.messageTimeout = .seconds(8)
        self.configuration = configuration
        self.topic = topic
        self.writer = writer
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
            guard let last = self.last() else {
                return Problem(
                    503,
                    "broker_away",
                    "nothing is done that the audit cannot keep: its last record cannot be read yet",
                    retryAfter: 5
                )
            }
            var entry = entry
            entry.writer = writer
            entry.hash = last
            guard let line = try? APIJSON.line(entry) else {
                return Problem(500, "internal", "an audit line cannot be written")
            }
            let bytes = Array(line.dropLast())
            let record = ProducedRecord(topic: topic, key: nil, value: bytes)
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
                // It may have been written all the same: what is last is to be read again.
                state.withLock { $0.last = nil }
                return Problem(
                    503,
                    "broker_away",
                    "nothing is done that the audit cannot keep: "
                        + ((failure ?? nil) ?? "Kafka did not confirm within 10 s"),
                    retryAfter: 5
                )
            }
            state.withLock { $0.last = AuditChain.hash(bytes) }
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

    // MARK: Private

    /// The hash of the record that this writer wrote last, read where it is not known; nil when it
    /// cannot be.
    private func last() -> String? {
        if let last = state.withLock({ $0.last }) { return last }
        let found = blocking(atMost: .seconds(10)) { () async -> String? in
            try? await self.lastWritten()
        }
        guard let last = found ?? nil else { return nil }
        state.withLock { $0.last = last }
        return last
    }

    /// Looks for the last record of this writer among the newest, then among all.
    private func lastWritten() async throws -> String {
        let partition = TopicPartition(topic: topic, partition: 0)
        let looking = try makeReader([partition: .beginning])
        let range = try? await looking.endOffsets()[partition]
        await looking.close()
        guard let range else { throw ManagerError("the audit's end is not known") }
        let start = max(range.low, range.high - Self.lookedThrough)
        if let hash = try await newest(from: start, to: range.high, partition) { return hash }
        guard start > range.low else { return "" }
        return try await newest(from: range.low, to: range.high, partition) ?? ""
    }

    private func newest(
        from start: Int64,
        to end: Int64,
        _ partition: TopicPartition
    ) async throws -> String? {
        guard start < end else { return nil }
        let reader = try makeReader([partition: .offset(start)])
        var hash: String?
        do {
            while reader.positions[partition] ?? start < end {
                for record in try await reader.nextBatch(maximum: 1_000, within: .seconds(1)) {
                    guard let value = record.value,
                        let entry = try? APIJSON.decoded(AuditEntry.self, from: value),
                        entry.writer == writer
                    else { continue }
                    hash = AuditChain.hash(value)
                }
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
        return hash
    }

    private func makeReader(
        _ start: [TopicPartition: StartOffset]
    ) throws(KafkaError) -> KafkaReader {
        try KafkaReader(configuration: configuration, isolation: .readUncommitted, start: start)
    }
}
