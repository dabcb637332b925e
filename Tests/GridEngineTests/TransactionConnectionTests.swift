import GridTopics
import KafkaClient
import KafkaFakes
import Testing

@testable import GridEngine

/// What an engine's transactions come to when Kafka fails, step by step.
@Suite(.timeLimit(.minutes(1))) struct TransactionConnectionTests {
    private typealias Fault = FakeTransactions.Fault

    private let clock = ManualClock(isSkipping: true)
    private let kafka: FakeTransactions
    private let connection: TransactionConnection
    private let offsets = GroupTransaction(generation: 1, offsets: [DeliveryBench.batches: 5])

    init() {
        kafka = FakeTransactions(clock: clock)
        connection = DeliveryBench.connection(to: kafka, clock)
    }

    private func transact(_ name: String) async throws(EngineError) -> CommitResult {
        try await connection.transact([DeliveryBench.result(name)], offsets: offsets)
    }

    private func engineError(
        _ body: () async throws(EngineError) -> Void
    ) async -> EngineError? {
        do throws(EngineError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func recordsAndOffsetsAreCommittedTogether() async throws {
        try await connection.open()
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
        #expect(kafka.offsets == [DeliveryBench.batches: 5])
        #expect(
            kafka.events == [
                .opened(isOneByOne: false), .began(isFenced: false), .wrote(1), .committed,
            ]
        )
    }

    @Test func everyTransactionButTheFirstIsFencedFromItsPredecessor() async throws {
        for name in ["a", "b", "c"] { #expect(try await transact(name) == .committed) }
        let begins = kafka.events.filter {
            if case .began = $0 { return true }
            return false
        }
        #expect(
            begins == [.began(isFenced: false), .began(isFenced: true), .began(isFenced: true)]
        )
    }

    @Test func anIdleConnectionEndsAnEmptyTransactionAfterTheLast() async throws {
        #expect(try await transact("a") == .committed)
        let due = try #require(try await connection.reassertOutcome())
        #expect(due == clock.now + .seconds(1))
        try await clock.sleep(until: due)
        #expect(try await connection.reassertOutcome() == nil)
        #expect(kafka.events.suffix(2) == [.began(isFenced: true), .committed])
        #expect(try await connection.reassertOutcome() == nil, "once is enough")
        #expect(kafka.visible.names == ["a"])
    }

    // MARK: - The answer to a commit is lost

    @Test func aCommitThatWasCarriedOutIsFoundByTheGroupsOffsets() async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .timedOut, isCarriedOut: true))
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
        #expect(kafka.producers == 2, "a new producer ends what was open")
    }

    @Test func aCommitThatLeftNoTraceMayBeTriedAgain() async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .timedOut))
        #expect(try await transact("a") == .aborted)
        #expect(kafka.visible.isEmpty)
        #expect(kafka.offsets.isEmpty)
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"], "once")
    }

    @Test func aCommitIsAskedForUntilTheGroupAnswers() async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .brokersUnavailable, isCarriedOut: true))
        // The group does not answer for the offset, nor for any other.
        kafka.fail(.askGroup, Fault(.tryAgain, .timedOut), Fault(.tryAgain, .timedOut), nil)
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
    }

    @Test(arguments: [
        (TransactionVisibility.committed, CommitResult.committed), (.aborted, .aborted),
    ])
    func whatReadersSeeTellsWhereTheGroupWasNotTold(
        shown: TransactionVisibility,
        result: CommitResult
    ) async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .timedOut))
        kafka.fail(.askGroup, Fault(.tryAgain, .timedOut), nil)
        kafka.show(.unclear, shown)
        kafka.fail(.askGroup, Fault(.tryAgain, .timedOut), nil)
        #expect(try await transact("a") == result)
        // Who was not told is told by another transaction with the same outcome.
        #expect(try await transact("b") == .committed)
        #expect(kafka.events.contains(.reasserted(isCommitted: result == .committed)))
    }

    @Test func aTransactionThatNobodyWasToldOfIsAborted() async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .timedOut))
        // The group answers for other offsets, twice, and not for this one.
        kafka.fail(
            .askGroup,
            Fault(.tryAgain, .timedOut),
            nil,
            Fault(.tryAgain, .timedOut),
            nil
        )
        kafka.show(.undecided)
        #expect(try await transact("a") == .aborted)
        #expect(try await transact("b") == .committed)
        #expect(kafka.events.contains(.reasserted(isCommitted: false)))
    }

    @Test func anOutcomeThatStaysUnknownEndsTheEngine() async throws {
        kafka.fail(.commit, Fault(.replaceProducer, .timedOut))
        kafka.failAlways(.askGroup, Fault(.tryAgain, .timedOut))
        kafka.show(.unclear)
        let start = clock.now
        let error = await engineError { () throws(EngineError) in _ = try await transact("a") }
        #expect(error?.reason.contains("cannot learn what was committed") == true)
        #expect(start.duration(to: clock.now) >= .seconds(120), "not before")
    }

    // MARK: - Steps fail before the commit

    @Test func aTransactionThatMustBeAbortedIsAbortedByItsProducer() async throws {
        kafka.fail(.write, Fault(.abort, .other))
        #expect(try await transact("a") == .aborted)
        #expect(kafka.events.last == .aborted)
        #expect(kafka.producers == 1)
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
    }

    @Test(arguments: [KafkaError.Code.other, .timedOut, .brokersUnavailable])
    func aProducerThatIsOfNoMoreUseIsReplacedByOneWithTheSameID(
        code: KafkaError.Code
    ) async throws {
        kafka.fail(.write, Fault(.replaceProducer, code))
        #expect(try await transact("a") == .aborted)
        #expect(kafka.events.contains(.closed))
        #expect(kafka.producers == 2)
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
    }

    @Test func anAbortThatFailsIsLeftToANewProducer() async throws {
        kafka.fail(.write, Fault(.abort, .other))
        kafka.fail(.abort, Fault(.replaceProducer, .other))
        #expect(try await transact("a") == .aborted)
        #expect(kafka.producers == 2)
        #expect(try await transact("a") == .committed)
        #expect(kafka.visible.names == ["a"])
    }

    @Test func aTransactionBegunWhileABrokerMayBeMissingDecidesForTheOneBefore() async throws {
        #expect(try await transact("a") == .committed)
        kafka.fail(.begin, Fault(.replaceProducer, .timedOut))
        #expect(try await transact("b") == .committed)
        #expect(kafka.events.contains(.reasserted(isCommitted: true)))
        #expect(kafka.visible.names == ["a", "b"])
    }

    @Test func aConnectionLostAroundAnEndHasItReassertedBeforeTheNext() async throws {
        #expect(try await transact("a") == .committed)
        kafka.loseConnection(at: clock.now)
        #expect(try await transact("b") == .committed)
        let events = kafka.events
        let reasserted = try #require(events.firstIndex(of: .reasserted(isCommitted: true)))
        let second = try #require(events.firstIndex(of: .began(isFenced: true)))
        #expect(reasserted < second)
    }

    @Test func aTransactionBegunAfterALostConnectionIsReassertedOnceLeadersAreKnown() async throws {
        try await connection.open()
        kafka.loseConnection(at: clock.now)
        try await clock.sleep(until: clock.now + .milliseconds(1))
        #expect(try await transact("a") == .committed)
        let ended = clock.now
        #expect(try await transact("b") == .committed)
        #expect(ended.duration(to: clock.now) >= PartitionRecovery.settling)
        #expect(try await transact("c") == .committed)
        #expect(
            kafka.events == [
                .opened(isOneByOne: false), .began(isFenced: false), .wrote(1), .committed,
                .reasserted(isCommitted: true),
                .began(isFenced: true), .wrote(1), .committed,
                .began(isFenced: true), .wrote(1), .committed,
            ]
        )
    }

    @Test func aReassertionOfPartitionsThatHaveJustComeBackIsRepeated() async throws {
        #expect(try await transact("a") == .committed)
        kafka.loseConnection(at: clock.now)
        #expect(try await transact("b") == .committed)
        let reassertions = kafka.events.filter { $0 == .reasserted(isCommitted: true) }
        #expect(reassertions.count == 2)
    }

    // MARK: - Limits

    @Test func anEngineThatIsFencedAgainAndAgainEnds() async throws {
        kafka.failAlways(.write, Fault(.replaceProducer, .fenced))
        var error: EngineError?
        for _ in 0..<5 where error == nil {
            error = await engineError { () throws(EngineError) in _ = try await transact("a") }
        }
        #expect(error?.reason.contains("another engine works with the id of this one") == true)
        #expect(kafka.producers == 4, "three times it takes the id over again")
    }

    @Test func aFencingFromTimeToTimeIsNoReasonToEnd() async throws {
        for _ in 0..<8 {
            kafka.fail(.write, Fault(.replaceProducer, .fenced))
            #expect(try await transact("a") == .aborted)
            #expect(try await transact("a") == .committed)
            try await clock.sleep(until: clock.now + .seconds(601))
        }
    }

    @Test func anEngineOfWhichNoTransactionSucceedsEnds() async throws {
        kafka.failAlways(.write, Fault(.abort, .other))
        var error: EngineError?
        var tried = 0
        while error == nil, tried < 100 {
            tried += 1
            error = await engineError { () throws(EngineError) in _ = try await transact("a") }
        }
        #expect(error?.reason.contains("no transaction succeeds") == true)
        #expect(tried == 41)
    }

    @Test func whatAnAdministratorHasToAllowEndsTheEngineAtOnce() async throws {
        kafka.fail(.write, Fault(.abort, .authorization))
        let error = await engineError { () throws(EngineError) in _ = try await transact("a") }
        #expect(error?.kafka == .authorization)
    }

    @Test func aKafkaThatIsAwayIsWaitedForAndNotForEver() async throws {
        kafka.fail(.open, Fault(.tryAgain, .brokersUnavailable), Fault(.tryAgain, .timedOut), nil)
        try await connection.open()
        let other = FakeTransactions(clock: clock)
        other.failAlways(.open, Fault(.tryAgain, .brokersUnavailable))
        let start = clock.now
        let error = await engineError { () throws(EngineError) in
            try await DeliveryBench.connection(to: other, clock).open()
        }
        #expect(error?.kafka == .brokersUnavailable)
        #expect(start.duration(to: clock.now) >= .seconds(120))
    }

    @Test func aKafkaWithoutTransactionsIsNamed() async throws {
        kafka.fail(.open, Fault(.replaceProducer, .unsupported))
        let error = await engineError { () throws(EngineError) in try await connection.open() }
        #expect(error?.reason.contains("use --delivery at-least-once") == true)
    }

    // MARK: - Records that are too large

    @Test func recordsThatAreTooLargeAreFoundOneByOne() async throws {
        kafka.refuse(from: 100)
        let records = [
            DeliveryBench.result("a"), DeliveryBench.result("b", bytes: 100),
            DeliveryBench.result("c"),
        ]
        #expect(
            try await connection.transact(records, offsets: offsets) == .aborted,
            "a request was refused, and not each of its records"
        )
        #expect(kafka.events.last == .closed)
        #expect(try await connection.transact(records, offsets: offsets) == .tooLarge([1]))
        #expect(kafka.events.contains(.opened(isOneByOne: true)))
        #expect(kafka.visible.isEmpty)
    }

    @Test func closingTellsTheLastTransactionOnceMore() async throws {
        #expect(try await transact("a") == .committed)
        await connection.close()
        #expect(kafka.events.suffix(3) == [.began(isFenced: true), .committed, .closed])
    }
}
