import Foundation
import GridAPI
import GridProtocol
import HTTP
import KafkaClient
import Synchronization
import TestBed
import Testing

/// Broker, aggregator, engine and compute-manager, each a process of its own, to be stopped and
/// killed one by one.
final class PageGrid: Sendable {
    private struct State {
        var aggregator: RunningProcess?
        var manager: RunningProcess?
        var engine: RunningProcess?
        var session: [String: String] = [:]
    }

    let scratch = try? Scratch()
    let brokers: String
    /// The broker's process; nil for an Apache Kafka that somebody else started.
    let broker: RunningProcess?
    private let cluster: [String]
    private let prefix = "p\(UUID().uuidString.prefix(8))."
    private let aggregatorPort: Int
    private let port: Int
    private let state = Mutex(State())

    /// Starts the grid and signs in as admin.
    ///
    /// - Parameters:
    ///   - brokers: an Apache Kafka's; nil for an embedded broker.
    ///   - engines: 1, or 0 for none.
    ///   - cluster: compute-manager's options for what runs the engines.
    /// - Throws: when a program does not start.
    init(
        brokers: String? = nil,
        engines: Int = 1,
        cluster: [String] = ["--cluster", "none"]
    ) async throws {
        self.cluster = cluster
        aggregatorPort = try Sockets.freePort()
        port = try Sockets.freePort()
        if let brokers {
            broker = nil
            self.brokers = brokers
        } else {
            let process = try RunningProcess(
                "valgrid",
                ["broker", "--topic-prefix", prefix, "--partitions", "8"],
                in: try #require(scratch).url
            )
            try await eventually("the broker says where it is", within: .seconds(20)) {
                process.standardOutput.contains("\n")
            }
            broker = process
            self.brokers = process.standardOutput.trimmingCharacters(in: .whitespacesAndNewlines)
        }
        try await startAggregator()
        try await startManager()
        if engines > 0 {
            let engine = try RunningProcess(
                "valengine",
                kafkaOptions + delivery + ["--pricers", "1", "--http-port", "0"],
                in: directory
            )
            state.withLock { $0.engine = engine }
        }
        try await signIn()
    }

    deinit {
        let state = state.withLock { $0 }
        for process in [broker, state.aggregator, state.manager, state.engine] {
            process?.signal(SIGCONT)
            process?.signal(SIGKILL)
        }
    }

    var aggregator: RunningProcess? { state.withLock { $0.aggregator } }
    var manager: RunningProcess? { state.withLock { $0.manager } }
    private var session: [String: String] { state.withLock { $0.session } }
    var directory: URL { scratch?.url ?? FileManager.default.temporaryDirectory }
    var kafkaOptions: [String] {
        ["--brokers", brokers, "--topic-prefix", prefix, "--partitions", "8"]
            // Back soon after a broker is.
            + ["--kafka-config", "reconnect.backoff.max.ms=1000"]
    }
    private var delivery: [String] { broker == nil ? [] : ["--delivery", "at-least-once"] }

    // MARK: Programs

    func startAggregator() async throws {
        let process = try RunningProcess(
            "aggregator",
            kafkaOptions + [
                "--http-port", "\(aggregatorPort)", "--ledger",
                directory.appendingPathComponent("ledger.sqlite").path,
            ],
            in: directory
        )
        state.withLock { $0.aggregator = process }
        try await awaitReady(process, "http://127.0.0.1:\(aggregatorPort)", within: .seconds(30))
    }

    func startManager() async throws {
        let process = try RunningProcess(
            "compute-manager",
            kafkaOptions + delivery + [
                "--aggregator", "http://127.0.0.1:\(aggregatorPort)", "--listen",
                "127.0.0.1:\(port)", "--data", directory.appendingPathComponent("page").path,
                "--examples", Repository.path("examples"),
            ] + cluster,
            in: directory
        )
        state.withLock { $0.manager = process }
        try await awaitReady(process, "http://127.0.0.1:\(port)", within: .seconds(30))
    }

