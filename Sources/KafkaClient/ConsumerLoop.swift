import CRDKafka
import Synchronization

/// A group member's state; what its thread does is in the extensions.
///
/// The group's queue is always served, whatever the caller does with its records. Each assigned
/// partition's own queue flows into `recordQueue`, which is polled only while there is room: a
/// pause would throw away what librdkafka has read ahead.
final class ConsumerLoop: ClientLoop {
    typealias RecordContinuation = CheckedContinuation<RecordAnswer, Never>
    typealias Reply = (waiter: RecordContinuation, answer: RecordAnswer)
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    enum Phase {
        case open
        case closing(until: ContinuousClock.Instant)
        case closed
    }

    struct State {
        var phase = Phase.open
        var membership = GroupMembership()
        var tracker = OffsetTracker()
        var buffer = RecordBuffer<RecordContinuation>()
        var status = ClientStatus()
        var closers: [CloseContinuation] = []
        /// Whether records may wait in the queue for which there was no room.
        var isStalled = false
        /// Whether something was finished since the last commit.
        var isDirty = false
        /// The generation of a commit that is not answered yet.
        var committing: Int?
        var lastCommit = ContinuousClock.now
        var failedCommits = 0
        /// The group membership under which the present assignment was made.
        var membershipBytes: [UInt8]?
        /// How many transactions with this member's offsets are under way.
        var openTransactions = 0
    }

    let wake = Wake()
    let handle: KafkaHandle
    let groupQueue: EventQueue
    let recordQueue: EventQueue
    let log: (@Sendable (KafkaLogLine) -> Void)?
    let maximumUnfinished: Int
    let commits: CommitMode
    let commitInterval: Duration
    let revocationLimit: Duration
    let state = Mutex(State())
    private let nextID = Atomic<UInt>(1)

    init(
        _ configuration: KafkaConfiguration,
        group: String,
        maximumUnfinished: Int,
        commits: CommitMode
    ) throws(KafkaError) {
        let role = ClientRole.consumer(group: group)
        handle = try KafkaHandle(ClientProperties(configuration, role: role), role: role)
        rd_kafka_poll_set_consumer(handle.pointer)
        groupQueue = EventQueue(rd_kafka_queue_get_consumer(handle.pointer), wake: wake)
        recordQueue = EventQueue(rd_kafka_queue_new(handle.pointer), wake: wake)
        log = configuration.log
        self.maximumUnfinished = maximumUnfinished
        self.commits = commits
        commitInterval = .milliseconds(configuration.commitIntervalMillis)
        revocationLimit = .milliseconds(min(5_000, configuration.sessionTimeoutMillis / 2))
    }

    func subscribe(to topics: [String]) throws(KafkaError) {
        let partitions = topics.map { TopicPartition(topic: $0, partition: -1) }
        let offsets = Dictionary(partitions.map { ($0, Int64(-1001)) }) { first, _ in first }
        let error = PartitionList.with(offsets) { rd_kafka_subscribe(handle.pointer, $0) }
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(error, context: "subscription")
        }
    }

    // MARK: - Called by anyone

    var status: ClientStatus { state.withLock { $0.status } }
    var assignment: Set<TopicPartition> { state.withLock { $0.membership.assignment } }
    var isJoined: Bool { state.withLock { $0.membership.isJoined } }
    var unfinishedCount: Int { state.withLock { $0.tracker.unfinishedCount } }
    var failedCommits: Int { state.withLock { $0.failedCommits } }
    var generation: Int { state.withLock { $0.membership.generation } }
    var committable: [TopicPartition: Int64] { state.withLock { $0.tracker.committable } }

    func makeID() -> UInt {
        nextID.wrappingAdd(1, ordering: .relaxed).oldValue
    }

    func isCurrent(_ record: ConsumedRecord) -> Bool {
        let partition = record.topicPartition
        return state.withLock { state in
            state.membership.isCurrent(partition, generation: record.generation)
        }
    }

    func ask(_ id: UInt, _ continuation: RecordContinuation) {
        let (answer, isRoomy) = state.withLock { state in
            let answer = state.buffer.ask(id, maximum: 1, deadline: nil, waiter: continuation)
            return (answer, isRoomyAgain(&state))
        }
        if let answer {
            continuation.resume(returning: answer)
        }
        if isRoomy {
            wake.signal()
        }
    }

    func cancel(_ id: UInt) {
        let waiter = state.withLock { $0.buffer.cancel(id) }
        waiter?.resume(returning: .failed(.cancelled("the wait for a record")))
    }

    func finish(_ record: ConsumedRecord) -> Bool {
        let partition = record.topicPartition
        let (counts, wakes) = state.withLock { state in
            let isCurrent = state.membership.isCurrent(partition, generation: record.generation)
            let counts =
                isCurrent
                && state.tracker.finish(
                    record.offset,
                    of: partition,
                    generation: record.generation
                )
            guard counts else { return (false, false) }
            // The thread sets its timer for the next commit, once for all until then; and when
            // nothing is left to do, sooner.
            let isFirst = !state.isDirty
            state.isDirty = true
            let isIdle = state.tracker.unfinishedCount == 0
            return (true, isRoomyAgain(&state) || isFirst || isIdle)
        }
        if wakes {
            wake.signal()
        }
        return counts
    }

    func drain() {
        let answers = state.withLock { state in
            state.membership.drain()
            return state.buffer.finish()
        }
        ConsumerLoop.resume(answers)
        wake.signal()
    }

    func close(until deadline: ContinuousClock.Instant, _ continuation: CloseContinuation) {
        let (isClosed, answers) = state.withLock { state -> (Bool, [Reply]) in
            switch state.phase {
            case .open: state.phase = .closing(until: deadline)
            case .closing(let earlier): state.phase = .closing(until: min(earlier, deadline))
            case .closed: return (true, [])
            }
            state.closers.append(continuation)
            state.membership.leave()
            return (false, state.buffer.finish())
        }
        ConsumerLoop.resume(answers)
        if isClosed {
            continuation.resume()
        } else {
            wake.signal()
        }
    }

    /// The consumer was dropped: the thread leaves without a word to the group.
    func abandon() {
        state.withLock { state in
            guard case .open = state.phase else { return }
            state.phase = .closing(until: .now)
            state.membership.leave()
        }
        wake.signal()
    }

    /// The consumer never had a thread.
    func abandonBeforeStart() {
        state.withLock { $0.phase = .closed }
        end(quickly: true)
    }

    // MARK: - For the extensions

    static func resume(_ answers: [Reply]) {
        for (waiter, answer) in answers {
            waiter.resume(returning: answer)
        }
    }

    /// How many more records may be taken; none while draining.
    func room(_ state: State) -> Int {
        guard state.membership.takesRecords else { return 0 }
        return maximumUnfinished - state.tracker.unfinishedCount
    }

    /// Whether the thread should look for records again: not for each place that gets free, but
    /// when a quarter is, or when the caller has nothing left.
    private func isRoomyAgain(_ state: inout State) -> Bool {
        guard state.isStalled else { return false }
        let room = self.room(state)
        guard room >= max(1, maximumUnfinished / 4) || (room > 0 && state.buffer.isEmpty) else {
            return false
        }
        state.isStalled = false
        return true
    }

    func end(quickly: Bool) {
        recordQueue.close()
        groupQueue.close()
        handle.destroy(quickly: quickly)
    }
}
