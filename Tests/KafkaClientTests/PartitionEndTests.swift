import Testing

@testable import KafkaClient

/// What of a partition's end is committed, which may lie behind its last record.
@Suite struct PartitionEndTests {
    private let partition = TopicPartition(topic: "batches", partition: 0)
    private let other = TopicPartition(topic: "batches", partition: 1)

    /// The records 0 to 2 of `partition` were read, and a commit marker follows at 3.
    private func makeTracker() -> OffsetTracker {
        var tracker = OffsetTracker(assigned: [partition, other], generation: 1)
        for offset: Int64 in 0..<3 { tracker.read(offset, of: partition) }
        tracker.reachEnd(4, of: partition)
        return tracker
    }

    @Test func anEndIsCommittedOnlyOnceAllBeforeItIsFinished() {
        for order in permutations(of: [0, 1, 2]) {
            var tracker = makeTracker()
            var left: Set = [0, 1, 2]
            for offset in order {
                #expect(tracker.committable[partition] == Int64(left.min() ?? -1))
                #expect(!tracker.hasUncommittedEnds)
                tracker.finish(Int64(offset), of: partition)
                left.remove(offset)
            }
            #expect(tracker.committable == [partition: 4])
            #expect(tracker.uncommitted == [partition: 4])
        }
    }

    @Test func anEndWaitsForTheTransactionOfTheLastRecord() {
        var tracker = makeTracker()
        for offset: Int64 in 0..<3 { tracker.finish(offset, of: partition) }
        #expect(tracker.hasUncommittedRecords)
        #expect(!tracker.hasUncommittedEnds, "the records are not committed yet")
        tracker.noteCommitted(2, of: partition, generation: 1)
        #expect(!tracker.hasUncommittedEnds, "the last record is not")
        tracker.noteCommitted(3, of: partition, generation: 1)
        #expect(tracker.uncommittedEnds == [partition: 4])
        #expect(!tracker.hasUncommittedRecords, "a rebalance does not wait for ends")
        tracker.noteCommitted(4, of: partition, generation: 1)
        #expect(!tracker.hasUncommittedEnds)
    }

    @Test func offsetsAfterTheLastRecordBecomeTheEnd() {
        var tracker = makeTracker()
        tracker.reachEnd(7, of: other)
        for offset: Int64 in 0..<2 { tracker.finish(offset, of: partition) }
        #expect(tracker.extended([partition: 2]) == [partition: 2, other: 7])
        tracker.finish(2, of: partition)
        #expect(tracker.extended([partition: 2]) == [partition: 2, other: 7])
        #expect(tracker.extended([partition: 3]) == [partition: 4, other: 7])
        #expect(tracker.extended([:]) == [other: 7])
    }

    @Test func aPartitionWithoutRecordsIsCommittedUpToItsEnd() {
        var tracker = OffsetTracker(assigned: [partition, other])
        tracker.begin(at: [partition: 5])
        tracker.reachEnd(5, of: partition)
        #expect(!tracker.hasUncommitted, "the group knows it")
        tracker.reachEnd(7, of: partition)
        tracker.reachEnd(0, of: other)
        #expect(tracker.uncommitted == [partition: 7, other: 0])
        #expect(tracker.uncommittedEnds == [partition: 7, other: 0])
    }

    @Test func aRecordAfterTheEndHoldsUpNothingThatIsFinished() {
        var tracker = OffsetTracker(assigned: [partition], generation: 1)
        tracker.begin(at: [partition: 5])
        tracker.reachEnd(7, of: partition)
        tracker.read(7, of: partition)
        #expect(tracker.committable == [partition: 7])
        #expect(!tracker.hasUncommittedRecords, "a rebalance has nothing to wait for")
        #expect(!tracker.hasUncommittedEnds)
        tracker.finish(7, of: partition)
        #expect(tracker.hasUncommittedRecords)
        tracker.noteCommitted(8, of: partition, generation: 1)
        #expect(!tracker.hasUncommitted && !tracker.hasUncommittedEnds)
    }

    @Test func markersBetweenRecordsKeepNoRebalanceWaiting() {
        var tracker = OffsetTracker(assigned: [partition], generation: 1)
        tracker.read(0, of: partition)
        tracker.read(9, of: partition)
        tracker.finish(0, of: partition)
        tracker.noteCommitted(1, of: partition, generation: 1)
        #expect(!tracker.hasUncommittedRecords)
    }

    @Test func recordsThatComeAgainTakeTheEndBack() {
        var tracker = makeTracker()
        for offset: Int64 in 0..<3 { tracker.finish(offset, of: partition) }
        tracker.noteCommitted(3, of: partition, generation: 1)
        tracker.read(1, of: partition)
        #expect(!tracker.hasUncommittedEnds)
        tracker.finish(1, of: partition)
        #expect(!tracker.hasUncommittedEnds, "what else comes again is not known")
        tracker.reachEnd(4, of: partition)
        #expect(tracker.uncommittedEnds == [partition: 4])
    }

    @Test func theEndOfALogThatWasCutOffIsNothingToCommit() {
        var tracker = OffsetTracker(assigned: [partition], generation: 1)
        tracker.begin(at: [partition: 500])
        tracker.reachEnd(300, of: partition)
        #expect(!tracker.hasUncommitted)
        tracker.read(300, of: partition)
        tracker.finish(300, of: partition)
        #expect(tracker.uncommitted == [partition: 301])
    }

    @Test func theEndOfAPartitionOfOthersIsNoMatter() {
        var tracker = OffsetTracker(assigned: [partition])
        tracker.reachEnd(7, of: other)
        #expect(tracker.committable.isEmpty && !tracker.hasUncommittedEnds)
    }
}
