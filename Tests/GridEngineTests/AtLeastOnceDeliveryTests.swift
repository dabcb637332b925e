import GridTopics
import KafkaClient
import KafkaFakes
import Operations
import Testing

@testable import GridEngine

/// How results come to a Kafka without transactions: written first, then finished.
@Suite(.timeLimit(.minutes(1))) struct AtLeastOnceDeliveryTests {
    private let clock = ManualClock(isSkipping: true)
    private let source = FakeSource()
    private let record: ConsumedRecord

    init() {
        source.assign([DeliveryBench.batches])
        record = source.take(0, of: DeliveryBench.batches)
    }

    private func delivery(
        _ sink: FakeSink,
        single: FakeSink = FakeSink()
    ) -> AtLeastOnceDelivery {
        AtLeastOnceDelivery(
            producer: sink,
            makeSingle: { () throws(KafkaError) in single },
            consumer: source,
            reduction: DeliveryBench.splitter(),
            clock: EngineClock(clock),
            logger: .silent
        )
    }

    @Test func aRecordIsFinishedOnceItsResultsAreWritten() async throws {
        let sink = FakeSink()
        #expect(
            try await delivery(sink).deliver(
                [DeliveryBench.result("a"), DeliveryBench.result("b")],
                finishing: record
            )
        )
        #expect(sink.written.names == ["a", "b"])
        #expect(source.finished == [record])
    }

    @Test func whatIsReassignedIsNotWritten() async throws {
        source.revoke()
        let sink = FakeSink()
        #expect(
            try await delivery(sink).deliver([DeliveryBench.result("a")], finishing: record)
                == false
        )
        #expect(sink.written.isEmpty)
        #expect(source.finished.isEmpty)
    }

    @Test func aBrokerThatIsAwayIsTriedAgainWithGrowingPauses() async throws {
        let away = DeliveryBench.error(.brokersUnavailable, isRetriable: true)
        let sink = FakeSink(failures: [away, away, away])
        let start = clock.now
        #expect(try await delivery(sink).deliver([DeliveryBench.result("a")], finishing: record))
        #expect(start.duration(to: clock.now) == .milliseconds(100 + 200 + 400))
        #expect(sink.written.names == ["a"])
    }

    @Test func aBrokerThatStaysAwayEndsTheEngineAndNothingIsFinished() async throws {
        let away = DeliveryBench.error(.timedOut, isRetriable: true)
        let sink = FakeSink(failures: Array(repeating: away, count: 100))
        let delivery = delivery(sink)
        await #expect(throws: EngineError.self) {
            try await delivery.deliver([DeliveryBench.result("a")], finishing: record)
        }
        #expect(source.finished.isEmpty)
    }

    @Test func whatCannotSucceedIsNotTriedAgain() async throws {
        let sink = FakeSink(failures: [DeliveryBench.error(.authorization)])
        let delivery = delivery(sink)
        let start = clock.now
        await #expect(throws: EngineError.self) {
            try await delivery.deliver([DeliveryBench.result("a")], finishing: record)
        }
        #expect(clock.now == start)
        #expect(source.finished.isEmpty)
    }

    @Test func recordsRefusedTogetherAreWrittenOneByOne() async throws {
        let sink = FakeSink(refuse: { _ in DeliveryBench.error(.messageTooLarge) })
        let single = FakeSink()
        let delivery = delivery(sink, single: single)
        #expect(
            try await delivery.deliver(
                [DeliveryBench.result("a"), DeliveryBench.result("b")],
                finishing: record
            )
        )
        #expect(sink.written.isEmpty)
        #expect(single.written.names == ["a", "b"])
        await delivery.close()
        #expect(single.isClosed)
    }

    @Test func aRecordThatIsTooLargeInItselfDoesNotHoldUpTheRest() async throws {
        let tooLarge = DeliveryBench.error(.messageTooLarge)
        let limit: @Sendable (ProducedRecord) -> KafkaError? = {
            ($0.value?.count ?? 0) >= 100 ? tooLarge : nil
        }
        let single = FakeSink(refuse: limit)
        #expect(
            try await delivery(FakeSink(refuse: limit), single: single).deliver(
                [
                    ProducedRecord(topic: "elsewhere", value: [UInt8](repeating: 1, count: 100)),
                    DeliveryBench.result("small"),
                ],
                finishing: record
            )
        )
        #expect(single.written.names == ["small"])
        #expect(source.finished == [record])
    }
}
