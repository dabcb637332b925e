import Testing

@testable import KafkaClient

@Suite struct ClientPropertiesTests {
    private func value(
        _ name: String,
        _ configuration: KafkaConfiguration,
        _ role: ClientRole
    ) throws -> String? {
        try ClientProperties(configuration, role: role).pairs.last { $0.name == name }?.value
    }

    @Test func aProducerIsIdempotentAndAConsumerCommitsByItself() throws {
        let configuration = KafkaConfiguration(bootstrapServers: "a:1")
        let consumer = ClientRole.consumer(group: "g")
        #expect(try value("enable.idempotence", configuration, .producer) == "true")
        #expect(try value("enable.auto.commit", configuration, consumer) == "false")
        #expect(try value("enable.auto.offset.store", configuration, consumer) == "false")
        #expect(try value("auto.offset.reset", configuration, consumer) == "earliest")
        #expect(try value("partition.assignment.strategy", configuration, consumer) == "range")
        #expect(try value("allow.auto.create.topics", configuration, consumer) == "false")
        #expect(try value("group.id", configuration, .reader(isolation: "x")) == nil)
    }

    @Test func aProducerOfWhatMayBeLostWaitsForTheLeaderAlone() throws {
        var configuration = KafkaConfiguration(bootstrapServers: "a:1")
        #expect(try value("acks", configuration, .producer) == "all")
        configuration.isDurable = false
        #expect(try value("acks", configuration, .producer) == "1")
        #expect(try value("enable.idempotence", configuration, .producer) == "false")
    }

    @Test func theCallersPropertiesGoBeforeTheDefaults() throws {
        let configuration = KafkaConfiguration(
            bootstrapServers: "a:1",
            properties: ["partitioner": "random", "security.protocol": "ssl"]
        )
        #expect(try value("partitioner", configuration, .producer) == "random")
        #expect(try value("security.protocol", configuration, .producer) == "ssl")
    }

    @Test(arguments: [
        "enable.auto.commit", "group.id", "acks", "bootstrap.servers", "transactional.id",
        "partition.assignment.strategy", "test.mock.num.brokers",
    ])
    func whatTheClientDecidesCannotBeSet(name: String) {
        let configuration = KafkaConfiguration(
            bootstrapServers: "a:1",
            properties: [name: "1"]
        )
        expectFailure(.configuration, mentioning: name) {
            try KafkaConsumer(
                configuration: configuration,
                group: "g",
                topics: ["t"],
                maximumUnfinished: 1
            )
        }
    }

    @Test func anUnknownPropertyIsNamed() {
        let configuration = KafkaConfiguration(
            bootstrapServers: "a:1",
            properties: ["security.protcol": "ssl"]
        )
        expectFailure(.configuration, mentioning: "security.protcol") {
            try KafkaProducer(configuration: configuration)
        }
    }

    @Test func aWrongValueIsNamed() {
        let configuration = KafkaConfiguration(
            bootstrapServers: "a:1",
            properties: ["security.protocol": "quantum"]
        )
        expectFailure(.configuration, mentioning: "security.protocol") {
            try KafkaProducer(configuration: configuration)
        }
    }

    @Test func aMissingCertificateIsTold() {
        let configuration = KafkaConfiguration(
            bootstrapServers: "a:1",
            properties: ["security.protocol": "ssl", "ssl.ca.location": "/no/such/file"]
        )
        expectFailure(.configuration, mentioning: "ssl.ca.location") {
            try KafkaProducer(configuration: configuration)
        }
    }

    @Test(arguments: ["", " ", "a:1,,b:2", "a:0", "a:x", "a:70000", "a b:1", "a:"])
    func wrongAddressesAreRefused(servers: String) {
        expectFailure(.configuration, mentioning: "host:port") {
            try KafkaProducer(configuration: KafkaConfiguration(bootstrapServers: servers))
        }
    }

    @Test(arguments: ["a", "a:1", "a:1,b:2", "a:1, b:2", "[::1]:9092", "SASL_SSL://a:9093"])
    func addressesAreAccepted(servers: String) throws {
        let configuration = KafkaConfiguration(bootstrapServers: servers)
        _ = try ClientProperties(configuration, role: .producer)
    }

    @Test func aBoundOutOfRangeSaysTheRange() {
        var configuration = KafkaConfiguration(bootstrapServers: "a:1")
        configuration.maximumInFlight = 0
        expectFailure(.configuration, mentioning: "1 to 1000000") {
            try KafkaProducer(configuration: configuration)
        }
    }

    @Test(arguments: [
        "", ".", "..", "^batches.*", "a b", "ä", "a/b", String(repeating: "x", count: 250),
    ])
    func wrongTopicNamesAreRefused(name: String) {
        let configuration = KafkaConfiguration(bootstrapServers: "a:1")
        expectFailure(.configuration, mentioning: "topic") {
            try KafkaConsumer(
                configuration: configuration,
                group: "g",
                topics: [name],
                maximumUnfinished: 1
            )
        }
    }

    private func expectFailure<Value>(
        _ code: KafkaError.Code,
        mentioning text: String,
        _ body: () throws -> Value
    ) {
        do {
            _ = try body()
            Issue.record("nothing was thrown")
        } catch {
            #expect((error as? KafkaError)?.code == code)
            #expect("\(error)".contains(text))
        }
    }
}
