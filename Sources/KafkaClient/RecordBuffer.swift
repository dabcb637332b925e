/// The answer to a request for records.
enum RecordAnswer: Hashable, Sendable {
    /// Records, in the order they were read; none if the time was over.
    case records([ConsumedRecord])
    /// There will be no more.
    case ended
    /// The client failed permanently, or the wait was cancelled.
    case failed(KafkaError)
}

/// Records that were read and not yet taken, or the callers that wait for records.
///
/// Each caller is answered exactly once, in the order of the calls, for any order of
/// records, cancellation, deadlines and the end.
struct RecordBuffer<Waiter> {
    private struct Asking {
        var id: UInt
        var maximum: Int
        var deadline: ContinuousClock.Instant?
        var waiter: Waiter
    }

    private enum End {
        case ended
        case failed(KafkaError)
    }

    private var records = Fifo<ConsumedRecord>()
    private var asking = Fifo<Asking>()
    private var end: End?
    /// The bytes of the buffered records.
    private(set) var byteCount = 0

    var count: Int { records.count }
    var isEmpty: Bool { records.isEmpty }
    var isAsked: Bool { !asking.isEmpty }

    /// The earliest deadline of a waiting caller.
    var nextDeadline: ContinuousClock.Instant? {
        asking.isEmpty ? nil : asking.contents.lazy.compactMap(\.deadline).min()
    }

    /// Whether one of the waiters is.
    func isAsked(by isMeant: (Waiter) -> Bool) -> Bool {
        asking.contents.contains { isMeant($0.waiter) }
    }

    /// How many records there are of a partition.
    func count(of partition: TopicPartition) -> Int {
        records.contents.count { $0.topicPartition == partition }
    }

    mutating func append(_ record: ConsumedRecord) {
        guard end == nil else { return }
        byteCount += record.byteCount
        records.append(record)
    }

    /// Takes 1 to `maximum` records; if there are none, the waiter is answered later.
    mutating func ask(
        _ id: UInt,
        maximum: Int,
        deadline: ContinuousClock.Instant?,
        waiter: Waiter
    ) -> RecordAnswer? {
        if let end {
            return RecordBuffer.answer(end)
        }
        if asking.isEmpty, !records.isEmpty {
            return .records(take(maximum))
        }
        asking.append(Asking(id: id, maximum: maximum, deadline: deadline, waiter: waiter))
        return nil
    }

    /// Answers waiting callers as far as there are records.
    mutating func deliver() -> [(waiter: Waiter, answer: RecordAnswer)] {
        var answers: [(waiter: Waiter, answer: RecordAnswer)] = []
        while !records.isEmpty, let next = asking.popFirst() {
            answers.append((next.waiter, .records(take(next.maximum))))
        }
        return answers
    }

    /// Answers callers whose time is over.
    mutating func expire(_ now: ContinuousClock.Instant) -> [(waiter: Waiter, answer: RecordAnswer)]
    {
        guard let first = nextDeadline, first <= now else { return [] }
        let over = asking.contents.filter { $0.deadline.map { $0 <= now } ?? false }
        asking.removeAll { $0.deadline.map { $0 <= now } ?? false }
        return over.map { ($0.waiter, .records([])) }
    }

    /// Answers callers that need not wait any more, with no records.
    mutating func release(
        where isDone: (Waiter) -> Bool
    ) -> [(waiter: Waiter, answer: RecordAnswer)] {
        let done = asking.contents.filter { isDone($0.waiter) }
        guard !done.isEmpty else { return [] }
        asking.removeAll { isDone($0.waiter) }
        return done.map { ($0.waiter, .records([])) }
    }

    /// Returns the waiter that was cancelled, if it was not answered before.
    mutating func cancel(_ id: UInt) -> Waiter? {
        guard let found = asking.contents.first(where: { $0.id == id }) else { return nil }
        asking.removeAll { $0.id == id }
        return found.waiter
    }

    /// Drops the records that were not taken yet.
    mutating func removeRecords() {
        records.removeAll()
        byteCount = 0
    }

    /// There will be no more records; buffered records are dropped.
    mutating func finish() -> [(waiter: Waiter, answer: RecordAnswer)] {
        finish(.ended)
    }

    /// The client failed permanently.
    mutating func fail(_ error: KafkaError) -> [(waiter: Waiter, answer: RecordAnswer)] {
        finish(.failed(error))
    }

    private mutating func finish(_ how: End) -> [(waiter: Waiter, answer: RecordAnswer)] {
        removeRecords()
        if end == nil {
            end = how
        }
        let left = asking.contents
        asking.removeAll()
        return left.map { ($0.waiter, RecordBuffer.answer(how)) }
    }

    private mutating func take(_ maximum: Int) -> [ConsumedRecord] {
        var taken: [ConsumedRecord] = []
        taken.reserveCapacity(min(maximum, records.count))
        while taken.count < maximum, let record = records.popFirst() {
            byteCount -= record.byteCount
            taken.append(record)
        }
        return taken
    }

    private static func answer(_ end: End) -> RecordAnswer {
        switch end {
        case .ended: .ended
        case .failed(let error): .failed(error)
        }
    }
}