    private func signIn() async throws {
        let session = try await PageSession(
            "http://127.0.0.1:\(port)",
            output: try #require(manager).standardOutput
        )
        state.withLock { $0.session = session.headers }
    }

    // MARK: The API

    /// Asks the page's API as the admin who has signed in.
    func call(
        _ method: String,
        _ path: String,
        _ headers: [String: String] = [:],
        body: String? = nil,
        timeout: Duration = .seconds(60)
    ) async throws -> HTTPAnswer {
        try await HTTPClient().send(
            HTTPCall(
                method: method,
                url: "http://127.0.0.1:\(port)/api/v1\(path)",
                headers: headers.merging(session) { $1 },
                body: body.map { .bytes(Array($0.utf8), contentType: "application/json") }
                    ?? .none,
                timeout: timeout
            )
        )
    }

    /// What a path answers, as JSON.
    func json(_ path: String) async throws -> [String: Any] {
        let answer = try await call("GET", path)
        try #require(answer.status == 200, "\(path): \(answer.status) \(answer.text)")
        return try #require(JSONSerialization.jsonObject(with: Data(answer.body)) as? [String: Any])
    }

    /// Sends a part of a file.
    func upload(
        _ method: String,
        _ path: String,
        file: String,
        from offset: Int64,
        _ headers: [String: String] = [:]
    ) async throws -> HTTPAnswer {
        try await HTTPClient().send(
            HTTPCall(
                method: method,
                url: "http://127.0.0.1:\(port)/api/v1\(path)",
                headers: headers.merging(session) { $1 },
                body: .file(path: file, from: offset),
                timeout: .seconds(60)
            )
        )
    }

    /// Writes the head of a request and a part of its body to a connection, and breaks it off.
    func breakOff(
        _ method: String,
        _ path: String,
        _ headers: [String: String],
        length: Int,
        sending bytes: [UInt8]
    ) async throws {
        let descriptor = try #require(Sockets.connect(to: port))
        defer { Sockets.reset(descriptor) }
        let head =
            "\(method) /api/v1\(path) HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: \(length)\r\n"
            + headers.merging(session) { $1 }.map { "\($0.key): \($0.value)\r\n" }.joined() + "\r\n"
        var rest = (Array(head.utf8) + bytes)[...]
        try await eventually("a part is sent", within: .seconds(20), every: .milliseconds(1)) {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, 0x4000) }
            if count > 0 { rest.removeFirst(count) }
            return rest.isEmpty
        }
        // What lies in the socket is lost with it: the server must have read it first.
        try await eventually("it was read", within: .seconds(20), every: .milliseconds(1)) {
            var waiting: Int32 = 0
            return ioctl(descriptor, UInt(TIOCOUTQ), &waiting) == 0 && waiting == 0
        }
    }

    /// Waits until a job has ended and its trades are indexed, and returns it.
    func ended(_ job: String, within limit: Duration = .seconds(90)) async throws -> [String: Any] {
        try await eventually("\(job) ends", within: limit) {
            // One that was queued this moment is known a little later.
            try await self.call("GET", "/jobs/\(job)").text.contains("\"isFinal\" : true")
        }
        try await eventually("\(job)'s trades are indexed", within: .seconds(20)) {
            try await self.call("GET", "/jobs/\(job)/trades").status == 200
        }
        return try await json("/jobs/\(job)")
    }

    /// How often each batch of a job lies in the topic of batches.
    func batchCounts(_ job: String) async throws -> [UInt32: Int] {
        let partitions = (0..<8).map { TopicPartition(topic: prefix + "batches", partition: $0) }
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: brokers, clientID: "test"),
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        var counts: [UInt32: Int] = [:]
        for _ in 0..<200 where !reader.isAtEnd {
            for record in try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200)) {
                let batch = try Batch.decode(record.value ?? [])
                if batch.jobID == job { counts[batch.index, default: 0] += 1 }
            }
        }
        #expect(reader.isAtEnd)
        await reader.close()
        return counts
    }
}

extension String {
    /// JSON of a dictionary.
    init(json value: Any) throws {
        self.init(decoding: try JSONSerialization.data(withJSONObject: value), as: UTF8.self)
    }
}
