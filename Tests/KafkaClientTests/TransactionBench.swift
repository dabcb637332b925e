import KafkaClient
import Testing

/// Topics of a test's own on an Apache Kafka, and clients that read one and write the other.
struct TransactionBench: Sendable {
    let configuration: KafkaConfiguration
    let input = "in-\(UInt64.random(in: 0 ..< .max))"
    let output = "out-\(UInt64.random(in: 0 ..< .max))"

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

    func makeProducer(_ id: String) async throws -> TransactionalProducer {
        let producer = try TransactionalProducer(
            configuration: configuration,
            transactionalID: "\(output)-\(id)"
        )
        try await producer.start()
        try await producer.prepare(topics: [output])
        return producer
    }

    func makeConsumer(maximumUnfinished: Int = 20) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration: configuration,
            group: input,
            topics: [input],
            maximumUnfinished: maximumUnfinished,
            commits: .byTransaction
        )
    }

    func records(_ numbers: some Sequence<Int>) -> [ProducedRecord] {
        numbers.map { ProducedRecord(topic: output, key: $0.bytes, value: $0.bytes) }
    }

    func fill(_ numbers: Range<Int>) async throws {
        let producer = try KafkaProducer(configuration: configuration)
        try await send(numbers, to: input, by: producer)
        await producer.close()
    }

    var outputs: [TopicPartition] {
        (0..<2).map { TopicPartition(topic: output, partition: $0) }
    }

    private func reader(_ isolation: IsolationLevel) throws -> KafkaReader {
        try KafkaReader(
            configuration: configuration,
            isolation: isolation,
            start: Dictionary(uniqueKeysWithValues: outputs.map { ($0, .beginning) })
        )
    }

    /// The offsets after the newest records of the output.
    func ends(_ isolation: IsolationLevel) async throws -> [TopicPartition: Int64] {
        let reader = try reader(isolation)
        let offsets = try await reader.endOffsets()
        await reader.close()
        return offsets.mapValues(\.high)
    }

    /// The numbers in the output that were committed, ascending.
    func committed() async throws -> [Int] { try await read(.readCommitted) }

    /// The numbers in the output, ascending.
    func read(_ isolation: IsolationLevel) async throws -> [Int] {
        let reader = try reader(isolation)
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

    func transactionFailure(
        _ body: () async throws(TransactionError) -> Void
    ) async -> TransactionError? {
        do throws(TransactionError) {
            try await body()
            return nil
        } catch {
            return error
        }
    }
}
