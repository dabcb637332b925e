import Testing

@testable import KafkaClient

@Suite struct OffsetTrackerTests {
    private let partition = TopicPartition(topic: "batches", partition: 0)
    private let other = TopicPartition(topic: "batches", partition: 1)

    @Test func nothingPastTheLowestUnfinishedIsCommitted() {
        for order in permutations(of: [0, 1, 2, 3]) {
            checkCommittable(finishing: order)
        }
    }

    private func checkCommittable(finishing order: [Int]) {
        var tracker = OffsetTracker(assigned: [partition])
        for offset in 0..<4 {
            tracker.read(Int64(offset), of: partition)
        }
        var left: Set = [0, 1, 2, 3]
        for offset in order {
            #expect(tracker.finish(Int64(offset), of: partition) == true)
            left.remove(offset)
            #expect(tracker.committable[partition] == Int64(left.min() ?? 4))
            #expect(tracker.unfinishedCount == left.count)
        }
    }

    @Test func gapsOfCompactedTopicsAreSteppedOver() {
        var tracker = OffsetTracker(assigned: [partition])
        for offset: Int64 in [10, 17, 400] {
            tracker.read(offset, of: partition)
        }
        tracker.finish(10, of: partition)
        #expect(tracker.committable[partition] == 17)
        tracker.finish(17, of: partition)
        tracker.finish(400, of: partition)
        #expect(tracker.committable[partition] == 401)
    }

    @Test func nothingIsCommittedWhereReadingBegan() {
        var tracker = OffsetTracker(assigned: [partition])
        tracker.read(5, of: partition)
        #expect(!tracker.hasUncommitted)
        tracker.finish(5, of: partition)
        #expect(tracker.uncommitted == [partition: 6])
    }

    @Test func aRefusedCommitIsSentAgain() {
        var tracker = OffsetTracker(assigned: [partition, other], generation: 3)
        for partition in [partition, other] {
            tracker.read(0, of: partition)
            tracker.finish(0, of: partition, generation: 3)
        }
        tracker.noteCommitted(1, of: partition, generation: 3)
        #expect(tracker.uncommitted == [other: 1])
        tracker.noteCommitted(1, of: other, generation: 2)
        #expect(tracker.uncommitted == [other: 1], "an answer to an earlier assignment's commit")
        tracker.noteCommitted(1, of: other, generation: 3)
        #expect(!tracker.hasUncommitted)
    }

    @Test func lateCompletionsOfAnEarlierGenerationAreRefused() {
        var tracker = OffsetTracker(assigned: [partition], generation: 2)
        tracker.read(0, of: partition)
        #expect(tracker.finish(0, of: partition, generation: 1) == false)
        #expect(tracker.committable[partition] == 0)
        #expect(tracker.finish(0, of: partition, generation: 2) == true)
        #expect(tracker.committable[partition] == 1)
    }

    @Test func aRecordOfAPartitionNotOursIsPassedOver() {
        var tracker = OffsetTracker(assigned: [partition])
        #expect(tracker.read(0, of: other) == false)
        #expect(tracker.finish(0, of: other) == false)
        #expect(tracker.unfinishedCount == 0)
    }

    @Test func finishingTwiceCountsOnce() {
        var tracker = OffsetTracker(assigned: [partition])
        tracker.read(0, of: partition)
        tracker.read(1, of: partition)
        #expect(tracker.finish(1, of: partition) == true)
        #expect(tracker.finish(1, of: partition) == false)
        #expect(tracker.finish(7, of: partition) == false)
        #expect(tracker.unfinishedCount == 1)
    }

    @Test func aRecordThatIsInWorkIsNotTakenTwice() {
        var tracker = OffsetTracker(assigned: [partition])
        #expect(tracker.read(0, of: partition) == true)
        #expect(tracker.read(0, of: partition) == false)
        #expect(tracker.unfinishedCount == 1)
    }

    @Test func goingBackNeverSkipsARecord() {
        var tracker = OffsetTracker(assigned: [partition])
        // A stale record first, then what was asked for.
        #expect(tracker.read(105, of: partition) == true)
        for offset: Int64 in 100...104 {
            #expect(tracker.read(offset, of: partition) == true)
        }
        #expect(tracker.read(105, of: partition) == false)
        tracker.finish(105, of: partition)
        #expect(tracker.committable[partition] == 100)
        #expect(tracker.read(105, of: partition) == true, "finished before, and read again")
        for offset: Int64 in 100...105 {
            tracker.finish(offset, of: partition)
        }
        #expect(tracker.committable[partition] == 106)
    }

    @Test func theCommittedMarkNeverGoesBack() {
        var tracker = OffsetTracker(assigned: [partition])
        for offset: Int64 in 0...9 {
            tracker.read(offset, of: partition)
            tracker.finish(offset, of: partition)
        }
        tracker.noteCommitted(10, of: partition, generation: 0)
        tracker.read(4, of: partition)
        #expect(!tracker.hasUncommitted)
        tracker.finish(4, of: partition)
        #expect(tracker.committable[partition] == 10)
        #expect(!tracker.hasUncommitted)
    }

    @Test func manyRecordsFinishedOutOfOrderLeaveNothingBehind() {
        var tracker = OffsetTracker(assigned: [partition])
        var generator = SplitMix(state: 7)
        var open: [Int64] = []
        var expected: Set<Int64> = []
        for offset: Int64 in 0..<5_000 {
            tracker.read(offset, of: partition)
            open.append(offset)
            expected.insert(offset)
            guard open.count > 50 else { continue }
            let done = open.remove(at: Int.random(in: 0..<open.count, using: &generator))
            expected.remove(done)
            #expect(tracker.finish(done, of: partition) == true)
            #expect(tracker.committable[partition] == open.min())
        }
        #expect(tracker.unfinishedCount == 50)
        for offset in open {
            tracker.finish(offset, of: partition)
        }
        #expect(tracker.committable[partition] == 5_000)
    }
}

/// A small random generator, so that every run is the same.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
