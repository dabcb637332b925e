import CRDKafka
import Synchronization

/// A reader's state and what its thread does.
final class ReaderLoop: ClientLoop {
    typealias RecordContinuation = CheckedContinuation<RecordAnswer, Never>
    typealias Reply = (waiter: RecordWaiter, answer: RecordAnswer)
    typealias OffsetsAnswer = Result<[TopicPartition: OffsetRange], KafkaError>
    typealias OffsetsContinuation = CheckedContinuation<OffsetsAnswer, Never>
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    private enum Phase {
        case open
        case closing
        case closed
    }

    /// One who waits for records.
    struct RecordWaiter {
        var continuation: RecordContinuation
        /// Where the records end that are wanted, of each partition; nil where all are.
        var ends: [TopicPartition: Int64]?

        func isDone(at positions: [TopicPartition: Int64]) -> Bool {
            ends?.allSatisfy { (positions[$0.key] ?? -1) >= $0.value } ?? false
        }
    }

    private struct OffsetsAsking {
        var time: Int64?
        var deadline: ContinuousClock.Instant
        var continuation: OffsetsContinuation
    }

    private struct State {
        var phase = Phase.open
        var buffer = RecordBuffer<RecordWaiter>()
        var status = ClientStatus()
        var closers: [CloseContinuation] = []
        var askingOffsets: [OffsetsAsking] = []
        /// The offset after the last record handed out, of each partition.
        var handedOut: [TopicPartition: Int64] = [:]
        /// Where librdkafka last met the end.
        var ends: [TopicPartition: Int64] = [:]
        var isStalled = false

        /// The offset up to which each partition was handed out.
        var positions: [TopicPartition: Int64] {
            var positions = handedOut
            for (partition, end) in ends where buffer.count(of: partition) == 0 {
                positions[partition] = max(end, positions[partition] ?? end)
            }
            return positions
        }
    }

    /// Bounds large records: as many bytes as librdkafka itself reads ahead by default.
    private static let maximumBytes = 32 << 20
    private static let longestRun = 256
    /// How long the partitions' leaders may be asked for before reading starts all the same.
    private static let preparation = Duration.milliseconds(500)

    let wake = Wake()
    private let handle: KafkaHandle
    private let mainQueue: EventQueue
    private let recordQueue: EventQueue
    private let log: (@Sendable (KafkaLogLine) -> Void)?
    private let start: [TopicPartition: StartOffset]
    private let topics: ReaderTopics
    private let maximumBuffered: Int
    private let state = Mutex(State())
    private let nextID = Atomic<UInt>(1)
    private let isStarted = Atomic<Bool>(false)

    init(
        _ configuration: KafkaConfiguration,
        isolation: IsolationLevel,
        start: [TopicPartition: StartOffset],
        maximumBuffered: Int
    ) throws(KafkaError) {
        let role = ClientRole.reader(isolation: isolation.rawValue)
        handle = try KafkaHandle(ClientProperties(configuration, role: role), role: role)
        mainQueue = EventQueue(rd_kafka_queue_get_main(handle.pointer), wake: wake)
        recordQueue = EventQueue(rd_kafka_queue_new(handle.pointer), wake: wake)
        log = configuration.log
        self.start = start
        self.maximumBuffered = maximumBuffered
        topics = ReaderTopics(handle, names: Set(start.keys.map(\.topic)))
    }

    // MARK: - Called by anyone

    var status: ClientStatus { state.withLock { $0.status } }

    var positions: [TopicPartition: Int64] { state.withLock { $0.positions } }

    var isAtEnd: Bool {
        state.withLock { state in
            state.buffer.count == 0
                && start.keys.allSatisfy { partition in
                    guard let end = state.ends[partition] else { return false }
                    return (state.handedOut[partition] ?? 0) <= end
                }
        }
    }

