import KafkaClient
import Testing

@testable import GridEngine

/// Which transactions are to be confirmed since their partitions had just come back.
@Suite struct PartitionRecoveryTests {
    private let start = ContinuousClock.now
    private let first = TopicPartition(topic: "results", partition: 0)
    private let second = TopicPartition(topic: "results", partition: 1)

    /// A transaction that touched partitions and a group, from and to so many milliseconds.
    private func outcome(
        _ partitions: TopicPartition...,
        from began: Int,
        to ended: Int
    ) -> TransactionOutcome {
        TransactionOutcome(
            TouchedPartitions(partitions: Set(partitions), groups: ["engines"]),
            isCommitted: true,
            began: start + .milliseconds(began),
            ended: start + .milliseconds(ended)
        )
    }

    @Test func nothingIsToBeConfirmedWhereNoBrokerWasMissed() {
        var recovery = PartitionRecovery()
        let early = outcome(first, from: 0, to: 10)
        recovery.note(early, brokerMissedAt: nil)
        #expect(recovery.confirmation(of: early) == nil)
    }

    @Test func theFirstAnswerSinceABrokerWasMissedIsConfirmedAfterASecond() {
        var recovery = PartitionRecovery()
        let early = outcome(first, from: 100, to: 110)
        recovery.note(early, brokerMissedAt: start)
        #expect(recovery.confirmation(of: early) == start + .milliseconds(1_110))
        // The answers that follow put nothing off.
        recovery.note(outcome(first, from: 500, to: 510), brokerMissedAt: start)
        #expect(recovery.confirmation(of: early) == start + .milliseconds(1_110))
        #expect(recovery.confirmation(of: outcome(first, from: 1_109, to: 1_115)) != nil)
        #expect(recovery.confirmation(of: outcome(first, from: 1_110, to: 1_115)) == nil)
    }

    @Test func eachPartitionAnswersForItself() {
        var recovery = PartitionRecovery()
        recovery.note(outcome(first, from: 100, to: 110), brokerMissedAt: start)
        let later = outcome(second, from: 5_000, to: 5_010)
        recovery.note(later, brokerMissedAt: start)
        #expect(recovery.confirmation(of: later) == start + .milliseconds(6_010))
        #expect(recovery.confirmation(of: outcome(first, from: 5_020, to: 5_030)) == nil)
    }

    @Test func aBrokerThatIsMissedAgainHasItsPartitionsAnswerAgain() {
        var recovery = PartitionRecovery()
        recovery.note(outcome(first, from: 100, to: 110), brokerMissedAt: start)
        let missed = start + .seconds(20)
        let again = outcome(first, from: 20_100, to: 20_110)
        recovery.note(again, brokerMissedAt: missed)
        #expect(recovery.confirmation(of: again) == start + .milliseconds(21_110))
    }

    @Test func whatAnswersFirstLongAfterABrokerWasMissedIsNotConfirmed() {
        var recovery = PartitionRecovery()
        let late = outcome(second, from: 300_000, to: 300_010)
        recovery.note(late, brokerMissedAt: start)
        #expect(recovery.confirmation(of: late) == nil)
    }
}
