import GridTopics
import KafkaClient
import Testing

@Suite struct InitialEndsTests {
    private let first = TopicPartition(topic: "t", partition: 0)
    private let second = TopicPartition(topic: "t", partition: 1)

    @Test func theEndsAreReachedOnceEveryPartitionWasReadUpToThem() {
        let ends = InitialEnds([
            first: OffsetRange(low: 0, high: 5), second: OffsetRange(low: 3, high: 9),
        ])
        #expect(!ends.areReached(by: [:]))
        #expect(!ends.areReached(by: [first: 5, second: 8]))
        #expect(ends.areReached(by: [first: 5, second: 9]))
        // What came since is no matter.
        #expect(ends.areReached(by: [first: 7, second: 900]))
    }

    @Test func aPartitionWithNothingToReadIsNotWaitedFor() {
        let ends = InitialEnds(
            [first: OffsetRange(low: 4, high: 4), second: OffsetRange(low: 0, high: 9)],
            from: [second: 9]
        )
        #expect(ends.areReached(by: [:]))
    }
}
