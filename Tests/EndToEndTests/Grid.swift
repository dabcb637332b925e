import Foundation
import GridProtocol
import KafkaClient
import KafkaEmbedded
import HTTP
import TestBed
import Testing

extension Tag {
    /// Runs on a real Apache Kafka.
    @Tag static var broker: Self
}

/// The broker that a test runs on.
enum BrokerKind: String, CaseIterable, CustomTestStringConvertible {
    case embedded
    case kafka

    var testDescription: String { rawValue }

    /// The brokers to test on: the embedded one, and an Apache Kafka where KAFKA_HOME asks for it.
    static var available: [BrokerKind] {
        ProcessInfo.processInfo.environment["KAFKA_HOME"] == nil
            ? [.embedded] : [.embedded, .kafka]
    }
}

/// Separate processes on a broker, as they run in production.
final class Grid {
    let scratch = try? Scratch()
    let brokers: String
    let prefix = "t\(UUID().uuidString.prefix(8))."
    private let cluster: EmbeddedCluster?
    private(set) var aggregator: RunningProcess?
    private(set) var engines: [RunningProcess] = []
    private var url = ""
    private var engineURLs: [Int32: String] = [:]

    init(_ kind: BrokerKind) throws {
        switch kind {
        case .embedded:
            let cluster = try EmbeddedCluster()
            for (name, partitions) in [
                ("jobs", 1), ("market", 1), ("batches", 8), ("batches.intraday", 8),
                ("batches.parked", 8), ("results", 4), ("deadletter", 1),
                ("engines", 1), ("logs", 1), ("audit", 1),
            ] {
                try cluster.createTopic(prefix + name, partitions: partitions)
            }
            self.cluster = cluster
            brokers = cluster.bootstrapServers
        case .kafka:
            cluster = nil
            brokers = try #require(
                ProcessInfo.processInfo.environment["VALGRID_TEST_BOOTSTRAP"],
                "KAFKA_HOME is set, so scripts/test must have started a broker"
            )
        }
    }

    /// A grid on brokers of the test's own.
    init(brokers: String) {
        cluster = nil
        self.brokers = brokers
    }

    deinit {
        for process in engines + [aggregator].compactMap({ $0 }) { process.signal(SIGKILL) }
        cluster?.close()
    }

    /// Whether the broker keeps apart what is committed and what is not.
    var isTransactional: Bool { cluster == nil }

    var directory: URL { scratch?.url ?? FileManager.default.temporaryDirectory }
    var kafkaOptions: [String] {
        ["--brokers", brokers, "--topic-prefix", prefix, "--partitions", "8"]
    }
    var aggregatorOptions: [String] { ["--aggregator", url] }

    func startAggregator(_ more: [String] = []) async throws {
        let port = try Sockets.freePort()
        url = "http://127.0.0.1:\(port)"
        let process = try RunningProcess(
            "aggregator",
            kafkaOptions + [
                "--http-port", String(port), "--ledger",
                directory.appendingPathComponent("ledger.sqlite").path,
            ] + more,
            in: directory
        )
        aggregator = process
        try await awaitReady(process, url, within: .seconds(30))
    }

    @discardableResult
    func startEngine(_ more: [String] = [], isReady: Bool = true) async throws -> RunningProcess {
        let port = try Sockets.freePort()
        let pricers = more.contains("--pricers") ? [] : ["--pricers", "1"]
        let process = try RunningProcess(
            "valengine",
            kafkaOptions + pricers + [
                "--http-port", String(port), "--session-timeout", "6s", "--kafka-config",
                "reconnect.backoff.max.ms=2000",
            ]
                + (isTransactional || more.contains("--delivery")
                    ? [] : ["--delivery", "at-least-once"]) + more,
            in: directory
        )
        engines.append(process)
        engineURLs[process.pid] = "http://127.0.0.1:\(port)"
        if isReady {
            try await awaitReady(process, "http://127.0.0.1:\(port)", within: .seconds(60))
        }
        return process
    }

    /// A number of an engine's metrics.
    func metric(_ name: String, of engine: RunningProcess) async throws -> Double? {
        let url = try #require(engineURLs[engine.pid])
        let answer = try await HTTPClient().get("\(url)/metrics", timeout: .seconds(5))
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
            .first { $0.hasPrefix("\(name) ") }
            .flatMap { $0.split(separator: " ").last }
            .flatMap { Double($0) }
    }

    func eodservice(_ arguments: [String], limit: Duration = .seconds(120)) async throws -> (
        code: Int32, output: String, errors: String
    ) {
        let process = try RunningProcess("eodservice", arguments, in: directory)
        let code = try await process.end(within: limit)
        return (code, process.standardOutput, process.standardError)
    }

    func submit(
        _ portfolio: String,
        market: String,
        metrics: String,
        job: String,
        more: [String] = []
    ) async throws -> (code: Int32, output: String, errors: String) {
        try await eodservice(
            ["submit", portfolio, "--market", market, "--metrics", metrics, "--job-id", job]
                + kafkaOptions + more
        )
    }

    func status(_ job: String) async throws -> [String: Any]? {
        let answer = try? await HTTPClient().get("\(url)/jobs/\(job)", timeout: .seconds(5))
        guard let answer, answer.status == 200 else { return nil }
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any]
    }

    /// What the aggregator says of engines.
    func engines() async throws -> [[String: Any]] {
        let answer = try? await HTTPClient().get("\(url)/engines", timeout: .seconds(5))
        guard let answer, answer.status == 200 else { return [] }
        return try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]] ?? []
    }

    /// The aggregator's metrics, a line each.
    func metrics() async throws -> [String] {
        let answer = try await HTTPClient().get("\(url)/metrics", timeout: .seconds(5))
        return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    func batchesDone(_ job: String) async throws -> Int {
        try await status(job)?["batchesDone"] as? Int ?? 0
    }

    /// Waits for the job's end and returns its report.
    func report(_ job: String, limit: Duration = .seconds(180)) async throws -> Report {
        let waited = try await eodservice(
            ["wait", job, "--allow-failed-trades"] + aggregatorOptions,
            limit: limit
        )
        #expect(waited.code == 0, "\(waited.errors)")
        let target = directory.appendingPathComponent("report-\(job)")
        let fetched = try await eodservice(
            ["report", job, "--output", target.path, "--allow-failed-trades"] + aggregatorOptions
        )
        #expect(fetched.code == 0, "\(fetched.errors)")
        return try Report(target)
    }

    /// How often each batch of a job is among the results that readers see.
    func resultCounts(_ job: String) async throws -> [UInt32: Int] {
        let partitions = (0..<8).map { TopicPartition(topic: prefix + "results", partition: $0) }
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: brokers, clientID: "test"),
            isolation: .readCommitted,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        var counts: [UInt32: Int] = [:]
        for _ in 0..<200 where !reader.isAtEnd {
            for record in try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200)) {
                let result = try BatchResult.decode(record.value ?? [])
                if result.jobID == job { counts[result.index, default: 0] += 1 }
            }
        }
        #expect(reader.isAtEnd)
        await reader.close()
        return counts
    }
}
