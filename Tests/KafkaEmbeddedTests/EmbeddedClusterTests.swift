import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(1))) struct EmbeddedClusterTests {
    @Test func manyClientsUseOneClusterByItsAddress() async throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("t", partitions: 2)
        let configuration = KafkaConfiguration(bootstrapServers: cluster.bootstrapServers)
        let producers = try (0..<4).map { _ in try KafkaProducer(configuration: configuration) }
        for producer in producers {
            try await producer.send(ProducedRecord(topic: "t", partition: 1, value: [1]))
        }
        let partition = TopicPartition(topic: "t", partition: 1)
        let reader = try KafkaReader(configuration: configuration, start: [partition: .beginning])
        #expect(try await reader.endOffsets()[partition]?.high == 4)
        await reader.close()
        for producer in producers {
            await producer.close()
        }
        cluster.close()
        cluster.close()
    }

    @Test func aTopicIsCreatedOnceAndByAProperName() throws {
        let cluster = try EmbeddedCluster()
        try cluster.createTopic("t", partitions: 2)
        #expect(throws: KafkaError.self) { try cluster.createTopic("t", partitions: 2) }
        #expect(throws: KafkaError.self) { try cluster.createTopic("a b", partitions: 2) }
        #expect(throws: KafkaError.self) { try cluster.createTopic("u", partitions: 0) }
    }

    @Test func aClosedClusterSaysSo() throws {
        let cluster = try EmbeddedCluster()
        cluster.close()
        #expect(throws: KafkaError(code: .closed, reason: "the embedded cluster is closed")) {
            try cluster.createTopic("t", partitions: 1)
        }
    }

    @Test(arguments: [0, -1, 1_000])
    func aStrangeNumberOfBrokersIsRefused(number: Int) {
        #expect(throws: KafkaError.self) { try EmbeddedCluster(brokers: number) }
    }
}
