import KafkaClient
import KafkaEmbedded
import Testing

/// What transactions do on an Apache Kafka, which alone can show it.
@Suite(
    .tags(.broker),
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(
        if: environment("VALGRID_TEST_BOOTSTRAP") != nil || environment("KAFKA_HOME") != nil,
        "needs an Apache Kafka broker at VALGRID_TEST_BOOTSTRAP"
    )
)
struct TransactionTests {
    private let bench: TransactionBench

    init() async throws {
        bench = try await TransactionBench()
    }

    @Test func onlyWhatIsCommittedIsSeen() async throws {
        let producer = try await bench.makeProducer("a")
        for round in 0..<12 {
            try await producer.begin()
            try await producer.send(bench.records(round * 10..<round * 10 + 3))
            if round % 3 == 0 {
                try await producer.commit()
            } else {
                // An abort right after a produce, which is fatal unless the records settle first.
                try await producer.abort()
            }
        }
        #expect(producer.fatalError == nil)
        await producer.close()
        let expected = stride(from: 0, to: 12, by: 3).flatMap { $0 * 10..<$0 * 10 + 3 }
        #expect(try await bench.committed() == expected)
    }

    @Test(arguments: [true, false])
    func aConfirmationEndsAsItsTransactionDidAndIsNotHandedOut(isCommitted: Bool) async throws {
        let producer = try await bench.makeProducer("a")
        let began = ContinuousClock.now
        try await producer.begin()
        try await producer.send(bench.records(0..<8))
        if isCommitted {
            try await producer.commit()
        } else {
            try await producer.abort()
        }
        let touched = producer.touched
        #expect(touched.partitions == Set(bench.outputs))
        let outcome = TransactionOutcome(
            touched,
            isCommitted: isCommitted,
            began: began,
            ended: .now
        )
        // Markers are written after the end of the transaction has been acknowledged.
        try await eventually("the transaction has ended") {
            try await bench.ends(.readCommitted) == bench.ends(.readUncommitted)
        }
        let before = try await bench.ends(.readCommitted)
        try await producer.reassertOutcome(outcome)
        #expect(producer.touched == touched, "it touches the same")
        // A record in each partition, and the marker of how it ended.
        try await eventually("the confirmation has ended") {
            try await bench.ends(.readCommitted) == before.mapValues { $0 + 2 }
        }
        #expect(try await bench.committed() == (isCommitted ? Array(0..<8) : []))
        #expect(try await bench.read(.readUncommitted) == Array(0..<8))
        await producer.close()
    }

    @Test func aNewerProducerWithTheIdFencesTheOlderAndEndsItsTransaction() async throws {
        let zombie = try await bench.makeProducer("same")
        try await zombie.begin()
        try await zombie.send(bench.records(0..<5))
        let heir = try await bench.makeProducer("same")
        try await heir.begin()
        try await heir.send(bench.records(100..<105))
        try await heir.commit()
        let error = await bench.transactionFailure { () throws(TransactionError) in
            try await zombie.commit()
        }
        #expect(error?.cause.code == .fenced)
        let hopeless = await bench.transactionFailure { () throws(TransactionError) in
            try await zombie.abort()
        }
        #expect(hopeless?.remedy == .replaceProducer)
        await zombie.close()
        await heir.close()
        #expect(try await bench.committed() == Array(100..<105))
    }

    @Test func aFencedProducerSaysSoWhateverItWasAbout() async throws {
        let zombie = try await bench.makeProducer("same")
        try await zombie.begin()
        try await zombie.send(bench.records(0..<1))
        try await zombie.commit()
        let heir = try await bench.makeProducer("same")
        // Fenced before the transaction has a partition: its records are purged, which is not why.
        let error = await bench.transactionFailure { () throws(TransactionError) in
            try await zombie.begin()
            try await zombie.send(bench.records(1..<6))
            try await zombie.commit()
        }
        #expect(error?.remedy == .replaceProducer)
        #expect(error?.cause.code == .fenced)
        await zombie.close()
        await heir.close()
    }
}

@Suite(.timeLimit(.minutes(1))) struct EmbeddedTransactionTests {
    @Test func theEmbeddedBrokerIsToldFromOneWithTransactions() async throws {
        let cluster = try makeCluster()
        let producer = try TransactionalProducer(
            configuration: cluster.configuration,
            transactionalID: "a"
        )
        do throws(TransactionError) {
            try await producer.start()
            Issue.record("it started")
        } catch {
            #expect(error.cause.code == .unsupported)
        }
        await producer.close()
        await producer.close()
        do throws(TransactionError) {
            try await producer.begin()
            Issue.record("it began")
        } catch {
            #expect(error.cause.code == .closed)
        }
    }

    @Test func startEndsInTimeWhenNoBrokerAnswers() async throws {
        let producer = try TransactionalProducer(
            configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
            transactionalID: "a"
        )
        let start = ContinuousClock.now
        do throws(TransactionError) {
            try await producer.start(within: .seconds(1))
            Issue.record("it started")
        } catch {
            #expect(error.remedy == .tryAgain)
        }
        await producer.close()
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func wrongSettingsAreRefused() {
        #expect(throws: KafkaError.self) {
            try TransactionalProducer(
                configuration: KafkaConfiguration(bootstrapServers: "h:1"),
                transactionalID: ""
            )
        }
        #expect(throws: KafkaError.self) {
            try TransactionalProducer(
                configuration: KafkaConfiguration(bootstrapServers: "h:1"),
                transactionalID: "a",
                transactionTimeout: .milliseconds(10)
            )
        }
    }
}
