import Testing

@testable import KafkaClient

@Suite struct RecordBufferTests {
    private let start = ContinuousClock.now

    private func record(_ offset: Int64) -> ConsumedRecord {
        ConsumedRecord(topic: "t", partition: 0, offset: offset, value: [1, 2, 3])
    }

    /// What can happen to two who ask and one record.
    enum Event: CaseIterable {
        case askFirst, askSecond, record, cancelFirst, expireSecond, releaseSecond, end
    }

    @Test func everyoneWhoAsksIsAnsweredExactlyOnceInAnyOrder() {
        for events in permutations(of: Event.allCases) {
            checkAnswers(events)
        }
    }

    private func checkAnswers(_ events: [Event]) {
        var buffer = RecordBuffer<Int>()
        var answered: [Int: [RecordAnswer]] = [:]
        var asked: Set<Int> = []
        var isFirstCancelled = false

        func note(_ replies: [(waiter: Int, answer: RecordAnswer)]) {
            for (waiter, answer) in replies {
                answered[waiter, default: []].append(answer)
            }
        }
        for event in events {
            switch event {
            case .askFirst:
                asked.insert(1)
                if let answer = buffer.ask(1, maximum: 1, deadline: nil, waiter: 1) {
                    note([(1, answer)])
                } else if isFirstCancelled, let waiter = buffer.cancel(1) {
                    note([(waiter, .failed(.cancelled("test")))])
                }
            case .askSecond:
                asked.insert(2)
                let deadline = start + .seconds(1)
                if let answer = buffer.ask(2, maximum: 5, deadline: deadline, waiter: 2) {
                    note([(2, answer)])
                }
            case .record:
                buffer.append(record(0))
                note(buffer.deliver())
            case .cancelFirst:
                isFirstCancelled = true
                if let waiter = buffer.cancel(1) {
                    note([(waiter, .failed(.cancelled("test")))])
                }
            case .expireSecond:
                note(buffer.expire(start + .seconds(2)))
            case .releaseSecond:
                note(buffer.release { $0 == 2 })
            case .end:
                note(buffer.finish())
            }
        }
        note(buffer.finish())
        #expect(Set(answered.keys) == asked, "\(events)")
        #expect(answered.values.allSatisfy { $0.count == 1 })
        let handed = answered.values.joined().filter { $0 == .records([record(0)]) }
        #expect(handed.count <= 1)
    }

    @Test func recordsComeInOrderToThoseWhoAskedFirst() {
        var buffer = RecordBuffer<String>()
        #expect(buffer.ask(1, maximum: 2, deadline: nil, waiter: "a") == nil)
        #expect(buffer.ask(2, maximum: 2, deadline: nil, waiter: "b") == nil)
        for offset: Int64 in 0..<5 {
            buffer.append(record(offset))
        }
        let replies = buffer.deliver()
        #expect(replies.map(\.waiter) == ["a", "b"])
        #expect(
            replies.map(\.answer) == [
                .records([record(0), record(1)]), .records([record(2), record(3)]),
            ]
        )
        #expect(buffer.count == 1)
        #expect(buffer.byteCount == 3)
        #expect(buffer.ask(3, maximum: 9, deadline: nil, waiter: "c") == .records([record(4)]))
        #expect(buffer.byteCount == 0)
    }

    @Test func timeIsUpOnlyForThoseWithADeadline() {
        var buffer = RecordBuffer<String>()
        _ = buffer.ask(1, maximum: 1, deadline: nil, waiter: "patient")
        _ = buffer.ask(2, maximum: 1, deadline: start + .seconds(5), waiter: "hurried")
        #expect(buffer.nextDeadline == start + .seconds(5))
        #expect(buffer.expire(start + .seconds(4)).isEmpty)
        #expect(buffer.expire(start + .seconds(5)).map(\.waiter) == ["hurried"])
        #expect(buffer.nextDeadline == nil)
        #expect(buffer.isAsked)
    }

    @Test func afterAFailureEveryoneIsToldAndNothingIsKept() {
        var buffer = RecordBuffer<Int>()
        let error = KafkaError(code: .fenced, reason: "gone", isFatal: true)
        _ = buffer.ask(1, maximum: 1, deadline: nil, waiter: 1)
        #expect(buffer.fail(error).map(\.answer) == [.failed(error)])
        buffer.append(record(1))
        #expect(buffer.isEmpty)
        #expect(buffer.ask(2, maximum: 1, deadline: nil, waiter: 2) == .failed(error))
    }
}
