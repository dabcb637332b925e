public import GridTopics
public import KafkaClient
internal import Synchronization

/// A member of a group that no broker has, to which a test gives records and assignments.
public final class FakeSource: TransactionalSource {
    private struct State {
        var generation = 0
        var assignment: Set<TopicPartition> = []
        var unfinished: Set<ConsumedRecord> = []
        var waiting: [ConsumedRecord] = []
        var asking: [CheckedContinuation<ConsumedRecord?, Never>] = []
        var hasEnded = false
        var ends: [TopicPartition: Int64] = [:]
        var onEnds: (@Sendable () -> Void)?
        var openTransactions = 0
        var committed: [TopicPartition: Int64] = [:]
        var finished: [ConsumedRecord] = []
    }

    private let state = Mutex(State())

    /// Makes a member without partitions.
    public init() {}

    // MARK: - For tests

    /// What transactions have committed, by partition.
    public var committed: [TopicPartition: Int64] { state.withLock { $0.committed } }
    /// How many transactions have begun and not ended.
    public var openTransactions: Int { state.withLock { $0.openTransactions } }
    /// The records that were finished in time, in that order.
    public var finished: [ConsumedRecord] { state.withLock { $0.finished } }

    /// Assigns partitions: a new generation.
    public func assign(_ partitions: Set<TopicPartition>) {
        state.withLock { state in
            state.generation += 1
            state.assignment = partitions
            state.unfinished = []
            state.ends = [:]
        }
    }

    /// Takes all partitions back.
    public func revoke() {
        state.withLock { state in
            state.assignment = []
            state.unfinished = []
            state.ends = [:]
        }
    }

    /// Makes a record of this generation that is at work.
    @discardableResult
    public func take(
        _ offset: Int64,
        of partition: TopicPartition,
        value: [UInt8]? = [],
        headers: [KafkaHeader] = []
    ) -> ConsumedRecord {
        state.withLock { state in
            let record = ConsumedRecord(
                topic: partition.topic,
                partition: partition.partition,
                offset: offset,
                generation: state.generation,
                value: value,
                headers: headers
            )
            state.unfinished.insert(record)
            return record
        }
    }

    /// Gives a record to whoever asks for one next.
    public func give(_ record: ConsumedRecord) {
        let asking = state.withLock { state -> CheckedContinuation<ConsumedRecord?, Never>? in
            guard state.asking.isEmpty else { return state.asking.removeFirst() }
            state.waiting.append(record)
            return nil
        }
        asking?.resume(returning: record)
    }

    /// Ends the records.
    public func end() {
        let asking = state.withLock { state in
            state.hasEnded = true
            defer { state.asking = [] }
            return state.asking
        }
        for one in asking { one.resume(returning: nil) }
    }

    /// Notes the end of a partition that a transaction could commit.
    public func reachEnd(_ end: Int64, of partition: TopicPartition) {
        let tell = state.withLock { state in
            state.ends[partition] = end
            return state.onEnds
        }
        tell?()
    }

    // MARK: - RecordSource

    /// Returns the next record that was given.
    public func next() async throws(KafkaError) -> ConsumedRecord? {
        await withCheckedContinuation { continuation in
            let answer = state.withLock { state -> ConsumedRecord?? in
                if !state.waiting.isEmpty { return state.waiting.removeFirst() }
                if state.hasEnded { return .some(nil) }
                state.asking.append(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// Notes that a record needs no more work; `false` once its assignment is gone.
    @discardableResult
    public func finish(_ record: ConsumedRecord) -> Bool {
        state.withLock { state in
            guard Self.isCurrent(record, state), state.unfinished.remove(record) != nil else {
                return false
            }
            state.finished.append(record)
            return true
        }
    }

    /// Whether the record's assignment still stands.
    public func isCurrent(_ record: ConsumedRecord) -> Bool {
        state.withLock { Self.isCurrent(record, $0) }
    }

    /// Whether no record is at work.
    public var isIdle: Bool { state.withLock { $0.unfinished.isEmpty } }

    // MARK: - TransactionalSource

    /// Counts assignments.
    public var generation: Int { state.withLock { $0.generation } }

    /// Whether a test has noted ends that are not committed.
    public var hasUncommittedEnds: Bool { state.withLock { !$0.ends.isEmpty } }

    /// Calls `body` when a test notes an end.
    public func onUncommittedEnds(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.onEnds = body }
    }

    /// Joins offsets to a transaction; `nil` once the assignment is gone.
    public func beginTransaction(
        _ offsets: [TopicPartition: Int64],
        generation: Int
    ) -> GroupTransaction? {
        state.withLock { state in
            let isCurrent =
                generation == state.generation && offsets.keys.allSatisfy(state.assignment.contains)
            let joined = state.ends.merging(offsets) { max($0, $1) }
            guard isCurrent, !joined.isEmpty else { return nil }
            state.openTransactions += 1
            return GroupTransaction(generation: generation, offsets: joined)
        }
    }

    /// Notes how a transaction ended.
    public func endTransaction(_ transaction: GroupTransaction, isCommitted: Bool) {
        state.withLock { state in
            state.openTransactions -= 1
            guard isCommitted else { return }
            for (partition, offset) in transaction.offsets {
                state.committed[partition] = offset
                if state.ends[partition] == offset { state.ends[partition] = nil }
            }
        }
    }

    private static func isCurrent(_ record: ConsumedRecord, _ state: State) -> Bool {
        record.generation == state.generation && state.assignment.contains(record.topicPartition)
    }
}
