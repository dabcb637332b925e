public import GridTopics
public import KafkaClient
internal import Synchronization

/// Transactions of one transactional id on a Kafka that fails as a test wants.
public final class FakeTransactions: TransactionEvidence {
    /// A call to Kafka.
    public enum Step: Hashable, Sendable {
        /// A producer takes the transactional id over.
        case open
        /// A transaction begins.
        case begin
        /// Records and offsets are written.
        case write
        /// A commit.
        case commit
        /// An abort.
        case abort
        /// A transaction that ends as another did.
        case reassert
        /// The group is asked for an offset.
        case askGroup
    }

    /// What a test sees of a call that was carried out.
    public enum Event: Hashable, Sendable {
        /// A producer took the transactional id over.
        case opened(isOneByOne: Bool)
        /// A transaction began, behind a fence or not.
        case began(isFenced: Bool)
        /// So many records were written.
        case wrote(Int)
        /// The transaction was committed.
        case committed
        /// The transaction was aborted.
        case aborted
        /// Another transaction ended as the last did.
        case reasserted(isCommitted: Bool)
        /// A producer was closed.
        case closed
    }

    /// How a call fails.
    public struct Fault: Sendable {
        /// What the caller is told.
        public var error: TransactionError
        /// Whether it is carried out all the same.
        public var isCarriedOut: Bool

        /// Makes a fault.
        public init(
            _ remedy: TransactionError.Remedy,
            _ code: KafkaError.Code,
            isCarriedOut: Bool = false
        ) {
            error = TransactionError(
                remedy,
                KafkaError(code: code, reason: "\(code)", isFatal: remedy == .replaceProducer)
            )
            self.isCarriedOut = isCarriedOut
        }
    }

    private struct Transaction {
        var records: [ProducedRecord] = []
        var offsets: [TopicPartition: Int64] = [:]
    }

    private struct State {
        /// Counts producers; the newest fences the others off.
        var epoch = 0
        var open: Transaction?
        var visible: [ProducedRecord] = []
        var offsets: [TopicPartition: Int64] = [:]
        var ends: [TopicPartition: Int64] = [:]
        var faults: [Step: [Fault?]] = [:]
        var limit = Int.max
        var progress = TransactionProgress()
        var events: [Event] = []
        var shown: [TransactionVisibility] = []
        var connectionLostAt: ContinuousClock.Instant?
        var onCall: (@Sendable (Step) -> Void)?
    }

    /// The group whose offsets are committed.
    public let group: String
    private let clock: ManualClock
    private let state = Mutex(State())

    /// Makes a Kafka that works.
    public init(group: String = "engines", clock: ManualClock) {
        self.group = group
        self.clock = clock
    }

    // MARK: - For tests

    /// The records that readers of committed records see, in the order of their transactions.
    public var visible: [ProducedRecord] { state.withLock { $0.visible } }
    /// What the group has committed.
    public var offsets: [TopicPartition: Int64] { state.withLock { $0.offsets } }
    /// What was carried out, in that order.
    public var events: [Event] { state.withLock { $0.events } }
    /// How many producers there were.
    public var producers: Int { state.withLock { $0.epoch } }

    /// Has the next calls of a step fail, one each; `nil` for one that works.
    public func fail(_ step: Step, _ faults: Fault?...) {
        state.withLock { $0.faults[step, default: []] += faults }
    }

    /// Has every call of a step fail.
    public func failAlways(_ step: Step, _ fault: Fault) {
        state.withLock { $0.faults[step] = Array(repeating: fault, count: 10_000) }
    }

    /// Refuses records of so many bytes or more as too large.
    public func refuse(from bytes: Int) { state.withLock { $0.limit = bytes } }

    /// What is shown of transactions that were not answered, one after the other; the last again.
    public func show(_ shown: TransactionVisibility...) { state.withLock { $0.shown = shown } }

    /// Notes that the producer has lost a connection.
    public func loseConnection(at now: ContinuousClock.Instant) {
        state.withLock { $0.connectionLostAt = now }
    }

    /// Calls `body` before each call is carried out.
    public func onCall(_ body: @escaping @Sendable (Step) -> Void) {
        state.withLock { $0.onCall = body }
    }

    /// Makes a producer; what others had open is aborted.
    public func open(isOneByOne: Bool) async throws(TransactionError) -> any TransactionalSink {
        let epoch = try call(.open, of: nil) { state in
            state.epoch += 1
            state.open = nil
            state.events.append(.opened(isOneByOne: isOneByOne))
            return state.epoch
        }
        return Producer(transactions: self, epoch: epoch)
    }

    // MARK: - TransactionEvidence

