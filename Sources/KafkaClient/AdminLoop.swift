import CRDKafka
import Synchronization

/// An admin client's state, and the work of its thread.
final class AdminLoop: ClientLoop {
    typealias Job = @Sendable (_ isClosed: Bool) -> Void
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    private enum Phase {
        case open
        case closing
        case closed
    }

    private struct State {
        var phase = Phase.open
        var jobs: [Job] = []
        var closers: [CloseContinuation] = []
        var status = ClientStatus()
    }

    /// The first metadata request takes at most this many milliseconds, so that librdkafka's events
    /// are handled meanwhile; each further one may take twice as long, for slow brokers.
    private static let firstLook = 1_000
    /// How long a request waits for its broker before it is sent again: a broker
    /// that died may have been chosen, and librdkafka waits for it to come back.
    private static let attempt = Duration.seconds(5)
    /// How long a topic must be missing before it counts as not existing.
    private static let absence = Duration.seconds(2)
    private static let pause: Int32 = 30

    let wake = Wake()
    private let handle: KafkaHandle
    private let events: EventQueue
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let configuration: KafkaConfiguration
    private let state = Mutex(State())

    init(_ configuration: KafkaConfiguration) throws(KafkaError) {
        let properties = try ClientProperties(configuration, role: .admin)
        handle = try KafkaHandle(properties, role: .admin)
        events = EventQueue(rd_kafka_queue_get_main(handle.pointer), wake: wake)
        log = configuration.log
        self.configuration = configuration
    }

    // MARK: - Called by anyone

    func submit(_ job: @escaping Job) {
        let isOpen = state.withLock { state in
            guard case .open = state.phase else { return false }
            state.jobs.append(job)
            return true
        }
        if isOpen {
            wake.signal()
        } else {
            job(true)
        }
    }

    func close(_ continuation: CloseContinuation) {
        let isClosed = state.withLock { state in
            if case .closed = state.phase {
                return true
            }
            state.phase = .closing
            state.closers.append(continuation)
            return false
        }
        if isClosed {
            continuation.resume()
        } else {
            wake.signal()
        }
    }

    func abandon() {
        state.withLock { state in
            guard case .open = state.phase else { return }
            state.phase = .closing
        }
        wake.signal()
    }

    // MARK: - Called by the client's thread

    func serve() -> ClientTurn {
        serveEvents(for: 0)
        while let job = nextJob() {
            job(false)
        }
        guard case .closing = state.withLock({ $0.phase }) else { return .wait(until: nil) }
        events.close()
        handle.destroy()
        let (jobs, closers) = state.withLock { state in
            state.phase = .closed
            defer {
                state.jobs = []
                state.closers = []
            }
            return (state.jobs, state.closers)
        }
        jobs.forEach { $0(true) }
        closers.forEach { $0.resume() }
        return .finished
    }

