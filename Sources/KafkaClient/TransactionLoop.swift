import CRDKafka
import Synchronization

/// A transactional producer's state and its thread's turns; the steps are in the extension.
final class TransactionLoop: ClientLoop {
    typealias Job = @Sendable (_ isClosed: Bool) -> Void
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    private enum Phase {
        case open
        case closing
        case closed
    }

    private struct State {
        var phase = Phase.open
        var jobs = Fifo<Job>()
        var closers: [CloseContinuation] = []
        var status = ClientStatus()
        /// Why the first record of this transaction was not written.
        var undelivered: KafkaError?
        /// Counts transactions, so that late reports of one that was aborted are told apart.
        var transaction: UInt32 = 0
        /// How many records were given to this transaction.
        var recordCount: UInt32 = 0
        /// Which of them are larger than their topic allows, as far as is known.
        var tooLarge: Set<Int> = []
        var touched = TouchedPartitions()
        var firstOffsets: [TopicPartition: Int64] = [:]
        /// When a connection was last lost.
        var connectionLostAt: ContinuousClock.Instant?
    }

    /// How long a client that is closed may take to report its records in flight.
    private static let reporting = Duration.seconds(1)

    let wake = Wake()
    let handle: KafkaHandle
    let known = PreparedTopics()
    private let events: EventQueue
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let state = Mutex(State())

    init(
        _ configuration: KafkaConfiguration,
        id: String,
        timeout: Duration
    ) throws(KafkaError) {
        let role = ClientRole.transactions(id: id, timeout: timeout)
        handle = try KafkaHandle(ClientProperties(configuration, role: role), role: role)
        events = EventQueue(rd_kafka_queue_get_main(handle.pointer), wake: wake)
        log = configuration.log
    }

    // MARK: - Called by anyone

    var status: ClientStatus { state.withLock { $0.status } }

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

    /// The producer was released, so no caller waits.
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
        while let job = state.withLock({ $0.jobs.popFirst() }) {
            job(false)
        }
        guard case .closing = state.withLock({ $0.phase }) else { return .wait(until: nil) }
        end()
        return .finished
    }

    /// Handles events, waiting at most this many milliseconds for the first.
    func serveEvents(for milliseconds: Int32) {
        var event = rd_kafka_queue_poll(events.pointer, milliseconds)
        while let current = event {
            if rd_kafka_event_type(current) == RD_KAFKA_EVENT_DR {
                noteDeliveries(current)
            } else if let change = handle.status(of: current, log: log) {
                apply(change)
            }
            rd_kafka_event_destroy(current)
            event = events.poll()
        }
    }

    /// Why a record of this transaction was not written, if one was not.
    var undelivered: KafkaError? { state.withLock { $0.undelivered } }

    /// Which records of this transaction are larger than their topic allows, by their position.
    var tooLarge: Set<Int> { state.withLock { $0.tooLarge } }

    /// What the last transaction touched.
    var touched: TouchedPartitions { state.withLock { $0.touched } }

    /// Where the records of the last transaction begin, of those that were acknowledged.
    var firstOffsets: [TopicPartition: Int64] { state.withLock { $0.firstOffsets } }

    /// When a connection was last lost.
    var connectionLostAt: ContinuousClock.Instant? { state.withLock { $0.connectionLostAt } }

    func noteOffsets(of group: String) {
        state.withLock { _ = $0.touched.groups.insert(group) }
    }

    func forgetDeliveries() {
        state.withLock { state in
            state.touched = TouchedPartitions()
            state.firstOffsets = [:]
            state.undelivered = nil
            state.transaction &+= 1
            state.recordCount = 0
            state.tooLarge = []
        }
    }

    /// Returns the mark of the next record, which its delivery report carries.
    func markNext() -> UInt {
        state.withLock { state in
            state.recordCount += 1
            return UInt(state.transaction) << 32 | UInt(state.recordCount)
        }
    }

    /// Notes why the record of a mark was not written, unless its transaction is over.
    func note(_ error: KafkaError, of mark: UInt) {
        state.withLock { state in
            guard mark >> 32 == UInt(state.transaction) else { return }
            state.undelivered = state.undelivered ?? error
            guard error.code == .messageTooLarge else { return }
            state.tooLarge.insert(Int(mark & 0xFFFF_FFFF) - 1)
        }
    }

    /// Why no broker accepts the client, once that has lasted for long.
    func refusal() -> KafkaError? {
        state.withLock { state in
            state.status.endIfRefused()
            return state.status.fatal?.code == .authentication ? state.status.fatal : nil
        }
    }

    func note(_ error: KafkaError) {
        state.withLock { $0.status.note(error) }
    }

    // MARK: - Private

    private func apply(_ change: StatusChange) {
        state.withLock { state in
            state.status.apply(change)
            if case .error(let error) = change, error.isLossOfConnection {
                state.connectionLostAt = .now
            }
        }
    }

    private func noteDeliveries(_ event: OpaquePointer) {
        var isAnswered = false
        while let message = rd_kafka_event_message_next(event)?.pointee {
            notePlace(of: message)
            if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                isAnswered = true
            } else {
                let error = handle.error(of: message, context: "send")
                note(error, of: UInt(bitPattern: message._private))
            }
        }
        guard isAnswered else { return }
        state.withLock { $0.status.noteAnswer() }
    }

    /// Notes where a record was written, or may have been.
    private func notePlace(of message: rd_kafka_message_t) {
        guard message.partition >= 0,
            let topic = message.rkt.flatMap({ rd_kafka_topic_name($0) })
        else { return }
        let mark = UInt(bitPattern: message._private)
        state.withLock { state in
            guard mark >> 32 == UInt(state.transaction) else { return }
            let place = TopicPartition(
                topic: String(cString: topic),
                partition: message.partition
            )
            state.touched.partitions.insert(place)
            guard message.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return }
            state.firstOffsets[place] = min(
                state.firstOffsets[place] ?? .max,
                message.offset
            )
        }
    }

    /// Serves the reports of records that were purged.
    private func noteRest(until deadline: ContinuousClock.Instant) {
        while rd_kafka_outq_len(handle.pointer) > 0, ContinuousClock.now < deadline {
            serveEvents(for: 20)
        }
    }

    private func end() {
        rd_kafka_purge(
            handle.pointer,
            RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        )
        // Where records may have been written is known once each is reported.
        noteRest(until: .now + TransactionLoop.reporting)
        known.release()
        events.close()
        handle.destroy()
        let (jobs, closers) = state.withLock { state in
            state.phase = .closed
            defer {
                state.jobs.removeAll()
                state.closers = []
            }
            return (state.jobs.contents, state.closers)
        }
        jobs.forEach { $0(true) }
        closers.forEach { $0.resume() }
    }
}
