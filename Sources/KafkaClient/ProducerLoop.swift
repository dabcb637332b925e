import CRDKafka
import Synchronization

/// A producer's state, and the work of its thread.
///
/// Records are handed to librdkafka under the lock, so that no call can meet a client that is
/// being destroyed: destruction happens only after `phase` was set to `.closed` under it.
final class ProducerLoop: ClientLoop {
    typealias SendContinuation = CheckedContinuation<Result<Delivery, KafkaError>, Never>
    typealias FlushContinuation = CheckedContinuation<Result<Void, KafkaError>, Never>
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    private enum Phase {
        case open
        case closing(until: ContinuousClock.Instant)
        case closed
    }

    private struct Flush {
        var deadline: ContinuousClock.Instant
        var continuation: FlushContinuation
    }

    private struct Preparation {
        var topics: [String]
        var deadline: ContinuousClock.Instant
        var continuation: FlushContinuation
    }

    private struct State {
        var phase = Phase.open
        var preparations: [Preparation] = []
        var pending: PendingSends<ProducedRecord, SendContinuation>
        var flushes: [UInt: Flush] = [:]
        var closers: [CloseContinuation] = []
        var status = ClientStatus()
    }

    /// Waiters and their results, resumed when the lock is free again.
    private struct Resumptions {
        var sends: [(SendContinuation, Result<Delivery, KafkaError>)] = []
        var flushes: [(FlushContinuation, Result<Void, KafkaError>)] = []

        func resume() {
            for (continuation, result) in sends {
                continuation.resume(returning: result)
            }
            for (continuation, result) in flushes {
                continuation.resume(returning: result)
            }
        }
    }

    let wake = Wake()
    private let handle: KafkaHandle
    private let events: EventQueue
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let nextID = Atomic<UInt>(1)
    private let state: Mutex<State>
    private let known = PreparedTopics()

    init(_ configuration: KafkaConfiguration) throws(KafkaError) {
        let properties = try ClientProperties(configuration, role: .producer)
        handle = try KafkaHandle(properties, role: .producer)
        events = EventQueue(rd_kafka_queue_get_main(handle.pointer), wake: wake)
        log = configuration.log
        state = Mutex(
            State(
                pending: PendingSends(
                    maximumRecords: configuration.maximumInFlight,
                    maximumBytes: configuration.maximumInFlightBytes
                )
            )
        )
    }

    var status: ClientStatus { state.withLock { $0.status } }
    var inFlightCount: Int { state.withLock { $0.pending.inFlightCount } }
    var waitingCount: Int { state.withLock { $0.pending.waitingCount } }

