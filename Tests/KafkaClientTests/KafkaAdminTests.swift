import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(1))) struct KafkaAdminTests {
    @Test func theBrokersAreNamed() async throws {
        let cluster = try EmbeddedCluster(brokers: 3)
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        let brokers = try await admin.brokers(within: .seconds(10))
        let addresses = cluster.bootstrapServers.split(separator: ",").map(String.init)
        #expect(brokers == addresses.sorted())
        await admin.close()
    }

    @Test func aBrokerThatIsNotThereIsToldInTimeAndByAddress() async throws {
        let admin = try KafkaAdmin(
            configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1")
        )
        let start = ContinuousClock.now
        let error = await failure { () throws(KafkaError) in
            try await admin.brokers(within: .seconds(1))
        }
        #expect(error?.code == .brokersUnavailable)
        #expect(error?.reason.contains("127.0.0.1:1") == true)
        #expect(error?.reason.contains("refused") == true)
        #expect(start.duration(to: .now) < .seconds(10))
        await admin.close()
    }

    @Test func partitionsAreCountedAndAskingCreatesNothing() async throws {
        let cluster = try makeCluster(["a": 3, "b": 1])
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        for _ in 0..<2 {
            let counts = try await admin.partitionCounts(of: ["a", "b", "c"], within: .seconds(10))
            #expect(counts == ["a": 3, "b": 1])
        }
        await admin.close()
    }

    @Test func aTopicThatIsNotThereYetIsWaitedForAMoment() async throws {
        let cluster = try makeCluster(["a": 3])
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: ["a"],
            configuration: cluster.configuration
        )
        #expect(counts == ["a": 3])
        // One broker may know of a new topic a moment before another does.
        let start = ContinuousClock.now
        let error = await failure { () throws(KafkaError) in
            try await KafkaAdmin.partitionCounts(
                ofExisting: ["a", "c"],
                configuration: cluster.configuration
            )
        }
        #expect(error?.code == .unknownTopic)
        #expect(error?.reason.contains("the topic c does not exist") == true)
        #expect(start.duration(to: .now) >= .seconds(2))
    }

    @Test func whatExistsIsNotCreatedAgain() async throws {
        let cluster = try makeCluster(["a": 3])
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        let created = try await admin.createMissing(
            [TopicSpecification(name: "a", partitions: 3)],
            within: .seconds(10)
        )
        #expect(created.isEmpty)
        await admin.close()
    }

    @Test func aBrokerThatCannotCreateTopicsIsToldSo() async throws {
        let cluster = try makeCluster(["a": 3])
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        let error = await failure { () throws(KafkaError) in
            try await admin.createMissing(
                [TopicSpecification(name: "b", partitions: 1)],
                within: .seconds(3)
            )
        }
        #expect(error?.code == .unsupported)
        await admin.close()
    }

    @Test func aTopicWithoutPartitionsIsRefused() async throws {
        let cluster = try makeCluster()
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        for topic in [
            TopicSpecification(name: "x", partitions: 0),
            TopicSpecification(name: "^x", partitions: 1),
        ] {
            let error = await failure { () throws(KafkaError) in
                try await admin.createMissing([topic], within: .seconds(3))
            }
            #expect(error?.code == .configuration)
        }
        await admin.close()
    }

    @Test func aClosedAdminAnswersAtOnce() async throws {
        let cluster = try makeCluster()
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        await admin.close()
        await admin.close()
        let error = await failure { () throws(KafkaError) in
            try await admin.brokers(within: .seconds(10))
        }
        #expect(error?.code == .closed)
    }
}
