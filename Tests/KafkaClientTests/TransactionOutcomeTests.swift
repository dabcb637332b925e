import Testing

@testable import KafkaClient

@Suite struct TransactionOutcomeTests {
    private let began = ContinuousClock.now

    private func outcome(touching partitions: Set<TopicPartition>) -> TransactionOutcome {
        var touched = TouchedPartitions()
        touched.partitions = partitions
        return TransactionOutcome(
            touched,
            isCommitted: true,
            began: began,
            ended: began + .seconds(5)
        )
    }

    @Test(arguments: [(-1, false), (0, true), (3, true), (5, true), (600, true)])
    func aBrokerMissedSinceItBeganMakesItUncertain(second: Int, isUncertain: Bool) {
        let outcome = outcome(touching: [TopicPartition(topic: "a", partition: 0)])
        let missed = began + .seconds(second)
        #expect(outcome.isUncertain(brokerMissedAt: missed) == isUncertain)
        #expect(!outcome.isUncertain(brokerMissedAt: nil))
    }

    @Test func itIsLateWhenABrokerMayHaveBeenMissed() {
        let outcome = outcome(touching: [TopicPartition(topic: "a", partition: 0)])
        #expect(!outcome.isLate(at: began + .seconds(3)))
        #expect(outcome.isLate(at: began + .milliseconds(3_001)))
    }

    @Test func whatTouchedNothingIsNeverUncertain() {
        let outcome = outcome(touching: [])
        #expect(!outcome.isUncertain(brokerMissedAt: began))
    }

    @Test func onlyAConfirmationIsTakenForOne() {
        let place = TopicPartition(topic: "a", partition: 3)
        let written = ProducedRecord(confirmationIn: place)
        #expect(written.partition == 3)
        #expect(written.key?.isEmpty == false, "compacted topics refuse a record without a key")
        func read(_ value: [UInt8]?, _ headers: [KafkaHeader]) -> ConsumedRecord {
            ConsumedRecord(topic: "a", partition: 3, offset: 7, value: value, headers: headers)
        }
        #expect(read(written.value, written.headers).isConfirmation)
        #expect(!read(nil, []).isConfirmation, "a tombstone")
        #expect(!read([1], written.headers).isConfirmation, "a foreign value is never dropped")
    }

    /// As librdkafka words them, 2.0 to 2.12.
    @Test(arguments: [
        ("127.0.0.1:9092/1: Disconnected (after 5012ms in state UP)", true),
        ("b:9092/2: Receive failed: Connection reset by peer (after 3ms in state UPDATE)", true),
        (
            "b:9092/2: Connect to ipv4#10.0.0.2:9092 failed: Connection refused "
                + "(after 0ms in state CONNECT, 1 identical error(s) suppressed)", false
        ),
        (
            "Failed to resolve 'b:9092': Name or service not known (after 2ms in state CONNECT)",
            false
        ),
    ])
    func aBrokerThatIsTriedInVainIsNoConnectionLost(words: String, isLost: Bool) {
        let error = KafkaError(code: .brokersUnavailable, reason: words)
        #expect(error.isLossOfConnection == isLost)
    }
}