    func makeID() -> UInt {
        nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    // MARK: - Called by anyone

    func add(_ id: UInt, _ record: ProducedRecord, _ continuation: SendContinuation) {
        let refused: KafkaError? = state.withLock { state in
            guard case .open = state.phase else { return .closed("producer") }
            if let fatal = state.status.fatal {
                return fatal
            }
            let admission = state.pending.add(
                id,
                payload: record,
                bytes: record.byteCount,
                waiter: continuation
            )
            guard admission == .produce, let error = handle.produce(record, id: id) else {
                return nil
            }
            _ = state.pending.complete(id)
            return error
        }
        guard let refused else { return }
        continuation.resume(returning: .failure(refused))
        if refused.isFatal {
            wake.signal()
        }
    }

    func cancel(_ id: UInt) {
        let continuation = state.withLock { $0.pending.cancel(id) }
        continuation?.resume(returning: .failure(.cancelled("the send")))
    }

    func flush(_ id: UInt, until deadline: ContinuousClock.Instant, _ waiter: FlushContinuation) {
        let isSettled = state.withLock { state in
            guard !state.pending.isEmpty else { return true }
            state.pending.mark(id)
            state.flushes[id] = Flush(deadline: deadline, continuation: waiter)
            return false
        }
        if isSettled {
            waiter.resume(returning: .success(()))
        } else {
            wake.signal()
        }
    }

    func prepare(
        _ topics: [String],
        until deadline: ContinuousClock.Instant,
        _ waiter: FlushContinuation
    ) {
        let isOpen = state.withLock { state in
            guard case .open = state.phase else { return false }
            state.preparations.append(
                Preparation(topics: topics, deadline: deadline, continuation: waiter)
            )
            return true
        }
        if isOpen {
            wake.signal()
        } else {
            waiter.resume(returning: .failure(.closed("producer")))
        }
    }

    func cancelFlush(_ id: UInt) {
        let flush = state.withLock { state in
            state.pending.removeMark(id)
            return state.flushes.removeValue(forKey: id)
        }
        flush?.continuation.resume(returning: .failure(.cancelled("the flush")))
    }

    func close(until deadline: ContinuousClock.Instant, _ continuation: CloseContinuation) {
        let isClosed = state.withLock { state in
            switch state.phase {
            case .open: state.phase = .closing(until: deadline)
            case .closing(let earlier): state.phase = .closing(until: min(earlier, deadline))
            case .closed: return true
            }
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
            state.phase = .closing(until: .now)
        }
        wake.signal()
    }

    // MARK: - Called by the client's thread

    func serve() -> ClientTurn {
        prepareTopics()
        let (reports, changes) = drain()
        let (turn, resumptions) = state.withLock { state -> (ClientTurn, Resumptions) in
            for change in changes {
                state.status.apply(change)
            }
            if reports.contains(where: { if case .success = $0.result { true } else { false } }) {
                state.status.noteAnswer()
            }
            var resumptions = Resumptions()
            for report in reports {
                guard let waiter = state.pending.complete(report.id) else { continue }
                resumptions.sends.append((waiter, ProducerLoop.cause(of: report.result, state)))
            }
            admit(&state, &resumptions)
            refuseAll(&state, &resumptions)
            settleFlushes(&state, &resumptions)
            let turn = self.turn(&state, &resumptions)
            return (turn, resumptions)
        }
        if case .finished = turn {
            end()
        }
        resumptions.resume()
        if case .finished = turn {
            for closer in state.withLock({ $0.closers }) {
                closer.resume()
            }
        }
        return turn
    }

    private func prepareTopics() {
        let preparations = state.withLock { state in
            defer { state.preparations = [] }
            return state.preparations
        }
        for one in preparations {
            let result = known.prepare(one.topics, on: handle, until: one.deadline)
            one.continuation.resume(returning: result)
        }
    }

    /// Takes all available events: one lock for all of their reports.
    private func drain() -> ([(id: UInt, result: Result<Delivery, KafkaError>)], [StatusChange]) {
        var reports: [(id: UInt, result: Result<Delivery, KafkaError>)] = []
        var changes: [StatusChange] = []
        while let event = events.poll() {
            defer { rd_kafka_event_destroy(event) }
            guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR else {
                if let change = handle.status(of: event, log: log) {
                    changes.append(change)
                }
                continue
            }
            while let message = rd_kafka_event_message_next(event)?.pointee {
                let id = UInt(bitPattern: message._private)
                if message.err == RD_KAFKA_RESP_ERR_NO_ERROR {
                    let delivery = Delivery(partition: message.partition, offset: message.offset)
                    reports.append((id, .success(delivery)))
                } else {
                    let error = handle.error(of: message, context: "send")
                    reports.append((id, .failure(error)))
                }
            }
        }
        return (reports, changes)
    }

    /// A producer that failed permanently has its records purged; the failure is their reason.
    private static func cause(
        of result: Result<Delivery, KafkaError>,
        _ state: State
    ) -> Result<Delivery, KafkaError> {
        guard case .failure(let error) = result, error.code == .closed,
            let fatal = state.status.fatal
        else { return result }
        return .failure(fatal)
    }

    /// Pending records will never be sent once brokers refuse the client permanently.
    private func refuseAll(_ state: inout State, _ resumptions: inout Resumptions) {
        state.status.endIfRefused()
        guard let fatal = state.status.fatal,
            fatal.code == .authentication || fatal.code == .authorization
        else { return }
        for waiter in state.pending.takeAll() {
            resumptions.sends.append((waiter, .failure(fatal)))
        }
    }

    private func admit(_ state: inout State, _ resumptions: inout Resumptions) {
        while let (id, record) = state.pending.admitNext() {
            let refused = state.status.fatal ?? handle.produce(record, id: id)
            guard let refused, let waiter = state.pending.complete(id) else { continue }
            resumptions.sends.append((waiter, .failure(refused)))
        }
    }

    private func settleFlushes(_ state: inout State, _ resumptions: inout Resumptions) {
        for id in state.pending.takeSettledMarks() {
            guard let flush = state.flushes.removeValue(forKey: id) else { continue }
            resumptions.flushes.append((flush.continuation, .success(())))
        }
        guard !state.flushes.isEmpty else { return }
        let now = ContinuousClock.now
        for (id, flush) in state.flushes where flush.deadline <= now {
            state.flushes[id] = nil
            state.pending.removeMark(id)
            let left = state.pending.inFlightCount + state.pending.waitingCount
            let error = KafkaError(
                code: .timedOut,
                reason: "\(left) records are not delivered in time",
                isRetriable: true
            )
            resumptions.flushes.append((flush.continuation, .failure(error)))
        }
    }

    private func turn(_ state: inout State, _ resumptions: inout Resumptions) -> ClientTurn {
        let flushDeadline = state.flushes.values.map(\.deadline).min()
        guard case .closing(let deadline) = state.phase else { return .wait(until: flushDeadline) }
        guard state.pending.isEmpty || deadline <= .now else {
            return .wait(until: min(deadline, flushDeadline ?? deadline))
        }
        state.phase = .closed
        for waiter in state.pending.takeAll() {
            resumptions.sends.append((waiter, .failure(.closed("producer"))))
        }
        for (_, flush) in state.flushes {
            resumptions.flushes.append((flush.continuation, .failure(.closed("producer"))))
        }
        state.flushes = [:]
        return .finished
    }

    private func end() {
        rd_kafka_purge(
            handle.pointer,
            RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING
        )
        for one in state.withLock({ $0.preparations }) {
            one.continuation.resume(returning: .failure(.closed("producer")))
        }
        known.release()
        events.close()
        handle.destroy()
    }
}
