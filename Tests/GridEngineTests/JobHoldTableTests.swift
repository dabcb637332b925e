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
        var board = JobHoldTable()
        #expect(board.position == -1)
        board.note("a", record(.submitting), at: 0)
        board.note("a", record(), at: 1)
        board.note("b", record(.submitted, .paused), at: 2)
        board.note("c", record(.cancelled), at: 3)
        #expect(board.count == 2)
        #expect(board.position == 3)
        #expect(
            ["a", "b", "c", "d"].map { board.standing(of: $0, at: 0) }
                == [.wanted, .paused, .cancelled, .wanted]
        )
        board.note("b", record(.submitted, .resumed), at: 4)
        #expect(board.standing(of: "b", at: 0) == .wanted)
        #expect(board.count == 1)
    }

    @Test func aCancelledJobStaysCancelled() {
        var board = JobHoldTable()
        board.note("a", record(.cancelled), at: 0)
        board.note("a", record(), at: 1)
        board.note("a", record(.submitted, .resumed), at: 2)
        #expect(board.standing(of: "a", at: 0) == .cancelled)
        board.note("a", nil, at: 3)
        #expect(board.standing(of: "a", at: 0) == .wanted)
    }

    @Test func aPausedJobPastItsDeadlineIsNotKept() {
        var board = JobHoldTable()
        board.note("a", record(.submitted, .paused, deadline: 100), at: 0)
        #expect(board.standing(of: "a", at: 100) == .paused)
        #expect(board.standing(of: "a", at: 101) == .wanted)
        board.note("b", record(.cancelled, deadline: 100), at: 1)
        #expect(board.standing(of: "b", at: 101) == .cancelled)
    }

    @Test func aReleaseIsKnownFromTheNewestRecordAlone() {
        // What compaction leaves of pause and resume, of pause and cancel, and of others.
        for (left, expected) in [
            (record(.submitted, .resumed), Int64(7)), (record(.cancelled, .paused), 7),
            (record(), -1), (record(.cancelled), -1), (record(.submitted, .paused), -1),
        ] {
            var board = JobHoldTable()
            board.note("a", left, at: 7)
            #expect(board.lastRelease == expected, "\(left.state) \(left.hold)")
        }
        var board = JobHoldTable()
        board.note("a", record(.submitted, .paused), at: 3)
        board.note("a", nil, at: 9)
        #expect(board.lastRelease == 9)
    }

    @Test func theHeadOfALaneIsTakenWhenItsJobIsNotPaused() {
        var board = JobHoldTable()
        board.note("p", record(.submitted, .paused), at: 0)
        board.note("c", record(.cancelled), at: 1)
        #expect(!board.isDue([], at: 0))
        #expect(!board.isDue([parked("p", at: 1)], at: 0))
        for job in ["c", "other", nil] {
            #expect(board.isDue([parked(job, at: 1)], at: 0), "\(job ?? "none")")
        }
    }

    @Test func afterAReleaseEveryEarlierBatchMakesRoomOnce() {
        var board = JobHoldTable()
        board.note("a", record(.submitted, .paused), at: 0)
        board.note("b", record(.submitted, .paused), at: 1)
        // Three of a before two of b; each says how far its engine had read when it parked it.
        var lane = ["a", "a", "a", "b", "b"].map { parked($0, at: 1) }
        #expect(!board.isDue(lane, at: 0))
        board.note("b", record(.submitted, .resumed), at: 2)
        var priced: [String?] = []
        var moves = 0
        // A lane of one: what waits behind is not seen.
        while let head = lane.first, board.isDue([head], at: 0), moves < 100 {
            lane.removeFirst()
            if let job = head.job, board.standing(of: job, at: 0) == .paused {
                lane.append(parked(job, at: board.position))
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
        var board = JobHoldTable()
        board.note("b", record(.submitted, .resumed), at: 5)
        board.note("a", record(.submitted, .paused), at: 6)
        #expect(!board.isDue([parked("a", at: 6), parked("a", at: 6)], at: 0))
        #expect(board.isDue([parked("a", at: 6), parked("b", at: 4)], at: 0))
        #expect(board.isDue([parked("a", at: 6), parked(nil, at: -1)], at: 0))
    }

    @Test func noMoreJobsAreKeptThanTheLimit() {
        var board = JobHoldTable(limit: 100)
        for number in 0..<100 {
            let deadline: Int64 = number < 40 ? 1_000 : 0
            board.note("j\(number)", record(.cancelled, deadline: deadline), at: Int64(number))
        }
        board.forget(at: 2_000)
        #expect(board.count == 100)
        board.note("k", record(.cancelled), at: 100)
        board.forget(at: 2_000)
        #expect(board.count == 61)
        for number in 0..<60 { board.note("l\(number)", record(.cancelled), at: 101) }
        board.forget(at: 2_000)
        #expect(board.count == 90)
        #expect(board.standing(of: "j40", at: 0) == .wanted)
        #expect(board.standing(of: "l0", at: 0) == .cancelled)
    }
}