    func makeID() -> UInt {
        nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    func ask(
        _ id: UInt,
        maximum: Int,
        before ends: [TopicPartition: Int64]?,
        until deadline: ContinuousClock.Instant?,
        _ continuation: RecordContinuation
    ) {
        let (answer, wakes) = state.withLock { state -> (RecordAnswer?, Bool) in
            let waiter = RecordWaiter(continuation: continuation, ends: ends)
            if ends != nil, state.buffer.isEmpty, waiter.isDone(at: state.positions) {
                return (.records([]), false)
            }
            let answer = state.buffer.ask(
                id,
                maximum: maximum,
                deadline: deadline,
                waiter: waiter
            )
            if case .records(let records) = answer {
                ReaderLoop.noteHandedOut(records, &state)
            }
            let isRoomy = state.isStalled && state.buffer.count <= maximumBuffered / 2
            if isRoomy {
                state.isStalled = false
            }
            // One who waits with a deadline needs the thread to set its timer.
            return (answer, isRoomy || (answer == nil && deadline != nil))
        }
        if let answer {
            continuation.resume(returning: answer)
        }
        if wakes {
            wake.signal()
        }
    }

    func cancel(_ id: UInt) {
        let waiter = state.withLock { $0.buffer.cancel(id) }
        waiter?.continuation.resume(returning: .failed(.cancelled("the wait for a record")))
    }

    func askOffsets(
        since time: Int64?,
        until deadline: ContinuousClock.Instant,
        _ continuation: OffsetsContinuation
    ) {
        let isOpen = state.withLock { state in
            guard case .open = state.phase else { return false }
            state.askingOffsets.append(
                OffsetsAsking(time: time, deadline: deadline, continuation: continuation)
            )
            return true
        }
        if isOpen {
            wake.signal()
        } else {
            continuation.resume(returning: .failure(.closed("reader")))
        }
    }

    func close(_ continuation: CloseContinuation) {
        let (isClosed, answers) = state.withLock { state -> (Bool, [Reply]) in
            if case .closed = state.phase {
                return (true, [])
            }
            state.phase = .closing
            state.closers.append(continuation)
            return (false, state.buffer.finish())
        }
        resume(answers)
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
        if !isStarted.exchange(true, ordering: .relaxed) { startReading() }
        while let event = mainQueue.poll() {
            defer { rd_kafka_event_destroy(event) }
            apply(handle.status(of: event, log: log))
        }
        takeRecords()
        answerOffsets()
        let (answers, deadline, isClosing) = state.withLock {
            state -> ([Reply], ContinuousClock.Instant?, Bool) in
            var answers = state.buffer.expire(.now)
            state.status.endIfRefused()
            if let fatal = state.status.fatal {
                answers += state.buffer.fail(fatal)
            }
            guard case .closing = state.phase else {
                return (answers, state.buffer.nextDeadline, false)
            }
            return (answers, nil, true)
        }
        resume(answers)
        guard isClosing else { return .wait(until: deadline) }
        end()
        return .finished
    }

    /// Stops reading and frees the client.
    func end() {
        let (closers, asking) = state.withLock { state in
            state.phase = .closed
            defer {
                state.closers = []
                state.askingOffsets = []
            }
            return (state.closers, state.askingOffsets)
        }
        for one in asking {
            one.continuation.resume(returning: .failure(.closed("reader")))
        }
        topics.stop()
        recordQueue.close()
        mainQueue.close()
        handle.destroy()
        closers.forEach { $0.resume() }
    }

    private func startReading() {
        topics.prepare(until: .now + ReaderLoop.preparation)
        do throws(KafkaError) {
            for (partition, offset) in start {
                try topics.start(partition, at: offset, into: recordQueue)
            }
        } catch {
            state.withLock { $0.status.note(error) }
        }
    }

    private func takeRecords() {
        var wanted = state.withLock { room(&$0) }
        var copier = RecordCopier()
        while wanted > 0 {
            let limit = min(wanted, ReaderLoop.longestRun)
            var records: [ConsumedRecord] = []
            var bytes = 0
            var polled = 0
            while polled < limit, bytes < ReaderLoop.maximumBytes, let event = recordQueue.poll() {
                defer { rd_kafka_event_destroy(event) }
                polled += 1
                if let record = copier.record(of: event, generation: 0) {
                    bytes += record.byteCount
                    if !record.isConfirmation { records.append(record) }
                } else {
                    // What was read before an end is handed over before the end is noted.
                    add(records)
                    records = []
                    noteError(event)
                }
            }
            guard polled > 0 else { return }
            wanted = add(records)
        }
    }

    @discardableResult
    private func add(_ records: [ConsumedRecord]) -> Int {
        let (answers, room) = state.withLock { state -> ([Reply], Int) in
            for record in records {
                state.buffer.append(record)
            }
            if !records.isEmpty {
                state.status.noteAnswer()
            }
            let answers = state.buffer.deliver()
            for case .records(let handed) in answers.map(\.answer) {
                ReaderLoop.noteHandedOut(handed, &state)
            }
            return (answers, self.room(&state))
        }
        resume(answers)
        return room
    }

    private func noteError(_ event: OpaquePointer) {
        guard let (partition, offset) = KafkaHandle.reachedEnd(in: event) else {
            apply(handle.status(of: event, log: log))
            return
        }
        let answers = state.withLock { state -> [Reply] in
            state.ends[partition] = offset
            state.status.noteAnswer()
            guard state.buffer.isAsked(by: { $0.ends != nil }) else { return [] }
            let positions = state.positions
            return state.buffer.release { $0.isDone(at: positions) }
        }
        resume(answers)
    }

    private func apply(_ change: StatusChange?) {
        guard let change else { return }
        state.withLock { $0.status.apply(change) }
    }

    private func answerOffsets() {
        let asking = state.withLock { state in
            defer { state.askingOffsets = [] }
            return state.askingOffsets
        }
        for one in asking {
            one.continuation.resume(
                returning: handle.offsets(of: start.keys, since: one.time, until: one.deadline)
            )
        }
    }

    private func room(_ state: inout State) -> Int {
        guard case .open = state.phase else { return 0 }
        let isFull = state.buffer.byteCount >= ReaderLoop.maximumBytes
        let room = isFull ? 0 : maximumBuffered - state.buffer.count
        state.isStalled = room <= 0
        return room
    }

    private static func noteHandedOut(_ records: [ConsumedRecord], _ state: inout State) {
        for record in records {
            state.handedOut[record.topicPartition] = record.offset + 1
        }
    }

    private func resume(_ answers: [Reply]) {
        for (waiter, answer) in answers {
            waiter.continuation.resume(returning: answer)
        }
    }
}
