internal import Foundation
internal import KafkaClient
internal import TestBed

/// Apache Kafka brokers, and a proxy before each.
actor Brokers {
    nonisolated let count: Int
    nonisolated let bootstrap: String
    /// The brokers behind their proxies.
    nonisolated let proxiedBootstrap: String
    nonisolated let proxies: [CutProxy]
    private let brokers: TrialBrokers
    private var dead: Set<Int> = []

    /// Starts the brokers in a directory, in which nothing is kept.
    init(_ count: Int, in directory: String) async throws {
        self.count = count
        try? FileManager.default.removeItem(atPath: directory)
        let brokers = try await TrialBrokers(
            ["-n", String(count), "--proxied"],
            in: URL(fileURLWithPath: directory)
        )
        self.brokers = brokers
        bootstrap = try brokers.value("BOOTSTRAP")
        let text = try brokers.value("PROXIES")
        let pairs = text.split(separator: ",").map { $0.split(separator: "=") }
        proxiedBootstrap = pairs.compactMap { $0.first.map(String.init) }.joined(separator: ",")
        proxies = try pairs.map { pair in
            let ports = pair.compactMap { $0.split(separator: ":").last.flatMap { Int($0) } }
            guard ports.count == 2 else { throw FaultTestError("kafka-up said PROXIES=\(text)") }
            return try CutProxy(port: ports[0], target: ports[1])
        }
        guard proxies.count == count else { throw FaultTestError("kafka-up said PROXIES=\(text)") }
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
        try await brokers.kill(broker)
        dead.insert(broker)
        return broker
    }

    /// Starts a broker that was killed; returns when it serves.
    func restart(_ broker: Int) async throws {
        try await brokers.start(broker)
        dead.remove(broker)
    }

    /// Aborts the transactions that Kafka itself has left open, as an administrator would.
    ///
    /// - Returns: a line for each.
    func abortHangingTransactions() async throws -> [String] {
        try await TrialBrokers.run("hanging-transactions", ["--abort", bootstrap])
            .split(separator: "\n").map(String.init).filter { $0.hasPrefix("aborted: ") }
    }

    /// How many transactions of a prefix's producers Kafka has ended without telling all partitions.
    ///
    /// A broker of 4.3.0 to 4.4.0 that was killed and comes back takes partitions without a leader for
    /// deleted ones, says so, and spares them the end of the transaction: what was committed is then open for
    /// good, or its offsets are forgotten and its records are not.
    func halfEndedTransactions(of prefix: String, noting directory: String) async throws -> Int {
        let words = "transaction markers for \(prefix).*likely deleted already and hence can be"
        let logs = (1...count).flatMap { broker in
            ["log", "log.before"].map { "\(brokers.directory.path)/\(broker)/\($0)" }
        }
        // The logs of a hundred rounds are too long to be read here.
        let search = try RunningProcess(
            "/bin/grep",
            ["-shc", words] + logs,
            name: "half-ended",
            in: directory
        )
        _ = try await search.end(within: .seconds(30))
        return search.standardOutput.split(separator: "\n").reduce(0) { $0 + (Int($1) ?? 0) }
    }

    /// Keeps what the brokers printed.
    func keepLogs(in directory: String) {
        for broker in 1...count {
            for log in ["log", "log.before"] {
                try? FileManager.default.copyItem(
                    atPath: "\(brokers.directory.path)/\(broker)/\(log)",
                    toPath: "\(directory)/broker-\(broker).\(log)"
                )
            }
        }
    }

    /// Stops the brokers and removes what they wrote.
    func stop() async throws {
        proxies.forEach { $0.end() }
        try await brokers.stop()
    }
}
