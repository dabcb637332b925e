import Synchronization
import Testing

@testable import KafkaClient

@Suite struct LaneBufferTests {
    private func record(_ topic: String, _ offset: Int64) -> ConsumedRecord {
        ConsumedRecord(topic: topic, partition: 0, offset: offset, value: nil)
    }

    private func place(_ answer: RecordAnswer?) -> String? {
        guard case .records(let records)? = answer, records.count == 1 else { return nil }
        return "\(records[0].topic)\(records[0].offset)"
    }

    @Test func theFirstLaneWithARecordGivesIt() {
        var buffer = LaneBuffer<Int>(gates: [nil, nil])
        buffer.append(record("b", 0), to: 1)
        buffer.append(record("b", 1), to: 1)
        buffer.append(record("a", 0), to: 0)
        #expect(place(buffer.ask(1, waiter: 1)) == "a0")
        #expect(place(buffer.ask(2, waiter: 2)) == "b0")
        buffer.append(record("a", 1), to: 0)
        #expect(buffer.count(in: 0) == 1)
        #expect(place(buffer.ask(3, waiter: 3)) == "a1")
        #expect(place(buffer.ask(4, waiter: 4)) == "b1")
        #expect(buffer.ask(5, waiter: 5) == nil)
    }

    @Test func waitersAreAnsweredInTheOrderOfTheirCalls() {
        var buffer = LaneBuffer<Int>(gates: [nil, nil])
        for waiter in 1...3 { #expect(buffer.ask(UInt(waiter), waiter: waiter) == nil) }
        buffer.append(record("b", 0), to: 1)
        buffer.append(record("a", 0), to: 0)
        let replies = buffer.deliver()
        #expect(replies.map(\.waiter) == [1, 2])
        #expect(replies.map { place($0.answer) } == ["a0", "b0"])
        #expect(buffer.cancel(3) == 3)
        #expect(buffer.cancel(3) == nil)
        #expect(buffer.deliver().isEmpty)
    }

    @Test func aClosedGateHoldsBackItsLaneOnly() {
        let open = Opening()
        var buffer = LaneBuffer<Int>(gates: [{ open.contains($0.first?.offset) }, nil])
        buffer.append(record("a", 0), to: 0)
        buffer.append(record("a", 1), to: 0)
        buffer.append(record("b", 0), to: 1)
        #expect(buffer.withheldCount == 2)
        #expect(place(buffer.ask(1, waiter: 1)) == "b0")
        #expect(buffer.ask(2, waiter: 2) == nil)
        #expect(buffer.ask(3, waiter: 3) == nil)
        #expect(buffer.deliver().isEmpty)
        // Only what is behind could go: it does not.
        open.insert(1)
        #expect(buffer.deliver().isEmpty)
        open.insert(0)
        #expect(buffer.withheldCount == 0)
        #expect(buffer.deliver().map { place($0.answer) } == ["a0", "a1"])
    }

    @Test func theEndIsForEveryone() {
        var buffer = LaneBuffer<Int>(gates: [nil])
        #expect(buffer.ask(1, waiter: 1) == nil)
        #expect(buffer.finish().map(\.answer) == [.ended])
        buffer.append(record("a", 0), to: 0)
        #expect(buffer.count(in: 0) == 0)
        #expect(buffer.ask(2, waiter: 2) == .ended)
        // The first end counts.
        #expect(buffer.fail(.cancelled("test")).isEmpty)
        #expect(buffer.ask(3, waiter: 3) == .ended)
    }

    @Test func forgottenRecordsAreNotGiven() {
        var buffer = LaneBuffer<Int>(gates: [nil, nil])
        buffer.append(record("a", 0), to: 0)
        buffer.append(record("b", 0), to: 1)
        buffer.removeRecords()
        #expect(buffer.ask(1, waiter: 1) == nil)
        #expect(buffer.fail(.cancelled("test")).count == 1)
    }
}

/// Which records a gate lets through.
final class Opening: Sendable {
    private let offsets = Mutex<Set<Int64>>([])

    func insert(_ offset: Int64) { offsets.withLock { _ = $0.insert(offset) } }
    func contains(_ offset: Int64?) -> Bool {
        offsets.withLock { offsets in offset.map { offsets.contains($0) } ?? false }
    }
}
