import Testing

@testable import KafkaClient

@Suite struct PendingSendsTests {
    private typealias Sends = PendingSends<String, Int>

    /// What can happen to two records where there is room for one.
    enum Event: CaseIterable {
        case addFirst, addSecond, reportFirst, reportSecond, cancelFirst, cancelSecond, close
    }

    @Test func everyWaiterIsResumedExactlyOnceInAnyOrder() {
        for events in permutations(of: Event.allCases) {
            checkResumptions(events)
        }
    }

    private func checkResumptions(_ events: [Event]) {
        var sends = Sends(maximumRecords: 1, maximumBytes: 100)
        var resumed: [Int] = []
        var produced: Set<UInt> = []
        var added: Set<Int> = []
        var cancelled: Set<Int> = []
        var isClosed = false

        func add(_ id: UInt, _ sends: inout Sends) {
            // As the producer does: closed refuses, and a cancellation that came first is found.
            guard !isClosed else { return }
            added.insert(Int(id))
            if sends.add(id, payload: "r", bytes: 10, waiter: Int(id)) == .produce {
                produced.insert(id)
            }
            if cancelled.contains(Int(id)), let waiter = sends.cancel(id) {
                resumed.append(waiter)
            }
        }
        func report(_ id: UInt, _ sends: inout Sends) {
            guard produced.contains(id) else { return }
            resumed += sends.complete(id).map { [$0] } ?? []
            while let next = sends.admitNext() {
                produced.insert(next.id)
            }
        }
        func cancel(_ id: UInt, _ sends: inout Sends) {
            cancelled.insert(Int(id))
            resumed += sends.cancel(id).map { [$0] } ?? []
        }

        for event in events {
            switch event {
            case .addFirst: add(1, &sends)
            case .addSecond: add(2, &sends)
            case .reportFirst: report(1, &sends)
            case .reportSecond: report(2, &sends)
            case .cancelFirst: cancel(1, &sends)
            case .cancelSecond: cancel(2, &sends)
            case .close:
                resumed += sends.takeAll()
                isClosed = true
            }
            #expect(sends.inFlightCount <= 1)
        }
        resumed += sends.takeAll()
        #expect(resumed.sorted() == added.sorted(), "\(events)")
        #expect(sends.isEmpty)
        #expect(sends.inFlightBytes == 0)
    }

    @Test func recordsAreAdmittedInTheOrderTheyCame() {
        var sends = Sends(maximumRecords: 2, maximumBytes: 1_000)
        #expect(sends.add(1, payload: "a", bytes: 1, waiter: 1) == .produce)
        #expect(sends.add(2, payload: "b", bytes: 1, waiter: 2) == .produce)
        for id: UInt in 3...5 {
            #expect(sends.add(id, payload: "c\(id)", bytes: 1, waiter: Int(id)) == .wait)
        }
        #expect(sends.admitNext() == nil)
        #expect(sends.cancel(4) == 4)
        _ = sends.complete(2)
        #expect(sends.admitNext()?.id == 3)
        #expect(sends.admitNext() == nil)
        _ = sends.complete(1)
        #expect(sends.admitNext()?.payload == "c5")
    }

    @Test func aNewRecordDoesNotOvertakeTheWaiting() {
        var sends = Sends(maximumRecords: 10, maximumBytes: 100)
        #expect(sends.add(1, payload: "", bytes: 60, waiter: 1) == .produce)
        #expect(sends.add(2, payload: "", bytes: 60, waiter: 2) == .wait)
        #expect(sends.add(3, payload: "", bytes: 1, waiter: 3) == .wait)
        _ = sends.complete(1)
        #expect(sends.admitNext()?.id == 2)
        #expect(sends.admitNext()?.id == 3)
    }

    @Test func bytesAreBoundAndALargerRecordGoesAlone() {
        var sends = Sends(maximumRecords: 10, maximumBytes: 100)
        #expect(sends.add(1, payload: "", bytes: 500, waiter: 1) == .produce)
        #expect(sends.add(2, payload: "", bytes: 50, waiter: 2) == .wait)
        _ = sends.complete(1)
        #expect(sends.admitNext()?.id == 2)
        #expect(sends.inFlightBytes == 50)
        #expect(sends.add(3, payload: "", bytes: 50, waiter: 3) == .produce)
        #expect(sends.add(4, payload: "", bytes: 1, waiter: 4) == .wait)
    }

    @Test func aCancelledRecordInFlightKeepsItsRoom() {
        var sends = Sends(maximumRecords: 1, maximumBytes: 100)
        _ = sends.add(1, payload: "", bytes: 1, waiter: 1)
        _ = sends.add(2, payload: "", bytes: 1, waiter: 2)
        #expect(sends.cancel(1) == 1)
        #expect(sends.cancel(1) == nil)
        #expect(sends.admitNext() == nil)
        #expect(sends.complete(1) == nil)
        #expect(sends.admitNext()?.id == 2)
    }

    @Test func aFlushWaitsForWhatWasThereAndNotForWhatCameLater() {
        var sends = Sends(maximumRecords: 1, maximumBytes: 100)
        _ = sends.add(1, payload: "", bytes: 1, waiter: 1)
        _ = sends.add(2, payload: "", bytes: 1, waiter: 2)
        sends.mark(10)
        _ = sends.add(3, payload: "", bytes: 1, waiter: 3)
        #expect(sends.takeSettledMarks() == [])
        _ = sends.complete(1)
        #expect(sends.takeSettledMarks() == [])
        #expect(sends.cancel(2) == 2)
        #expect(sends.takeSettledMarks() == [10])
        #expect(sends.takeSettledMarks() == [])
    }

    @Test func aFlushStillWaitsForARecordWhoseSenderWentAway() {
        var sends = Sends(maximumRecords: 1, maximumBytes: 100)
        _ = sends.add(1, payload: "", bytes: 1, waiter: 1)
        sends.mark(10)
        _ = sends.cancel(1)
        #expect(sends.takeSettledMarks() == [])
        _ = sends.complete(1)
        #expect(sends.takeSettledMarks() == [10])
    }
}
