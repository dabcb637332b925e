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
    }

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

    /// The producer was dropped, so nobody waits for anything.
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
                state.withLock { $0.status.apply(change) }
            }
            rd_kafka_event_destroy(current)
            event = events.poll()
        }
    }

    /// Why a record of this transaction was not written, if one was not.
    var undelivered: KafkaError? { state.withLock { $0.undelivered } }

    func forgetDeliveries() {
        state.withLock { $0.undelivered = nil }
    }

    /// Why no broker accepts the client, once that has been so for long.
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

    private func noteDeliveries(_ event: OpaquePointer) {
        var failure: KafkaError?
        var isAnswered = false
        while let message = rd_kafka_event_message_next(event)?.pointee {
            if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                isAnswered = true
            } else if failure == nil {
                failure = handle.error(of: message, context: "send")
            }
        }
        state.withLock { state in
            if isAnswered {
                state.status.noteAnswer()
            }
            state.undelivered = state.undelivered ?? failure
        }
    }

    private func end() {
        rd_kafka_purge(
            handle.pointer,
            RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        )
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