    /// Requests metadata, until a broker answers or the time is over.
    func metadata(
        allTopics: Bool,
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> ClusterMetadata {
        var error = RD_KAFKA_RESP_ERR__TIMED_OUT
        var look = AdminLoop.firstLook
        while let left = millisecondsLeft(until: deadline) {
            var metadata: UnsafePointer<rd_kafka_metadata>?
            error = rd_kafka_metadata(
                handle.pointer,
                allTopics ? 1 : 0,
                nil,
                &metadata,
                Int32(min(left, look))
            )
            look *= 2
            if error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata {
                defer { rd_kafka_metadata_destroy(metadata) }
                return ClusterMetadata(metadata.pointee)
            }
            serveEvents(for: AdminLoop.pause)
            // A retry does not help when authentication is refused.
            if let told = state.withLock({ $0.status.lastError }), told.code == .authentication {
                throw told
            }
        }
        throw unavailable(error)
    }

    /// Counts the partitions of topics, all of which must exist.
    func partitionCounts(
        ofExisting topics: [String],
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [String: Int] {
        let absence = ContinuousClock.now + AdminLoop.absence
        while true {
            let known = try metadata(allTopics: true, until: deadline).topics
            let counts = known.filter { topics.contains($0.key) }.mapValues(\.partitions)
                .filter { $0.value > 0 }
            guard let missing = topics.first(where: { counts[$0] == nil }) else { return counts }
            guard ContinuousClock.now < min(absence, deadline) else {
                throw KafkaError(
                    code: .unknownTopic,
                    reason: "the topic \(missing) does not exist at"
                        + " \(configuration.bootstrapServers), or this user may not see it"
                )
            }
            serveEvents(for: AdminLoop.pause)
        }
    }

    /// Creates missing topics, and waits until all can be used.
    func createMissing(
        _ wanted: [TopicSpecification],
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [String] {
        let present = try metadata(allTopics: true, until: deadline).topics
        let missing = wanted.filter { present[$0.name] == nil }
        var created: [String] = []
        if !missing.isEmpty {
            try awaitController(until: min(deadline, .now + .seconds(1)), for: missing)
            created = try create(missing, until: deadline)
        }
        while true {
            // The last request may end after the deadline: it tells what is not ready.
            let topics = try metadata(allTopics: true, until: max(deadline, .now + .seconds(1)))
                .topics
            let unready = wanted.filter { topic in
                guard let found = topics[topic.name] else { return true }
                let isComplete = found.partitions >= topic.partitions
                return found.led < found.partitions || (created.contains(topic.name) && !isComplete)
            }
            guard !unready.isEmpty else { return created }
            guard millisecondsLeft(until: deadline) != nil else {
                let names = unready.map(\.name).joined(separator: ", ")
                throw KafkaError(
                    code: .timedOut,
                    reason: "not ready in time, some partitions have no leader: \(names)",
                    isRetriable: true
                )
            }
            serveEvents(for: AdminLoop.pause)
        }
    }

    /// Asks the group's coordinator for its offsets.
    func committedOffsets(
        of group: String,
        in partitions: Set<TopicPartition>,
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let role = ClientRole.consumer(group: group)
        let member = try KafkaHandle(ClientProperties(configuration, role: role), role: role)
        defer { member.destroy(quickly: true) }
        let left = millisecondsLeft(until: deadline) ?? 1
        let asked = Dictionary(uniqueKeysWithValues: partitions.map { ($0, Int64(-1)) })
        let (error, elements) = PartitionList.with(asked) { list in
            let error = rd_kafka_committed(member.pointer, list, Int32(clamping: left))
            return (error, PartitionList.elements(list))
        }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(error, context: "asking for the offsets of group \(group)")
        }
        for element in elements where element.error != RD_KAFKA_RESP_ERR_NO_ERROR {
            throw KafkaError(element.error, context: "the offset of \(element.partition)")
        }
        let known = elements.filter { $0.offset >= 0 }
        return Dictionary(known.map { ($0.partition, $0.offset) }) { first, _ in first }
    }

    // MARK: -

    private func create(
        _ missing: [TopicSpecification],
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [String] {
        var isAgain = false
        while true {
            do throws(KafkaError) {
                let limit = min(deadline, .now + AdminLoop.attempt)
                let created = try handle.create(missing, until: limit)
                // Topics that exist now were created by an attempt whose answer was lost.
                return isAgain ? missing.map(\.name) : created
            } catch {
                guard error.code == .timedOut, millisecondsLeft(until: deadline) != nil else {
                    throw error
                }
            }
            isAgain = true
            // Tells which brokers can be reached now.
            _ = try metadata(allTopics: true, until: deadline)
        }
    }

    /// Waits for the broker that creates topics; the embedded cluster has none and never answers.
    private func awaitController(
        until deadline: ContinuousClock.Instant,
        for missing: [TopicSpecification]
    ) throws(KafkaError) {
        while true {
            let brokers = try metadata(allTopics: false, until: .now + .seconds(5)).brokerIDs
            guard !brokers.contains(rd_kafka_controllerid(handle.pointer, 0)) else { return }
            guard millisecondsLeft(until: deadline) != nil else { break }
            serveEvents(for: AdminLoop.pause)
        }
        let names = missing.map(\.name).sorted().joined(separator: ", ")
        throw KafkaError(
            code: .unsupported,
            reason: "the Kafka at \(configuration.bootstrapServers) creates no topics for its"
                + " clients, and these are missing: \(names)"
        )
    }

    private func nextJob() -> Job? {
        state.withLock { $0.jobs.isEmpty ? nil : $0.jobs.removeFirst() }
    }

    /// Handles events, waiting at most this many milliseconds for the first.
    private func serveEvents(for milliseconds: Int32) {
        var event = rd_kafka_queue_poll(events.pointer, milliseconds)
        while let current = event {
            if let change = handle.status(of: current, log: log) {
                state.withLock { $0.status.apply(change) }
            }
            rd_kafka_event_destroy(current)
            event = events.poll()
        }
    }

    private func millisecondsLeft(until deadline: ContinuousClock.Instant) -> Int? {
        let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
        return left > 0 ? left : nil
    }

    private func unavailable(_ error: rd_kafka_resp_err_t) -> KafkaError {
        let told = state.withLock { $0.status.lastError }
        var failure = KafkaError(error)
        let why = told?.reason ?? failure.reason
        failure.code = told?.code == .authentication ? .authentication : .brokersUnavailable
        failure.reason = "no Kafka broker answers at \(configuration.bootstrapServers): \(why)"
        failure.isRetriable = true
        return failure
    }
}
