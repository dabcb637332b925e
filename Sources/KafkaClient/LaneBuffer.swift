/// Records of several lanes that were read and not yet taken, or the callers that wait for records.
///
/// Each caller gets one record, the first of the first open lane that has one, and is answered
/// exactly once, in the order of the calls. A lane with a gate gives nothing while the gate is
/// closed, even if records wait behind its first one.
struct LaneBuffer<Waiter> {
    typealias Gate = @Sendable (_ waiting: [ConsumedRecord]) -> Bool
    typealias Reply = (waiter: Waiter, answer: RecordAnswer)

    private struct Lane {
        var records = Fifo<ConsumedRecord>()
        var gate: Gate?

        var gives: Bool {
            guard !records.isEmpty else { return false }
            return gate.map { $0(records.contents) } ?? true
        }
    }

    private struct Asking {
        var id: UInt
        var waiter: Waiter
    }

    private var lanes: [Lane]
    private var asking = Fifo<Asking>()
    private var end: RecordAnswer?

    /// Makes a buffer with a lane for each gate; nil for a lane that is always open.
    init(gates: [Gate?]) {
        lanes = gates.map { Lane(gate: $0) }
    }

    /// How many records wait in a lane.
    func count(in lane: Int) -> Int { lanes[lane].records.count }

    /// How many records wait in lanes whose gates are closed.
    var withheldCount: Int {
        lanes.reduce(0) { $0 + ($1.gate == nil || $1.gives ? 0 : $1.records.count) }
    }

    mutating func append(_ record: ConsumedRecord, to lane: Int) {
        guard end == nil else { return }
        lanes[lane].records.append(record)
    }

    /// Takes a record; if there is none, the waiter is answered later.
    mutating func ask(_ id: UInt, waiter: Waiter) -> RecordAnswer? {
        if let end { return end }
        if asking.isEmpty, let record = take() { return .records([record]) }
        asking.append(Asking(id: id, waiter: waiter))
        return nil
    }

    /// Answers waiting callers as far as there are records.
    mutating func deliver() -> [Reply] {
        var replies: [Reply] = []
        while !asking.isEmpty, let record = take(), let next = asking.popFirst() {
            replies.append((next.waiter, .records([record])))
        }
        return replies
    }

    /// Returns the waiter that was cancelled, if it was not answered before.
    mutating func cancel(_ id: UInt) -> Waiter? {
        guard let found = asking.contents.first(where: { $0.id == id }) else { return nil }
        asking.removeAll { $0.id == id }
        return found.waiter
    }

    /// Drops the records that were not taken yet.
    mutating func removeRecords() {
        for lane in lanes.indices { lanes[lane].records.removeAll() }
    }

    /// There will be no more records; buffered records are dropped.
    mutating func finish() -> [Reply] { close(.ended) }

    /// The client failed permanently.
    mutating func fail(_ error: KafkaError) -> [Reply] { close(.failed(error)) }

    private mutating func close(_ how: RecordAnswer) -> [Reply] {
        removeRecords()
        if end == nil { end = how }
        let left = asking.contents
        asking.removeAll()
        return left.map { ($0.waiter, how) }
    }

    private mutating func take() -> ConsumedRecord? {
        for lane in lanes.indices where lanes[lane].gives {
            return lanes[lane].records.popFirst()
        }
        return nil
    }
}