    /// The offset that the group has committed.
    public func committedOffset(of partition: TopicPartition) async throws(KafkaError) -> Int64? {
        do throws(TransactionError) {
            return try call(.askGroup, of: nil) { $0.offsets[partition] }
        } catch {
            throw error.cause
        }
    }

    /// What a test wants to be shown.
    public func visibility(of records: [TopicPartition: Int64]) async -> TransactionVisibility {
        state.withLock { state in
            state.shown.count > 1 ? state.shown.removeFirst() : state.shown.first ?? .unclear
        }
    }

    // MARK: - The producers' calls

    private func call<Answer>(
        _ step: Step,
        of epoch: Int?,
        _ body: (inout State) throws(TransactionError) -> Answer
    ) throws(TransactionError) -> Answer {
        state.withLock { $0.onCall }?(step)
        return try state.withLock { state throws(TransactionError) in
            guard epoch == nil || epoch == state.epoch else {
                throw Fault(.replaceProducer, .fenced).error
            }
            var fault: Fault?
            if state.faults[step]?.isEmpty == false { fault = state.faults[step]?.removeFirst() }
            guard let fault else { return try body(&state) }
            if fault.isCarriedOut { _ = try body(&state) }
            throw fault.error
        }
    }

    private func begin(_ epoch: Int, isFenced: Bool) throws(TransactionError) {
        try call(.begin, of: epoch) { state in
            state.open = Transaction()
            state.progress = TransactionProgress()
            if isFenced { state.progress.touched = TouchedPartitions(groups: [group]) }
            state.events.append(.began(isFenced: isFenced))
        }
    }

    private func write(
        _ epoch: Int,
        _ records: [ProducedRecord],
        _ offsets: GroupTransaction
    ) throws(TransactionError) {
        try call(.write, of: epoch) { state throws(TransactionError) in
            for (position, record) in records.enumerated() {
                let place = TopicPartition(topic: record.topic, partition: record.partition ?? 0)
                state.progress.touched = TouchedPartitions(
                    partitions: state.progress.touched.partitions.union([place]),
                    groups: [group]
                )
                if (record.value?.count ?? 0) >= state.limit {
                    state.progress.tooLarge.insert(position)
                } else if state.progress.firstOffsets[place] == nil {
                    state.progress.firstOffsets[place] = state.ends[place, default: 0]
                }
                state.ends[place, default: 0] += 1
            }
            guard state.progress.tooLarge.isEmpty else {
                throw Fault(.abort, .messageTooLarge).error
            }
            state.open?.records += records
            state.open?.offsets.merge(offsets.offsets) { $1 }
            state.events.append(.wrote(records.count))
        }
    }

    private func end(_ epoch: Int, isCommitted: Bool) throws(TransactionError) {
        try call(isCommitted ? .commit : .abort, of: epoch) { state in
            let ended = state.open.take()
            state.events.append(isCommitted ? .committed : .aborted)
            guard isCommitted, let ended else { return }
            state.visible += ended.records
            state.offsets.merge(ended.offsets) { $1 }
        }
    }

    private func reassert(_ epoch: Int, isCommitted: Bool) throws(TransactionError) {
        try call(.reassert, of: epoch) { $0.events.append(.reasserted(isCommitted: isCommitted)) }
    }

    private func noteClosed() { state.withLock { $0.events.append(.closed) } }

    private func progress(of epoch: Int) -> TransactionProgress {
        state.withLock { state in
            var progress = state.progress
            progress.connectionLostAt = state.connectionLostAt
            return progress
        }
    }

    /// One of the producers.
    private struct Producer: TransactionalSink {
        let transactions: FakeTransactions
        let epoch: Int

        func begin(after fence: TransactionFence?) async throws(TransactionError) {
            try transactions.begin(epoch, isFenced: fence != nil)
        }

        func write(
            _ records: [ProducedRecord],
            _ offsets: GroupTransaction
        ) async throws(TransactionError) {
            try transactions.write(epoch, records, offsets)
        }

        func end(isCommitted: Bool) async throws(TransactionError) {
            try transactions.end(epoch, isCommitted: isCommitted)
        }

        func reassertOutcome(
            _ outcome: TransactionOutcome,
            placeholder: OffsetPlaceholder?
        ) async throws(TransactionError) -> TransactionOutcome {
            try transactions.reassert(epoch, isCommitted: outcome.isCommitted)
            // The clock stands still, and it began after what made the other uncertain.
            let moment = transactions.clock.now + .nanoseconds(1)
            return TransactionOutcome(
                outcome.touched,
                isCommitted: outcome.isCommitted,
                began: moment,
                ended: moment
            )
        }

        func close() async { transactions.noteClosed() }

        var progress: TransactionProgress { transactions.progress(of: epoch) }
    }
}
