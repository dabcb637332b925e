import KafkaClient
import Testing

/// What becomes of a group's offsets that are part of transactions on an Apache Kafka.
@Suite(
    .tags(.broker),
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(
        if: environment("VALGRID_TEST_BOOTSTRAP") != nil || environment("KAFKA_HOME") != nil,
        "needs an Apache Kafka broker at VALGRID_TEST_BOOTSTRAP"
    )
)
struct GroupTransactionTests {
    private let bench: TransactionBench

    init() async throws {
        bench = try await TransactionBench()
    }

    @Test func offsetsOfAMemberThatTheGroupHasLeftBehindAreRefused() async throws {
        try await bench.fill(0..<20)
        let producer = try await bench.makeProducer("a")
        let gone = try bench.makeConsumer()
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
        let present = try bench.makeConsumer()
        _ = try await present.next()
        try await producer.begin()
        try await producer.send(bench.records(0..<1))
        let error = await bench.transactionFailure { () throws(TransactionError) in
            try await producer.sendOffsets(stale)
        }
        #expect(error?.remedy == .abort)
        try await producer.abort()
        await present.close(within: .seconds(1))
        await producer.close()
        #expect(try await bench.committed().isEmpty)
    }

    /// The group may have gone on meanwhile: what its members commit is not touched.
    @Test func aConfirmationLeavesTheGroupAndItsOffsetsAsTheyAre() async throws {
        try await bench.fill(0..<20)
        let producer = try await bench.makeProducer("a")
        let first = try bench.makeConsumer(maximumUnfinished: 100)
        let transaction = try await take(20, of: first)
        let began = ContinuousClock.now
        try await producer.begin()
        try await producer.sendOffsets(transaction)
        try await producer.commit()
        first.endTransaction(transaction, isCommitted: true)
        let outcome = TransactionOutcome(
            producer.touched,
            isCommitted: true,
            began: began,
            ended: .now
        )
        #expect(outcome.touched.groups == [bench.input])
        let placeholder = OffsetPlaceholder(
            partition: TopicPartition(topic: bench.output, partition: 0),
            offset: 7
        )
        try await producer.reassertOutcome(outcome, placeholder: placeholder)
        let admin = try KafkaAdmin(configuration: bench.configuration)
        let offsets = try await admin.committedOffsets(
            of: bench.input,
            in: Set(transaction.offsets.keys).union([placeholder.partition])
        )
        await admin.close()
        #expect(offsets == transaction.offsets.merging([placeholder.partition: 7]) { $1 })
        #expect(first.assignment.count == 4, "it is a member still")
        await first.close(within: .seconds(2))
        await producer.close()
    }

    @Test func partitionsAreGivenBackOnlyAfterTheTransactionUnderWay() async throws {
        try await bench.fill(0..<40)
        let producer = try await bench.makeProducer("a")
        let first = try bench.makeConsumer(maximumUnfinished: 100)
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
        try await producer.send(bench.records(0..<40))
        let second = try bench.makeConsumer()
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
        try await bench.fill(40..<50)
        let next = try #require(try await second.next())
        #expect((next.number ?? 0) >= 40, "what was committed does not come again")
        await first.close(within: .seconds(2))
        await second.close(within: .seconds(2))
        await producer.close()
    }

    /// A member may be given its generation again, as if nothing had been: Kafka does not refuse then
    /// what a transaction of the assignment before commits.
    @Test func nothingIsReadAnewWhileATransactionOfTheAssignmentBeforeIsUnderWay() async throws {
        try await bench.fill(0..<40)
        let first = try bench.makeConsumer(maximumUnfinished: 100)
        let open = try await take(40, of: first)
        let second = try bench.makeConsumer()
        try await eventually("the group goes on without waiting for ever") {
            first.assignment.count == 2 && second.assignment.count == 2
        }
        await second.close(within: .seconds(2))
        try await eventually("the first has all again") { first.assignment.count == 4 }
        let early = Task { try await first.next() }
        try await bench.fill(40..<41)
        // Without the wait the first has records 0 to 39 again before a client that starts only now.
        let inputs = (0..<4).map { TopicPartition(topic: bench.input, partition: $0) }
        let reader = try KafkaReader(
            configuration: bench.configuration,
            start: Dictionary(uniqueKeysWithValues: inputs.map { ($0, .beginning) })
        )
        for _ in 0...40 { _ = try #require(try await reader.next()) }
        await reader.close()
        #expect(first.unfinishedCount == 0)
        first.endTransaction(open, isCommitted: false)
        let record = try #require(try await early.value)
        #expect(record.generation > open.generation)
        await first.close(within: .seconds(2))
    }

    /// Members come and go while offsets are part of a transaction: none may be taken for having none.
    @Test func offsetsOfAnOpenTransactionAreWaitedForThroughRebalances() async throws {
        try await bench.fill(0..<40)
        let producer = try await bench.makeProducer("a")
        let first = try bench.makeConsumer(maximumUnfinished: 100)
        let transaction = try await take(40, of: first)
        try await producer.begin()
        try await producer.sendOffsets(transaction)
        try await producer.commit()
        first.endTransaction(transaction, isCommitted: true)
        try await bench.fill(40..<48)
        let open = try await take(8, of: first)
        try await producer.begin()
        try await producer.sendOffsets(open)
        first.endTransaction(open, isCommitted: false)
        await first.close(within: .seconds(2))

        let seen = Seen()
        let second = try bench.makeConsumer()
        let reading = follow(second, into: seen)
        try await eventually("the second has all partitions") { second.assignment.count == 4 }
        for _ in 0..<2 {
            let third = try bench.makeConsumer()
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
        try await bench.fill(48..<60)
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
        try await bench.fill(0..<count)
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
        #expect(try await bench.committed() == Array(0..<count))
    }

    /// How a worker leaves.
    private enum Ending {
        case killed
        case aborted
        case closed
    }

    /// Consumes, processes and produces in transactions; may leave in the middle of one.
    private func work(_ worker: Int, _ ending: Ending, _ done: Seen) async throws {
        let producer = try await bench.makeProducer("worker-\(worker)")
        let consumer = try bench.makeConsumer()
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
                try await producer.send(bench.records(ready.compactMap(\.number)))
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
