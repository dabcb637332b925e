import KafkaClient
import Testing

/// What only Apache Kafka can show: it is the judge of deliveries.
///
/// The tests run against the broker at VALGRID_TEST_BOOTSTRAP. With KAFKA_HOME set and no such
/// address they fail, so that they do not look passed.
@Suite(
    .tags(.broker),
    .timeLimit(.minutes(3)),
    .enabled(
        if: environment("VALGRID_TEST_BOOTSTRAP") != nil || environment("KAFKA_HOME") != nil,
        "needs an Apache Kafka broker at VALGRID_TEST_BOOTSTRAP"
    )
)
struct ApacheKafkaTests {
    private let configuration: KafkaConfiguration
    private let topic = "kafka-client-\(UInt64.random(in: 0 ..< .max))"

    init() throws {
        let servers = try #require(
            environment("VALGRID_TEST_BOOTSTRAP"),
            "KAFKA_HOME is set, but no broker is up"
        )
        var configuration = KafkaConfiguration(bootstrapServers: servers, clientID: "tests")
        configuration.sessionTimeoutMillis = 6_000
        configuration.fetchWaitMaxMillis = 500
        self.configuration = configuration
    }

    private func create(partitions: Int) async throws {
        let admin = try KafkaAdmin(configuration: configuration)
        let created = try await admin.createMissing(
            [
                TopicSpecification(
                    name: topic,
                    partitions: partitions,
                    configuration: ["max.message.bytes": "8388608"]
                )
            ],
            within: .seconds(20)
        )
        #expect(created == [topic])
        await admin.close()
    }

    private func fill(_ numbers: Range<Int>) async throws {
        let producer = try KafkaProducer(configuration: configuration)
        try await send(numbers, to: topic, by: producer)
        await producer.close()
    }

    @Test func aTopicCanBeUsedAtOnceWhenItIsCreated() async throws {
        let admin = try KafkaAdmin(configuration: configuration)
        let wanted = [
            TopicSpecification(name: topic, partitions: 12),
            TopicSpecification(
                name: topic + "-compacted",
                partitions: 1,
                replicationFactor: -1,
                configuration: ["cleanup.policy": "compact"]
            ),
        ]
        let created = try await admin.createMissing(wanted, within: .seconds(20))
        #expect(Set(created) == Set(wanted.map(\.name)))
        let counts = try await admin.partitionCounts(of: wanted.map(\.name) + ["no-such-topic"])
        #expect(counts == [topic: 12, topic + "-compacted": 1])
        #expect(try await admin.createMissing(wanted, within: .seconds(20)).isEmpty)
        #expect(!(try await admin.brokers().isEmpty))
        await admin.close()
    }

    @Test func aWrongTopicSettingIsTold() async throws {
        let admin = try KafkaAdmin(configuration: configuration)
        let error = await failure { () throws(KafkaError) in
            try await admin.createMissing(
                [
                    TopicSpecification(
                        name: topic,
                        partitions: 1,
                        configuration: ["cleanup.policy": "shred"]
                    )
                ],
                within: .seconds(20)
            )
        }
        #expect(error?.code == .configuration)
        #expect(error?.reason.contains(topic) == true)
        await admin.close()
    }

    @Test func aMemberThatJoinsLateLosesNothingAndDoublesNothing() async throws {
        try await create(partitions: 6)
        try await fill(0..<1_000)
        let seen = Seen()
        let work: @Sendable (KafkaConsumer) async throws -> Void = { consumer in
            while let record = try await consumer.next() {
                // What was finished in time is not to come again; what was in work may.
                if consumer.finish(record) {
                    seen.note(record.number)
                }
            }
        }
        let first = try makeConsumer(maximumUnfinished: 4)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work(first) }
            try await eventually("the first works") { seen.all.count >= 100 }
            let second = try makeConsumer(maximumUnfinished: 4)
            group.addTask { try await work(second) }
            try await fill(1_000..<2_000)
            try await eventually("both have partitions") {
                first.assignment.count == 3 && second.assignment.count == 3
            }
            try await fill(2_000..<3_000)
            await first.close()
            try await fill(3_000..<4_000)
            try await eventually("everything was seen") { seen.all == Set(0..<4_000) }
            await second.close()
            try await group.waitForAll()
        }
        #expect(seen.doubled == 0)
        #expect(first.failedCommits == 0)
    }

    private func makeConsumer(maximumUnfinished: Int) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration: configuration,
            group: topic,
            topics: [topic],
            maximumUnfinished: maximumUnfinished
        )
    }

    @Test func closeLeavesTheGroupAtOnceAndKeepsTheOffsets() async throws {
        try await create(partitions: 1)
        try await fill(0..<10)
        let first = try makeConsumer(maximumUnfinished: 100)
        for _ in 0..<7 {
            first.finish(try #require(try await first.next()))
        }
        await first.close()
        let start = ContinuousClock.now
        let second = try makeConsumer(maximumUnfinished: 100)
        let record = try #require(try await second.next())
        #expect(record.offset == 7)
        #expect(start.duration(to: .now) < .seconds(5), "sooner than the session's time")
        await second.close()
        let admin = try KafkaAdmin(configuration: configuration)
        let partition = TopicPartition(topic: topic, partition: 0)
        let offsets = try await admin.committedOffsets(of: topic, in: [partition])
        #expect(offsets == [partition: 7])
        await admin.close()
    }

    @Test func aRecordLargerThanTheTopicAllowsIsRefused() async throws {
        let admin = try KafkaAdmin(configuration: configuration)
        _ = try await admin.createMissing(
            [TopicSpecification(name: topic, partitions: 1)],
            within: .seconds(20)
        )
        await admin.close()
        let producer = try KafkaProducer(configuration: configuration)
        let error = await failure { () throws(KafkaError) in
            try await producer.send(
                ProducedRecord(topic: topic, value: [UInt8](repeating: 1, count: 2_000_000))
            )
        }
        #expect(error?.code == .messageTooLarge)
        try await producer.send(ProducedRecord(topic: topic, value: 1.bytes))
        #expect(producer.fatalError == nil)
        await producer.close()
    }

    @Test func poisonIsFollowedByGoodRecords() async throws {
        try await create(partitions: 1)
        let producer = try KafkaProducer(configuration: configuration)
        let values: [[UInt8]?] = [
            nil, [], [0xFF, 0, 0xFE], [UInt8](repeating: 0, count: 8_000_000), 7.bytes,
        ]
        for value in values {
            try await producer.send(ProducedRecord(topic: topic, key: [1], value: value))
        }
        await producer.close()
        let consumer = try makeConsumer(maximumUnfinished: 1)
        for value in values {
            let record = try #require(try await consumer.next())
            #expect(record.value == value)
            consumer.finish(record)
        }
        await consumer.close()
    }

    @Test func aReaderGoesOnWhereItIsTold() async throws {
        try await create(partitions: 3)
        try await fill(0..<300)
        let partitions = (0..<3).map { TopicPartition(topic: topic, partition: Int32($0)) }
        let reader = try KafkaReader(
            configuration: configuration,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        let ends = try await reader.endOffsets()
        #expect(ends.values.reduce(0) { $0 + $1.high } == 300)
        let seen = Seen()
        while seen.all.count < 300 {
            for record in try await reader.nextBatch(maximum: 50, within: .seconds(20)) {
                seen.note(record.number)
            }
        }
        #expect(seen.doubled == 0)
        try await eventually("at the ends") {
            let positions = reader.positions
            return partitions.allSatisfy { positions[$0] == ends[$0]?.high }
        }
        await reader.close()
    }

    @Test func offsetsAreFoundByTime() async throws {
        try await create(partitions: 1)
        let partition = TopicPartition(topic: topic, partition: 0)
        try await fill(0..<3)
        let reader = try KafkaReader(configuration: configuration, start: [partition: .beginning])
        let last = try #require(
            try await reader.nextBatch(maximum: 3, within: .seconds(20)).last?.timestampMillis
        )
        try await eventually("a later millisecond") {
            try await fill(3..<4)
            let range = try await reader.endOffsets(since: last + 1)[partition]
            return range.map { $0.low >= 3 && $0.low < $0.high } ?? false
        }
        #expect(try await reader.endOffsets(since: 0)[partition]?.low == 0)
        let later = try await reader.endOffsets(since: last + 3_600_000)[partition]
        #expect(later.map { $0.low == $0.high } == true, "there is nothing from an hour on")
        await reader.close()
    }

    @Test func aReaderWhoseOffsetIsGoneStartsAtTheOldestRecord() async throws {
        try await create(partitions: 1)
        try await fill(0..<3)
        let partition = TopicPartition(topic: topic, partition: 0)
        let reader = try KafkaReader(
            configuration: configuration,
            start: [partition: .offset(1_000)]
        )
        #expect(try await reader.next()?.offset == 0)
        await reader.close()
    }
}
