import GridProtocol
import Testing

@testable import GridEngine

@Suite struct JobHoldTableTests {
    private func record(
        _ state: JobState = .submitted,
        _ hold: JobHold = .unspecified,
        deadline: Int64 = 0
    ) -> JobRecord {
        var record = JobRecord(state: state, deadline: deadline)
        record.hold = hold
        return record
    }

    private func parked(_ job: String?, at position: Int64) -> JobHoldTable.Parked {
        JobHoldTable.Parked(job: job, position: position)
    }

    @Test func onlyWhatIsCancelledOrPausedHasAnEntry() {
        var table = JobHoldTable()
        #expect(table.position == -1)
        table.note("a", record(.submitting), at: 0)
        table.note("a", record(), at: 1)
        table.note("b", record(.submitted, .paused), at: 2)
        table.note("c", record(.cancelled), at: 3)
        #expect(table.count == 2)
        #expect(table.position == 3)
        #expect(
            ["a", "b", "c", "d"].map { table.standing(of: $0, at: 0) }
                == [.wanted, .paused, .cancelled, .wanted]
        )
        table.note("b", record(.submitted, .resumed), at: 4)
        #expect(table.standing(of: "b", at: 0) == .wanted)
        #expect(table.count == 1)
    }

    @Test func aCancelledJobStaysCancelled() {
        var table = JobHoldTable()
        table.note("a", record(.cancelled), at: 0)
        table.note("a", record(), at: 1)
        table.note("a", record(.submitted, .resumed), at: 2)
        #expect(table.standing(of: "a", at: 0) == .cancelled)
        table.note("a", nil, at: 3)
        #expect(table.standing(of: "a", at: 0) == .wanted)
    }

    @Test func aPausedJobPastItsDeadlineIsNotKept() {
        var table = JobHoldTable()
        table.note("a", record(.submitted, .paused, deadline: 100), at: 0)
        #expect(table.standing(of: "a", at: 100) == .paused)
        #expect(table.standing(of: "a", at: 101) == .wanted)
        table.note("b", record(.cancelled, deadline: 100), at: 1)
        #expect(table.standing(of: "b", at: 101) == .cancelled)
    }

    @Test func aReleaseIsKnownFromTheNewestRecordAlone() {
        // What compaction leaves of pause and resume, of pause and cancel, and of others.
        for (left, expected) in [
            (record(.submitted, .resumed), Int64(7)), (record(.cancelled, .paused), 7),
            (record(), -1), (record(.cancelled), -1), (record(.submitted, .paused), -1),
        ] {
            var table = JobHoldTable()
            table.note("a", left, at: 7)
            #expect(table.lastRelease == expected, "\(left.state) \(left.hold)")
        }
        var table = JobHoldTable()
        table.note("a", record(.submitted, .paused), at: 3)
        table.note("a", nil, at: 9)
        #expect(table.lastRelease == 9)
    }

    @Test func theHeadOfALaneIsTakenWhenItsJobIsNotPaused() {
        var table = JobHoldTable()
        table.note("p", record(.submitted, .paused), at: 0)
        table.note("c", record(.cancelled), at: 1)
        #expect(!table.isDue([], at: 0))
        #expect(!table.isDue([parked("p", at: 1)], at: 0))
        for job in ["c", "other", nil] {
            #expect(table.isDue([parked(job, at: 1)], at: 0), "\(job ?? "none")")
        }
    }

    @Test func afterAReleaseEveryEarlierBatchMakesRoomOnce() {
        var table = JobHoldTable()
        table.note("a", record(.submitted, .paused), at: 0)
        table.note("b", record(.submitted, .paused), at: 1)
        // Three of a before two of b; each says how far its engine had read when it parked it.
        var lane = ["a", "a", "a", "b", "b"].map { parked($0, at: 1) }
        #expect(!table.isDue(lane, at: 0))
        table.note("b", record(.submitted, .resumed), at: 2)
        var priced: [String?] = []
        var moves = 0
        // A lane of one: what waits behind is not seen.
        while let head = lane.first, table.isDue([head], at: 0), moves < 100 {
            lane.removeFirst()
            if let job = head.job, table.standing(of: job, at: 0) == .paused {
                lane.append(parked(job, at: table.position))
                moves += 1
            } else {
                priced.append(head.job)
            }
        }
        #expect(priced == ["b", "b"])
        #expect(moves == 3)
        #expect(lane.map(\.job) == ["a", "a", "a"])
    }

    @Test func aBatchThatAnEngineParkedLateIsSeenBehindTheHead() {
        var table = JobHoldTable()
        table.note("b", record(.submitted, .resumed), at: 5)
        table.note("a", record(.submitted, .paused), at: 6)
        #expect(!table.isDue([parked("a", at: 6), parked("a", at: 6)], at: 0))
        #expect(table.isDue([parked("a", at: 6), parked("b", at: 4)], at: 0))
        #expect(table.isDue([parked("a", at: 6), parked(nil, at: -1)], at: 0))
    }

    @Test func noMoreJobsAreKeptThanTheLimit() {
        var table = JobHoldTable(limit: 100)
        for number in 0..<100 {
            let deadline: Int64 = number < 40 ? 1_000 : 0
            table.note("j\(number)", record(.cancelled, deadline: deadline), at: Int64(number))
        }
        table.forget(at: 2_000)
        #expect(table.count == 100)
        table.note("k", record(.cancelled), at: 100)
        table.forget(at: 2_000)
        #expect(table.count == 61)
        for number in 0..<60 { table.note("l\(number)", record(.cancelled), at: 101) }
        table.forget(at: 2_000)
        #expect(table.count == 90)
        #expect(table.standing(of: "j40", at: 0) == .wanted)
        #expect(table.standing(of: "l0", at: 0) == .cancelled)
    }
}
