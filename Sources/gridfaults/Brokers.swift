internal import Foundation
internal import KafkaClient

/// Apache Kafka brokers, and a proxy before each.
actor Brokers {
    nonisolated let count: Int
    nonisolated let bootstrap: String
    /// The brokers behind their proxies.
    nonisolated let proxiedBootstrap: String
    nonisolated let proxies: [CutProxy]
    private let directory: String
    private let scripts: String
    private var dead: Set<Int> = []

    /// Starts the brokers in a directory that does not exist.
    init(_ count: Int, in directory: String, of installation: Installation) async throws {
        self.count = count
        self.directory = directory
        scripts = "\(installation.root)/scripts"
        try? FileManager.default.removeItem(atPath: directory)
        let parent = URL(fileURLWithPath: directory).deletingLastPathComponent().path
        try FileManager.default.createDirectory(
            atPath: parent,
            withIntermediateDirectories: true
        )
        let start = try RunningProcess(
            "/bin/bash",
            ["\(scripts)/kafka-up", directory, "-n", String(count), "--proxied"],
            name: "kafka-up-\(count)",
            in: parent
        )
        guard try await start.end(within: .seconds(200)) == 0 else {
            throw FaultTestError("no brokers: \(start.errors)")
        }
        let text = try String(contentsOfFile: "\(directory)/env", encoding: .utf8)
        var facts: [Substring: Substring] = [:]
        for line in text.split(separator: "\n") {
            guard let equals = line.firstIndex(of: "=") else { continue }
            facts[line[..<equals]] = line[line.index(after: equals)...]
        }
        bootstrap = facts["BOOTSTRAP"].map(String.init) ?? ""
        let pairs = (facts["PROXIES"] ?? "").split(separator: ",").map { $0.split(separator: "=") }
        proxiedBootstrap = pairs.compactMap { $0.first.map(String.init) }.joined(separator: ",")
        proxies = try pairs.map { pair in
            let ports = pair.compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
            guard ports.count == 2 else { throw FaultTestError("kafka-up said \(text)") }
            return try CutProxy(port: ports[0], target: ports[1])
        }
        guard !bootstrap.isEmpty, proxies.count == count else {
            throw FaultTestError("kafka-up said \(text)")
        }
    }

    /// How often commits were cut off from their answers so far.
    nonisolated var cutCommits: Int { proxies.reduce(0) { $0 + $1.cutCommits } }

    /// Kills the broker that leads a partition with -9.
    ///
    /// - Returns: its number; nil when it is dead already, or none leads.
    func kill(leading partition: TopicPartition) async throws -> Int? {
        var broker = 1
        if count > 1 {
            let admin = try KafkaAdmin(
                configuration: KafkaConfiguration(bootstrapServers: bootstrap)
            )
            let leaders = try await admin.leaders(of: partition.topic)
            await admin.close()
            guard leaders.indices.contains(Int(partition.partition)) else { return nil }
            broker = leaders[Int(partition.partition)]
        }
        guard broker > 0, dead.isEmpty else { return nil }
        let text = try String(contentsOfFile: "\(directory)/\(broker)/pid", encoding: .utf8)
        guard let pid = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw FaultTestError("broker \(broker) has no pid")
        }
        Foundation.kill(pid, SIGKILL)
        dead.insert(broker)
        return broker
    }

    /// Starts a broker that was killed; returns when it serves.
    func restart(_ broker: Int, noting directory: String) async throws {
        let start = try RunningProcess(
            "/bin/bash",
            ["\(scripts)/kafka-up", self.directory, "start", String(broker)],
            name: "kafka-up-start-\(broker)",
            in: directory
        )
        guard try await start.end(within: .seconds(150)) == 0 else {
            throw FaultTestError("broker \(broker) does not start again: \(start.errors)")
        }
        dead.remove(broker)
    }

    /// Aborts the transactions that Kafka itself has left open, as an administrator would.
    ///
    /// - Returns: a line for each.
    func abortHangingTransactions(noting directory: String) async throws -> [String] {
        let run = try RunningProcess(
            "/bin/bash",
            ["\(scripts)/hanging-transactions", "--abort", bootstrap],
            name: "hanging-transactions",
            in: directory
        )
        guard try await run.end(within: .seconds(150)) == 0 else {
            throw FaultTestError("hanging transactions: \(run.lastWords)")
        }
        return run.output.split(separator: "\n").map(String.init)
            .filter { $0.hasPrefix("aborted: ") }
    }

    /// How many transactions of a prefix's producers Kafka has ended without telling all partitions.
    ///
    /// A broker of 4.3.0 to 4.4.0 that was killed and comes back takes partitions without a leader for deleted
    /// ones, says so, and spares them the end of the transaction: what was committed is then open for
    /// good, or its offsets are forgotten and its records are not.
    func halfEndedTransactions(of prefix: String, noting directory: String) async throws -> Int {
        let words = "transaction markers for \(prefix).*likely deleted already and hence can be"
        let logs = (1...count).flatMap { broker in
            ["log", "log.before"].map { "\(self.directory)/\(broker)/\($0)" }
        }
        // The logs of a hundred rounds are too long to be read here.
        let search = try RunningProcess(
            "/bin/grep",
            ["-shc", words] + logs,
            name: "half-ended",
            in: directory
        )
        _ = try await search.end(within: .seconds(30))
        return search.output.split(separator: "\n").reduce(0) { $0 + (Int($1) ?? 0) }
    }

    /// Keeps what the brokers printed.
    func keepLogs(in directory: String) {
        for broker in 1...count {
            for log in ["log", "log.before"] {
                try? FileManager.default.copyItem(
                    atPath: "\(self.directory)/\(broker)/\(log)",
                    toPath: "\(directory)/broker-\(broker).\(log)"
                )
            }
        }
    }

    /// Stops the brokers and removes what they wrote.
    func stop() async throws {
        proxies.forEach { $0.end() }
        let parent = URL(fileURLWithPath: directory).deletingLastPathComponent().path
        let stop = try RunningProcess(
            "/bin/bash",
            ["\(scripts)/kafka-down", directory],
            name: "kafka-down-\(count)",
            in: parent
        )
        _ = try await stop.end(within: .seconds(60))
    }
}
