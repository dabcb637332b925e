import CRDKafka
import Synchronization

/// A group member's state; what its thread does is in the extensions.
///
/// The group's queue is always served, whatever the caller does with its records. Each assigned
/// partition's own queue flows into its lane's queue, which is polled only while there is room: a
/// pause would throw away what librdkafka has read ahead. One queue for all lanes would not do:
/// librdkafka takes its length for that of each partition's, and reads nothing while it is long.
final class ConsumerLoop: ClientLoop {
    typealias RecordContinuation = CheckedContinuation<RecordAnswer, Never>
    typealias Reply = (waiter: RecordContinuation, answer: RecordAnswer)
    typealias CloseContinuation = CheckedContinuation<Void, Never>

    enum Phase {
        case open
        case closing(until: ContinuousClock.Instant)
        case closed
    }

    /// How full a lane is.
    struct Load {
        /// How many of its records are read and not finished.
        var unfinished = 0
        /// Whether records may wait in the queue for which there was no room.
        var isStalled = false
    }

    /// Partitions that are to be read once the group's offsets are known.
    struct ReadingStart {
        var partitions: Set<TopicPartition>
        var since = ContinuousClock.now
        /// When to ask, the next time.
        var askAt = ContinuousClock.now
        /// How long the answer may take then; longer each time, for brokers that are slow.
        var patience = Duration.milliseconds(500)
        /// Whether they have not been known for long.
        var isStalled = false
    }

    struct State {
        var phase = Phase.open
        var membership = GroupMembership()
        var tracker = OffsetTracker()
        var buffer: LaneBuffer<RecordContinuation>
        var loads: [Load]
        var status = ClientStatus()
        var closers: [CloseContinuation] = []
        /// Whether something was finished since the last commit.
        var isDirty = false
        /// The generation of a commit that is not answered yet.
        var committing: Int?
        var lastCommit = ContinuousClock.now
        var failedCommits = 0
        /// The group membership under which the present assignment was made.
        var membershipBytes: [UInt8]?
        /// What is assigned and not read yet, because it is not known from where.
        var start: ReadingStart?
        /// How many transactions with this member's offsets are under way.
        var openTransactions = 0
        /// Is told that a transaction could commit the end of a partition.
        var onUncommittedEnds: (@Sendable () -> Void)?

        /// Starts from nothing, with what is assigned now.
        mutating func track(_ partitions: Set<TopicPartition>) {
            tracker = OffsetTracker(assigned: partitions, generation: membership.generation)
            for lane in loads.indices { loads[lane].unfinished = 0 }
        }

        /// Whether nothing is in hand or ready to be; what a closed gate holds back does not count.
        var isIdle: Bool {
            tracker.unfinishedCount == 0 || tracker.unfinishedCount == buffer.withheldCount
        }
    }

    let wake = Wake()
    let handle: KafkaHandle
    let groupQueue: EventQueue
    let lanes: [ConsumerLane]
    let recordQueues: [EventQueue]
    let log: (@Sendable (KafkaLogLine) -> Void)?
    let commits: CommitMode
    let commitInterval: Duration
    let revocationLimit: Duration
    let stallPatience: Duration
    let state: Mutex<State>
    private let laneOfTopic: [String: Int]
    private let nextID = Atomic<UInt>(1)

    init(
        _ configuration: KafkaConfiguration,
        group: String,
        lanes: [ConsumerLane],
        commits: CommitMode
    ) throws(KafkaError) {
        let role = ClientRole.consumer(group: group)
        handle = try KafkaHandle(ClientProperties(configuration, role: role), role: role)
        rd_kafka_poll_set_consumer(handle.pointer)
        groupQueue = EventQueue(rd_kafka_queue_get_consumer(handle.pointer), wake: wake)
        var queues: [EventQueue] = []
        var laneOfTopic: [String: Int] = [:]
        for (number, lane) in lanes.enumerated() {
            queues.append(EventQueue(rd_kafka_queue_new(handle.pointer), wake: wake))
            for topic in lane.topics { laneOfTopic[topic] = number }
        }
        recordQueues = queues
        self.laneOfTopic = laneOfTopic
        self.lanes = lanes
        state = Mutex(
            State(
                buffer: LaneBuffer(gates: lanes.map(\.gate)),
                loads: lanes.map { _ in Load() }
            )
        )
        log = configuration.log
        self.commits = commits
        commitInterval = .milliseconds(configuration.commitIntervalMillis)
        stallPatience = .milliseconds(3 * configuration.sessionTimeoutMillis)
        revocationLimit = .milliseconds(min(5_000, configuration.sessionTimeoutMillis / 2))
    }

    func subscribe() throws(KafkaError) {
        let partitions = laneOfTopic.keys.map { TopicPartition(topic: $0, partition: -1) }
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
    var isStalled: Bool { state.withLock { $0.start?.isStalled == true } }
    var unfinishedCount: Int { state.withLock { $0.tracker.unfinishedCount } }
    var isIdle: Bool { state.withLock { $0.isIdle } }
    var failedCommits: Int { state.withLock { $0.failedCommits } }
    var generation: Int { state.withLock { $0.membership.generation } }
    var committable: [TopicPartition: Int64] { state.withLock { $0.tracker.committable } }
    var hasUncommittedEnds: Bool { state.withLock { $0.tracker.hasUncommittedEnds } }

    func onUncommittedEnds(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onUncommittedEnds = body }
    }

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
            let answer = state.buffer.ask(id, waiter: continuation)
            // Every lane is looked at: the answer may come from any.
            return (answer, lanes.indices.count { isRoomyAgain(&state, in: $0) } > 0)
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

    /// Asks the gates of the lanes again.
    func reconsider() {
        ConsumerLoop.resume(state.withLock { $0.buffer.deliver() })
    }

    func finish(_ record: ConsumedRecord) -> Bool {
        let partition = record.topicPartition
        let lane = self.lane(of: record)
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
            state.loads[lane].unfinished -= 1
            // The thread sets its timer for the next commit, once for all until then; and when
            // nothing is left to do, sooner.
            let isFirst = !state.isDirty
            state.isDirty = true
            let isIdle = state.isIdle
            return (true, isRoomyAgain(&state, in: lane) || isFirst || isIdle)
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

    /// The lane that a record belongs to.
    func lane(of record: ConsumedRecord) -> Int { laneOfTopic[record.topic] ?? 0 }

    /// The queue into which a topic's records flow.
    func recordQueue(of topic: String) -> EventQueue { recordQueues[laneOfTopic[topic] ?? 0] }

    /// How many more records a lane may take; none while draining.
    func room(_ state: State, in lane: Int) -> Int {
        guard state.membership.takesRecords else { return 0 }
        return lanes[lane].maximumUnfinished - state.loads[lane].unfinished
    }

    /// Whether the thread should look for a lane's records again: not for each place that gets
    /// free, but when a quarter is, or when the caller has nothing left of it.
    private func isRoomyAgain(_ state: inout State, in lane: Int) -> Bool {
        guard state.loads[lane].isStalled else { return false }
        let room = self.room(state, in: lane)
        let isEmpty = state.buffer.count(in: lane) == 0
        guard room >= max(1, lanes[lane].maximumUnfinished / 4) || (room > 0 && isEmpty) else {
            return false
        }
        state.loads[lane].isStalled = false
        return true
    }

    func end(quickly: Bool) {
        for queue in recordQueues { queue.close() }
        groupQueue.close()
        handle.destroy(quickly: quickly)
    }
}
