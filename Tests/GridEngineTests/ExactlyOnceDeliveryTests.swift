import GridTopics
import KafkaClient
import KafkaFakes
import Operations
import Testing

@testable import GridEngine

/// How results and offsets come to Kafka together, whatever becomes of the assignment.
@Suite(.timeLimit(.minutes(1))) struct ExactlyOnceDeliveryTests {
    private typealias Fault = FakeTransactions.Fault

    private let clock = ManualClock()
    private let kafka: FakeTransactions
    private let source = FakeSource()
    private let delivery: ExactlyOnceDelivery

    init() {
        kafka = FakeTransactions(clock: clock)
        delivery = ExactlyOnceDelivery(
            consumer: source,
            connection: DeliveryBench.connection(to: kafka, clock),
            limits: TransactionLimits(batches: 4, held: 4),
            reduction: DeliveryBench.splitter(),
            clock: EngineClock(clock),
            logger: .silent
        )
        source.assign([DeliveryBench.batches, DeliveryBench.others])
    }

    /// Runs the delivery while `body` works; both are over then.
    private func withDelivery(_ body: () async throws -> Void) async throws {
        try await delivery.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await delivery.run()
                } catch is EngineError {
                    // What it ended with is what those who wait are told.
                }
            }
            defer { group.cancelAll() }
            try await body()
        }
    }

    private func take(
        _ offset: Int64,
        of partition: TopicPartition = DeliveryBench.batches
    ) -> ConsumedRecord {
        let record = source.take(offset, of: partition)
        #expect(delivery.take(record))
        return record
    }

    private func deliver(_ record: ConsumedRecord) async throws(EngineError) -> Bool {
        try await delivery.deliver([DeliveryBench.result("\(record.offset)")], finishing: record)
    }

    @Test func aResultGoesAtOnceWhenNothingElseIsAtWork() async throws {
        try await withDelivery { () async throws in
            #expect(try await deliver(take(7)))
            #expect(kafka.visible.names == ["7"])
            #expect(kafka.offsets == [DeliveryBench.batches: 8])
            #expect(source.openTransactions == 0)
        }
    }

    @Test func resultsWaitForEachOtherForAShortTime() async throws {
        let (first, _) = (take(0), take(1))
        try await withDelivery { () async throws in
            async let delivered = deliver(first)
            await clock.awaitSleeper(for: .milliseconds(50))
            #expect(kafka.visible.isEmpty)
            clock.advance(by: .milliseconds(50))
            #expect(try await delivered)
            #expect(kafka.offsets == [DeliveryBench.batches: 1])
        }
    }

    @Test func resultsAreHeldBackUntilThoseBeforeThemAreThere() async throws {
        let (first, second) = (take(0), take(1))
        try await withDelivery { () async throws in
            async let later = deliver(second)
            async let earlier = deliver(first)
            #expect(try await later)
            #expect(try await earlier)
            #expect(kafka.visible.names == ["0", "1"], "in the order of the records")
            #expect(kafka.offsets == [DeliveryBench.batches: 2])
        }
    }

    @Test func aTransactionThatFailsIsTriedAgainWhole() async throws {
        kafka.fail(.write, Fault(.abort, .other), Fault(.replaceProducer, .timedOut), nil)
        try await withDelivery { () async throws in
            async let delivered = deliver(take(0))
            await clock.awaitSleeper(for: .milliseconds(50))
            clock.advance(by: .milliseconds(50))
            await clock.awaitSleeper(for: .milliseconds(100))
            clock.advance(by: .milliseconds(100))
            #expect(try await delivered)
            #expect(kafka.visible.names == ["0"])
            #expect(source.openTransactions == 0)
        }
    }

    // MARK: - Rebalances

    @Test func whatWasFinishedAfterTheAssignmentWentIsNotWritten() async throws {
        try await withDelivery { () async throws in
            let record = take(0)
            source.revoke()
            #expect(try await deliver(record) == false)
            #expect(kafka.visible.isEmpty)
        }
    }

    @Test func resultsThatWaitWhenTheAssignmentGoesAreNotWritten() async throws {
        let (first, _) = (take(0), take(1))
        try await withDelivery { () async throws in
            async let delivered = deliver(first)
            await clock.awaitSleeper(for: .milliseconds(50))
            source.revoke()
            source.assign([DeliveryBench.others])
            clock.advance(by: .milliseconds(50))
            #expect(try await delivered == false)
            #expect(kafka.visible.isEmpty)
            #expect(try await deliver(take(3, of: DeliveryBench.others)))
            #expect(kafka.visible.names == ["3"])
        }
    }

    /// The group has gone on while the transaction was under way: the broker refuses the offsets.
    @Test func aTransactionOfAnAssignmentThatWasLostLeavesNoTrace() async throws {
        let source = source
        kafka.onCall { step in
            guard step == .write else { return }
            source.revoke()
        }
        kafka.fail(.write, Fault(.abort, .other))
        try await withDelivery { () async throws in
            async let delivered = deliver(take(0))
            await clock.awaitSleeper(for: .milliseconds(50))
            clock.advance(by: .milliseconds(50))
            #expect(try await delivered == false)
            #expect(kafka.visible.isEmpty)
            #expect(source.openTransactions == 0)
        }
    }

    /// A commit that was asked for before the assignment went holds: the group waits for it.
    @Test func aCommitUnderWayWhenTheAssignmentGoesCounts() async throws {
        let source = source
        kafka.onCall { step in
            guard step == .commit else { return }
            source.revoke()
        }
        try await withDelivery { () async throws in
            #expect(try await deliver(take(0)))
            #expect(kafka.visible.names == ["0"])
            #expect(source.openTransactions == 0)
        }
    }

    @Test func recordsTakenBeforeAreNotTakenAgain() async throws {
        let record = take(0)
        #expect(!delivery.take(record))
        source.assign([DeliveryBench.batches])
        #expect(delivery.take(source.take(0, of: DeliveryBench.batches)), "a new assignment")
    }

    @Test func whatWaitsForAnAbandonedRecordIsGivenUpAndNotWritten() async throws {
        let (first, second) = (take(0), take(1))
        try await withDelivery { () async throws in
            async let delivered = deliver(second)
            await DeliveryBench.until { delivery.heldCount == 1 }
            delivery.abandon(first)
            #expect(try await delivered == false)
            #expect(kafka.visible.isEmpty)
        }
    }

    // MARK: - Too large, too many

    @Test func aResultThatIsTooLargeIsReplacedByASmallerOne() async throws {
        kafka.refuse(from: 100)
        let record = take(0)
        try await withDelivery { () async throws in
            async let delivered = delivery.deliver(
                [
                    ProducedRecord(topic: "elsewhere", value: [UInt8](repeating: 1, count: 100)),
                    DeliveryBench.result("small"),
                ],
                finishing: record
            )
            // The first refusal is the request's, the second the record's.
            #expect(try await delivered)
            #expect(kafka.visible.names == ["small"], "the rest cannot be made smaller")
            #expect(kafka.offsets == [DeliveryBench.batches: 1])
        }
    }

    @Test func nothingIsTakenWhileTooManyResultsAreHeldBack() async throws {
        let records = (0..<5).map { take(Int64($0)) }
        try await withDelivery { () async throws in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for record in records.dropFirst() {
                    group.addTask { try await self.deliver(record) }
                }
                await DeliveryBench.until { delivery.heldCount == 4 }
                group.addTask {
                    await self.delivery.waitForRoom()
                    return true
                }
                group.addTask { try await self.deliver(records[0]) }
                for try await isDone in group { #expect(isDone) }
            }
            #expect(kafka.offsets == [DeliveryBench.batches: 5])
        }
    }

    // MARK: - Ends

    @Test func anIdleDeliveryCommitsTheEndsOfPartitions() async throws {
        try await withDelivery { () async throws in
            source.reachEnd(9, of: DeliveryBench.others)
            await clock.awaitSleeper(for: .milliseconds(500))
            #expect(kafka.events == [.opened(isOneByOne: false)], "it waits for others")
            source.reachEnd(4, of: DeliveryBench.batches)
            clock.advance(by: .milliseconds(500))
            await clock.awaitSleeper(for: .seconds(1))
            #expect(
                kafka.offsets == [DeliveryBench.batches: 4, DeliveryBench.others: 9],
                "in one transaction"
            )
            #expect(kafka.visible.isEmpty)
            #expect(source.openTransactions == 0)
            clock.advance(by: .seconds(1))
        }
    }

    @Test func endsGoWithResultsIfThereAreAny() async throws {
        try await withDelivery { () async throws in
            source.reachEnd(9, of: DeliveryBench.others)
            await clock.awaitSleeper(for: .milliseconds(500))
            #expect(try await deliver(take(0)))
            #expect(kafka.offsets == [DeliveryBench.batches: 1, DeliveryBench.others: 9])
        }
    }

    @Test func endsOfAnAssignmentThatWasLostAreNotCommitted() async throws {
        try await withDelivery { () async throws in
            source.reachEnd(9, of: DeliveryBench.others)
            await clock.awaitSleeper(for: .milliseconds(500))
            source.revoke()
            clock.advance(by: .milliseconds(500))
            #expect(kafka.offsets.isEmpty)
        }
        #expect(kafka.offsets.isEmpty)
    }

    @Test func aFailureForGoodIsToldToAllWhoWait() async throws {
        kafka.fail(.write, Fault(.abort, .authorization))
        let (first, missing, second) = (take(0), take(1), take(2))
        await #expect(throws: EngineError.self) {
            try await withDelivery { () async throws in
                async let held = deliver(second)
                async let failed = deliver(first)
                await clock.awaitSleeper(for: .milliseconds(50))
                await DeliveryBench.until { delivery.heldCount == 2 }
                clock.advance(by: .milliseconds(50))
                _ = try? await failed
                _ = try await held
            }
        }
        #expect(!delivery.isReady)
        await #expect(throws: EngineError.self) { try await deliver(missing) }
    }
}
