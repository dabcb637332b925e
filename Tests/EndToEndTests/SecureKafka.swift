import Foundation
import KafkaClient
import TestBed
import Testing

/// How a program shows a broker who it is.
enum Way: String, CaseIterable, CustomTestStringConvertible {
    case mutualTLS
    case plain
    case scram

    var testDescription: String { rawValue }
}

/// An Apache Kafka with TLS, SASL, an authorizer and the programs' ACLs: scripts/kafka-up --secure.
struct SecureKafka: Sendable {
    /// What the names of all topics begin with.
    static let prefix = "secure."
    static let topics = [
        "jobs", "market", "batches", "batches.intraday", "batches.parked", "results", "deadletter",
        "engines", "logs", "audit",
    ]

    /// They end with the last copy of this.
    private let brokers: TrialBrokers
    private let addresses: [String: String]

    fileprivate init(_ brokers: TrialBrokers) throws {
        self.brokers = brokers
        addresses = try brokers.environment()
    }

    var directory: URL { brokers.directory }

    /// The administrator's listener, to whom everything is allowed.
    var bootstrap: String { addresses["BOOTSTRAP"] ?? "" }
    var sasl: String { addresses["BOOTSTRAP_SASL"] ?? "" }
    var tls: String { addresses["BOOTSTRAP_TLS"] ?? "" }
    var ca: String { addresses["CA"] ?? "" }

    func certificate(_ user: String) -> String {
        directory.appendingPathComponent("certs/\(user).pem").path
    }

    func key(_ user: String) -> String {
        directory.appendingPathComponent("certs/\(user).key").path
    }

    func passwordFile(_ user: String) -> String {
        directory.appendingPathComponent("passwords/\(user)").path
    }

    func password(_ user: String) throws -> String {
        try String(contentsOfFile: passwordFile(user), encoding: .utf8)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether librdkafka before 2.6.1 cannot do SCRAM here.
    var isKafka4: Bool {
        let home = ProcessInfo.processInfo.environment["KAFKA_HOME"] ?? ""
        let libraries = (try? FileManager.default.contentsOfDirectory(atPath: home + "/libs")) ?? []
        return libraries.contains { $0.hasPrefix("kafka-clients-4.") }
    }

    /// The options of a program that is `user`; its password comes from a file.
    func options(_ way: Way, as user: String) -> [String] {
        let common = ["--topic-prefix", Self.prefix, "--partitions", "4", "--kafka-ca", ca]
        switch way {
        case .mutualTLS:
            return common + [
                "--brokers", tls, "--kafka-security", "tls", "--kafka-certificate",
                certificate(user), "--kafka-key", key(user),
            ]
        case .plain, .scram:
            return common + [
                "--brokers", sasl, "--kafka-security", "sasl-tls", "--kafka-user", user,
                "--kafka-sasl-mechanism", way == .plain ? "PLAIN" : "SCRAM-SHA-512",
            ]
        }
    }

    /// How a client of the test is `user`, by its certificate.
    func configuration(as user: String) -> KafkaConfiguration {
        KafkaConfiguration(
            bootstrapServers: tls,
            clientID: "test",
            properties: [
                "security.protocol": "ssl", "ssl.ca.location": ca,
                "ssl.certificate.location": certificate(user), "ssl.key.location": key(user),
            ]
        )
    }

    /// Every value and header in a topic, as the administrator reads them.
    func bytes(of topic: String) async throws -> [UInt8] {
        let administrator = KafkaConfiguration(bootstrapServers: bootstrap, clientID: "test")
        let admin = try KafkaAdmin(configuration: administrator)
        let name = Self.prefix + topic
        let partitions = try await admin.partitionCounts(of: [name])[name] ?? 0
        await admin.close()
        try #require(partitions > 0, "there is no topic \(name)")
        let start = (0..<Int32(partitions)).map {
            (TopicPartition(topic: name, partition: $0), StartOffset.beginning)
        }
        let reader = try KafkaReader(
            configuration: administrator,
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: start)
        )
        var bytes: [UInt8] = []
        for _ in 0..<100 where !reader.isAtEnd {
            for record in try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200)) {
                bytes += (record.key ?? []) + (record.value ?? [])
                for header in record.headers { bytes += Array(header.name.utf8) + header.value }
            }
        }
        #expect(reader.isAtEnd)
        await reader.close()
        return bytes
    }
}

/// Starts the broker once for all tests of this process.
actor SecureBroker {
    static let shared = SecureBroker()

    private var start: Task<SecureKafka, any Error>?

    /// The broker with its topics and ACLs; the first caller starts it.
    func kafka() async throws -> SecureKafka {
        if let start { return try await start.value }
        let start = Task { try await Self.bringUp() }
        self.start = start
        return try await start.value
    }

    private static func bringUp() async throws -> SecureKafka {
        let kafka = try SecureKafka(await TrialBrokers(["--secure"]))
        try await TrialBrokers.run(
            "kafka-acls",
            ["--bootstrap", kafka.bootstrap, "--prefix", SecureKafka.prefix]
        )
        let scratch = try Scratch()
        let topics = try RunningProcess(
            "eodservice",
            ["topics"] + kafka.options(.mutualTLS, as: "topics"),
            in: scratch.url
        )
        let code = try await topics.end(within: .seconds(60))
        try #require(code == 0, "\(topics.standardError)")
        return kafka
    }
}
