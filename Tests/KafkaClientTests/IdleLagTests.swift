import KafkaClient
import Testing

/// What a group's lag is on an Apache Kafka when all is done: none, though commit markers and aborted
/// records take offsets.
@Suite(
    .tags(.broker),
    .serialized,
    .timeLimit(.minutes(3)),
    .enabled(
        if: environment("VALGRID_TEST_BOOTSTRAP") != nil || environment("KAFKA_HOME") != nil,
        "needs an Apache Kafka broker at VALGRID_TEST_BOOTSTRAP"
    )
)
struct IdleLagTests {
    private let bench: TransactionBench

    init() async throws {
        bench = try await TransactionBench()
    }

    private var inputs: [TopicPartition] {
        (0..<4).map { TopicPartition(topic: bench.input, partition: $0) }
    }

    /// Writes numbers to the input in one transaction.
    private func write(
        _ numbers: Range<Int>,
        by producer: TransactionalProducer,
        isCommitted: Bool = true
    ) async throws {
        try await producer.begin()
        try await producer.send(
            numbers.map {
                ProducedRecord(topic: bench.input, key: $0.bytes, value: $0.bytes)
            }
        )
        if isCommitted {
            try await producer.commit()
        } else {
            try await producer.abort()
        }
    }

    /// The end of each partition less what the group has committed, as kafka-consumer-groups has it.
    private func lags() async throws -> [Int64] {
        let reader = try KafkaReader(
            configuration: bench.configuration,
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: inputs.map { ($0, .end) })
        )
        let ends = try await reader.endOffsets()
        await reader.close()
        let admin = try KafkaAdmin(configuration: bench.configuration)
        let committed = try await admin.committedOffsets(of: bench.input, in: Set(inputs))
        await admin.close()
        return inputs.map { (ends[$0]?.high ?? 0) - (committed[$0] ?? -1) }
    }

    private func makeConsumer(_ commits: CommitMode) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration: bench.configuration,
            group: bench.input,
            topics: [bench.input],
            maximumUnfinished: 100,
            commits: commits
        )
    }

    @Test func aConsumerCommitsBehindMarkersAbortedRecordsAndEmptyPartitions() async throws {
        let consumer = try makeConsumer(.byConsumer)
        try await eventually("empty partitions have no lag") { try await lags() == [0, 0, 0, 0] }
        let producer = try await bench.makeProducer("a")
        try await write(0..<1, by: producer)
        try await write(1..<40, by: producer, isCommitted: false)
        let record = try #require(try await consumer.next())
        try await eventually("all but the record's partition has no lag") {
            try await lags().count { $0 == 0 } == 3
        }
        #expect(try await lags().max() ?? 0 >= 3, "a record, aborted ones and markers")
        consumer.finish(record)
        try await eventually("no lag") { try await lags() == [0, 0, 0, 0] }
        await consumer.close()

        try await write(40..<60, by: producer)
        let successor = try makeConsumer(.byConsumer)
        var seen: [Int] = []
        for _ in 40..<60 {
            let record = try #require(try await successor.next())
            seen.append(try #require(record.number))
            successor.finish(record)
        }
        #expect(seen.sorted() == Array(40..<60), "nothing was passed over or comes again")
        try await eventually("no lag") { try await lags() == [0, 0, 0, 0] }
        await successor.close()
        await producer.close()
    }

    @Test func aTransactionWithoutRecordsCommitsEnds() async throws {
        let consumer = try makeConsumer(.byTransaction)
        let writer = try await bench.makeProducer("writer")
        try await write(0..<8, by: writer)
        try await write(8..<16, by: writer, isCommitted: false)
        var offsets: [TopicPartition: Int64] = [:]
        var generation = 0
        for _ in 0..<8 {
            let record = try #require(try await consumer.next())
            consumer.finish(record)
            offsets[record.topicPartition] = record.offset + 1
            generation = record.generation
        }
        let producer = try await bench.makeProducer("engine")
        let assigned = generation
        @Sendable func commit(_ offsets: [TopicPartition: Int64]) async throws {
            guard let part = consumer.beginTransaction(offsets, generation: assigned) else {
                return
            }
            try await producer.begin()
            try await producer.sendOffsets(part)
            try await producer.commit()
            consumer.endTransaction(part, isCommitted: true)
        }
        try await commit(offsets)
        try await eventually("no lag") {
            try await commit([:])
            return try await lags() == [0, 0, 0, 0]
        }
        #expect(!consumer.hasUncommittedEnds)
        #expect(consumer.beginTransaction([:], generation: generation) == nil)
        await consumer.close()
        await producer.close()
        await writer.close()
    }

    /// What is behind an open transaction may not be taken for read.
    @Test func anOpenTransactionOfAnotherHoldsTheEnd() async throws {
        let open = try await bench.makeProducer("open")
        try await open.begin()
        let place = inputs[0]
        try await open.send([
            ProducedRecord(topic: place.topic, partition: place.partition, value: 0.bytes)
        ])
        try await open.awaitDelivery()
        let writer = try await bench.makeProducer("writer")
        try await writer.begin()
        try await writer.send([
            ProducedRecord(topic: place.topic, partition: place.partition, value: 1.bytes)
        ])
        try await writer.commit()
        let consumer = try makeConsumer(.byConsumer)
        try await eventually("the others have no lag") {
            try await lags().count { $0 == 0 } == 3
        }
        #expect(try await lags()[0] == 3, "two records and a marker")
        try await open.commit()
        var seen: [Int] = []
        for _ in 0..<2 {
            let record = try #require(try await consumer.next())
            seen.append(try #require(record.number))
            consumer.finish(record)
        }
        #expect(seen == [0, 1])
        try await eventually("no lag") { try await lags() == [0, 0, 0, 0] }
        await consumer.close()
        await open.close()
        await writer.close()
    }
}
