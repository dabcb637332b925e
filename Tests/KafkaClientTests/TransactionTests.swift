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
    private let configuration: KafkaConfiguration
    private let input = "in-\(UInt64.random(in: 0 ..< .max))"
    private let output = "out-\(UInt64.random(in: 0 ..< .max))"

    init() async throws {
        let servers = try #require(
            environment("VALGRID_TEST_BOOTSTRAP"),
            "KAFKA_HOME is set, but no broker is up"
        )
        var configuration = KafkaConfiguration(bootstrapServers: servers, clientID: "tests")
        configuration.sessionTimeoutMillis = 1_500
        self.configuration = configuration
        let admin = try KafkaAdmin(configuration: configuration)
        _ = try await admin.createMissing(
            [
                TopicSpecification(name: input, partitions: 4),
                TopicSpecification(name: output, partitions: 2),
            ],
            within: .seconds(20)
        )
        await admin.close()
    }

    private func makeProducer(_ id: String) async throws -> TransactionalProducer {
        let producer = try TransactionalProducer(
            configuration: configuration,
            transactionalID: "\(output)-\(id)"
        )
        try await producer.start()
        try await producer.prepare(topics: [output])
        return producer
    }

    private func makeConsumer(maximumUnfinished: Int = 20) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration: configuration,
            group: input,
            topics: [input],
            maximumUnfinished: maximumUnfinished,
            commits: .byTransaction
        )
    }

    private func records(_ numbers: some Sequence<Int>) -> [ProducedRecord] {
        numbers.map { ProducedRecord(topic: output, key: $0.bytes, value: $0.bytes) }
    }

    private func fill(_ numbers: Range<Int>) async throws {
        let producer = try KafkaProducer(configuration: configuration)
        try await send(numbers, to: input, by: producer)
        await producer.close()
    }

    /// The numbers in the output that were committed, ascending.
    private func committed() async throws -> [Int] {
        let partitions = (0..<2).map { TopicPartition(topic: output, partition: $0) }
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: .readCommitted,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        var numbers: [Int] = []
        let deadline = ContinuousClock.now + .seconds(40)
        while ContinuousClock.now < deadline {
            numbers += try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200))
                .compactMap(\.number)
            if reader.isAtEnd { break }
        }
        await reader.close()
        return numbers.sorted()
    }

    private func transactionFailure(
        _ body: () async throws(TransactionError) -> Void
    ) async -> TransactionError? {
        do throws(TransactionError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }

    @Test func onlyWhatIsCommittedIsSeen() async throws {
        let producer = try await makeProducer("a")
        for round in 0..<12 {
            try await producer.begin()
            try await producer.send(records(round * 10..<round * 10 + 3))
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
        #expect(try await committed() == expected)
    }

    @Test func aNewerProducerWithTheIdFencesTheOlderAndEndsItsTransaction() async throws {
        let zombie = try await makeProducer("same")
        try await zombie.begin()
        try await zombie.send(records(0..<5))
        let heir = try await makeProducer("same")
        try await heir.begin()
        try await heir.send(records(100..<105))
        try await heir.commit()
        let error = await transactionFailure { () throws(TransactionError) in
            try await zombie.commit()
        }
        #expect(error?.cause.code == .fenced)
        let hopeless = await transactionFailure { () throws(TransactionError) in
            try await zombie.abort()
        }
        #expect(hopeless?.remedy == .replaceProducer)
        await zombie.close()
        await heir.close()
        #expect(try await committed() == Array(100..<105))
    }

    @Test func aFencedProducerSaysSoWhateverItWasAbout() async throws {
        let zombie = try await makeProducer("same")
        try await zombie.begin()
        try await zombie.send(records(0..<1))
        try await zombie.commit()
        let heir = try await makeProducer("same")
        // Fenced before the transaction has a partition: its records are purged, which is not why.
        let error = await transactionFailure { () throws(TransactionError) in
            try await zombie.begin()
            try await zombie.send(self.records(1..<6))
            try await zombie.commit()
        }
        #expect(error?.remedy == .replaceProducer)
        #expect(error?.cause.code == .fenced)
        await zombie.close()
        await heir.close()
    }

    @Test func offsetsOfAMemberThatTheGroupHasLeftBehindAreRefused() async throws {
        try await fill(0..<20)
        let producer = try await makeProducer("a")
        let gone = try makeConsumer()
        let record = try #require(try await gone.next())
        gone.finish(record)
        let stale = try #require(
            gone.beginTransaction(
                [record.topicPartition: record.offset + 1],
                generation: record.generation
            )
        )
        gone.endTransaction(stale, isCommitted: false)
        await gone.close(within: .seconds(1))
        #expect(
            gone.beginTransaction(stale.offsets, generation: record.generation) == nil,
            "the assignment is gone"
        )
        let present = try makeConsumer()
        _ = try await present.next()
        try await producer.begin()
        try await producer.send(records(0..<1))
        let error = await transactionFailure { () throws(TransactionError) in
            try await producer.sendOffsets(stale)
        }
        #expect(error?.remedy == .abort)
        try await producer.abort()
        await present.close(within: .seconds(1))
        await producer.close()
        #expect(try await committed().isEmpty)
    }

    @Test func partitionsAreGivenBackOnlyAfterTheTransactionUnderWay() async throws {
        try await fill(0..<40)
        let producer = try await makeProducer("a")
        let first = try makeConsumer(maximumUnfinished: 100)
        var offsets: [TopicPartition: Int64] = [:]
        var last: ConsumedRecord?
        for _ in 0..<40 {
            let record = try #require(try await first.next())
            first.finish(record)
            offsets[record.topicPartition] = record.offset + 1
            last = record
        }
        let record = try #require(last)
        #expect(first.committable == offsets)
        let transaction = try #require(
            first.beginTransaction(offsets, generation: record.generation)
        )
        try await producer.begin()
        try await producer.send(records(0..<40))
        let second = try makeConsumer()
        try await eventually("the group takes the partitions back") { !first.isCurrent(record) }
        #expect(second.assignment.isEmpty)
        try await producer.sendOffsets(transaction)
        try await producer.commit()
        first.endTransaction(transaction, isCommitted: true)
        let start = ContinuousClock.now
        try await eventually("both have partitions") {
            first.assignment.count == 2 && second.assignment.count == 2
        }
        #expect(start.duration(to: .now) < .seconds(4))
        try await fill(40..<50)
        let next = try #require(try await second.next())
        #expect((next.number ?? 0) >= 40, "what was committed does not come again")
        await first.close(within: .seconds(2))
        await second.close(within: .seconds(2))
        await producer.close()
    }

    /// Members come and go while offsets are part of a transaction: none may be taken for having none.
    @Test func offsetsOfAnOpenTransactionAreWaitedForThroughRebalances() async throws {
        try await fill(0..<40)
        let producer = try await makeProducer("a")
        let first = try makeConsumer(maximumUnfinished: 100)
        let transaction = try await take(40, of: first)
        try await producer.begin()
        try await producer.sendOffsets(transaction)
        try await producer.commit()
        first.endTransaction(transaction, isCommitted: true)
        try await fill(40..<48)
        let open = try await take(8, of: first)
        try await producer.begin()
        try await producer.sendOffsets(open)
        first.endTransaction(open, isCommitted: false)
        await first.close(within: .seconds(2))

        let seen = Seen()
        let second = try makeConsumer()
        let reading = follow(second, into: seen)
        try await eventually("the second has all partitions") { second.assignment.count == 4 }
        for _ in 0..<2 {
            let third = try makeConsumer()
            let more = follow(third, into: seen)
            try await eventually("they share") {
                second.assignment.count == 2 && third.assignment.count == 2
            }
            await third.close(within: .seconds(2))
            _ = try await more.value
            try await eventually("the second has them again") { second.assignment.count == 4 }
        }
        #expect(seen.all.isEmpty)
        try await producer.commit()
        try await fill(48..<60)
        try await eventually("what is new comes") { seen.all.count >= 12 }
        #expect(seen.all.sorted() == Array(48..<60))
        await second.close(within: .seconds(2))
        _ = try await reading.value
        await producer.close()
    }

    /// Takes and finishes so many records; returns a transaction with their offsets.
    private func take(_ count: Int, of consumer: KafkaConsumer) async throws -> GroupTransaction {
        var offsets: [TopicPartition: Int64] = [:]
        var generation = 0
        for _ in 0..<count {
            let record = try #require(try await consumer.next())
            consumer.finish(record)
            offsets[record.topicPartition] = record.offset + 1
            generation = record.generation
        }
        return try #require(consumer.beginTransaction(offsets, generation: generation))
    }

    /// Collects what a consumer hands out until it is closed.
    private func follow(_ consumer: KafkaConsumer, into seen: Seen) -> Task<Void, any Error> {
        Task {
            while let record = try await consumer.next() {
                seen.note(record.number)
                consumer.finish(record)
            }
        }
    }

    @Test func everyRecordIsProcessedOnceUnderKillsAndAborts() async throws {
        let count = 600
        try await fill(0..<count)
        let done = Seen()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<3 {
                group.addTask {
                    var round = 0
                    while done.all.count < count {
                        // Clients that are dropped say good-bye to nobody, as after a kill.
                        let ends: [Ending] = [.killed, .aborted]
                        try await self.work(worker, round < 2 ? ends[round] : .closed, done)
                        round += 1
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await committed() == Array(0..<count))
    }

    /// How a worker leaves.
    private enum Ending {
        case killed
        case aborted
        case closed
    }

    /// Consumes, processes and produces in transactions; may leave in the middle of one.
    private func work(_ worker: Int, _ ending: Ending, _ done: Seen) async throws {
        let producer = try await makeProducer("worker-\(worker)")
        let consumer = try makeConsumer()
        var transactions = 0
        var batch: [ConsumedRecord] = []
        while done.all.count < 600 {
            let record = await takeRecord(of: consumer)
            if let record {
                if batch.first?.generation != record.generation { batch = [] }
                consumer.finish(record)
                batch.append(record)
            }
            guard batch.count >= 5 || (record == nil && !batch.isEmpty) else { continue }
            let ready = batch
            batch = []
            transactions += 1
            var offsets: [TopicPartition: Int64] = [:]
            for record in ready { offsets[record.topicPartition] = record.offset + 1 }
            guard
                let transaction = consumer.beginTransaction(
                    offsets,
                    generation: ready[0].generation
                )
            else { continue }
            do throws(TransactionError) {
                try await producer.begin()
                try await producer.send(records(ready.compactMap(\.number)))
                try await producer.sendOffsets(transaction)
                if transactions == 4, ending == .killed { return }
                if transactions == 3, ending == .aborted {
                    // The records come again only to another consumer.
                    try await producer.abort()
                    consumer.endTransaction(transaction, isCommitted: false)
                    return
                }
                try await producer.commit()
                consumer.endTransaction(transaction, isCommitted: true)
                for record in ready { done.note(record.number) }
            } catch {
                consumer.endTransaction(transaction, isCommitted: false)
                return
            }
        }
        await consumer.close(within: .seconds(2))
        await producer.close()
    }

    /// A record, if one comes soon.
    private func takeRecord(of consumer: KafkaConsumer) async -> ConsumedRecord? {
        await withTaskGroup(of: ConsumedRecord?.self) { group in
            group.addTask { try? await consumer.next() }
            group.addTask {
                try? await Task.sleep(for: .milliseconds(200))
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            for await late in group where late != nil { return late }
            return first
        }
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
