import GridProtocol
import KafkaClient
import Operations
import Synchronization
import Testing

@testable import GridEngine

/// Two topics of which one is copied to the other, record by record, in transactions.
final class CopyingBench: Sendable {
    let configuration: KafkaConfiguration
    private let count = Mutex(0)

    static let input = "in"
    static let output = "out"
    private static let partitions: Int32 = 8

    init(configuration: KafkaConfiguration) {
        self.configuration = configuration
    }

    /// How many records were copied, as far as their copiers know.
    var copied: Int { count.withLock { $0 } }

    func noteCopy() { count.withLock { $0 += 1 } }

    /// Makes the topics and writes the numbers below `count` to one.
    func fill(_ count: Int) async throws {
        let admin = try KafkaAdmin(configuration: configuration)
        _ = try await admin.createMissing(
            [Self.input, Self.output].map {
                TopicSpecification(name: $0, partitions: Int(Self.partitions))
            },
            within: .seconds(20)
        )
        await admin.close()
        let producer = try KafkaProducer(configuration: configuration)
        try await withThrowingDiscardingTaskGroup { group in
            for number in 0..<count {
                group.addTask {
                    _ = try await producer.send(
                        ProducedRecord(topic: Self.input, value: Array(String(number).utf8))
                    )
                }
            }
        }
        await producer.close()
    }

    /// What was copied for good, in no order.
    func committed() async throws -> [Copy] {
        let reader = try reader(.readCommitted)
        var copies: [Copy] = []
        let deadline = ContinuousClock.now + .seconds(60)
        while !reader.isAtEnd, ContinuousClock.now < deadline {
            copies += try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200))
                .compactMap(Copy.init)
        }
        #expect(reader.isAtEnd)
        await reader.close()
        return copies
    }

    /// The offsets after the newest copies.
    func ends(_ isolation: IsolationLevel) async throws -> [TopicPartition: Int64] {
        let reader = try reader(isolation)
        let offsets = try await reader.endOffsets()
        await reader.close()
        return offsets.mapValues(\.high)
    }

    private func reader(_ isolation: IsolationLevel) throws -> KafkaReader {
        let places = (0..<Self.partitions).map {
            TopicPartition(topic: Self.output, partition: $0)
        }
        return try KafkaReader(
            configuration: configuration,
            isolation: isolation,
            start: Dictionary(uniqueKeysWithValues: places.map { ($0, .beginning) })
        )
    }
}

/// A record that was copied.
struct Copy: CustomStringConvertible {
    let number: Int
    let description: String

    init?(_ record: ConsumedRecord) {
        guard let number = Int(String(decoding: record.value ?? [], as: UTF8.self)) else {
            return nil
        }
        self.number = number
        let words = record.headers.map { "\($0.name) \(String(decoding: $0.value, as: UTF8.self))" }
        description =
            "\(number) at \(record.topicPartition):\(record.offset), "
            + "\(record.timestampMillis % 1_000_000) ms, \(words.joined(separator: ", "))"
    }
}

/// An engine whose results are the records that it takes.
struct Copier: Sendable {
    private let bench: CopyingBench
    private let name: String
    private let consumer: KafkaConsumer
    private let delivery: ExactlyOnceDelivery

    init(_ bench: CopyingBench, _ number: Int) throws {
        self.bench = bench
        let name = "copier-\(number)"
        self.name = name
        consumer = try KafkaConsumer(
            configuration: bench.configuration,
            group: "copiers",
            topics: [CopyingBench.input],
            maximumUnfinished: 16,
            commits: .byTransaction
        )
        delivery = ExactlyOnceDelivery(
            consumer: consumer,
            connection: TransactionConnection(
                configuration: bench.configuration,
                transactionalID: name,
                group: "copiers",
                topics: [CopyingBench.output],
                placeholder: {
                    OffsetPlaceholder(
                        partition: TopicPartition(topic: CopyingBench.output, partition: 0),
                        offset: 0
                    )
                },
                logger: Logger(label: name)
            ),
            limits: TransactionLimits(batches: 1),
            reduction: OversizeResultSplitter(
                topics: Topics(),
                engineID: name,
                counters: EngineCounters(registry: MetricsRegistry()),
                logger: .silent
            ),
            logger: .silent
        )
    }

    /// Copies until it is cancelled.
    func run() async throws {
        try await delivery.start()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await delivery.run() }
            group.addTask { try await takeRecords() }
            defer { group.cancelAll() }
            try await group.next()
        }
        await consumer.close()
        await delivery.close()
    }

    /// Who copied it from where, in case that anything is wrong.
    private func headers(of record: ConsumedRecord) -> [KafkaHeader] {
        [
            KafkaHeader(name: "by", value: Array(name.utf8)),
            KafkaHeader(
                name: "from",
                value: Array(
                    "\(record.partition):\(record.offset) of generation \(record.generation)".utf8
                )
            ),
        ]
    }

    private func takeRecords() async throws {
        try await withThrowingDiscardingTaskGroup { group in
            while !Task.isCancelled {
                await delivery.waitForRoom()
                guard let record = try await consumer.next() else { return }
                guard delivery.take(record) else {
                    consumer.finish(record)
                    continue
                }
                group.addTask {
                    let copy = ProducedRecord(
                        topic: CopyingBench.output,
                        key: record.value,
                        value: record.value,
                        headers: headers(of: record)
                    )
                    guard try await delivery.deliver([copy], finishing: record) else { return }
                    bench.noteCopy()
                }
            }
        }
    }
}
