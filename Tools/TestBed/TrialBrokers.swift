package import Foundation

/// Apache Kafka brokers that somebody has for himself, started by scripts/kafka-up.
///
/// They end with the last reference, or with this process, however that ends.
package final class TrialBrokers: Sendable {
    /// Where their files are.
    package let directory: URL

    /// Starts brokers.
    ///
    /// - Parameters:
    ///   - options: of scripts/kafka-up.
    ///   - home: an unpacked Apache Kafka; KAFKA_HOME by default.
    ///   - directory: where their files go, which must not exist; a temporary one by default.
    /// - Throws: ``TestBedError`` when they do not start.
    package init(
        _ options: [String],
        home: String? = nil,
        in directory: URL? = nil
    ) async throws {
        let directory =
            directory
            ?? FileManager.default.temporaryDirectory
            .appendingPathComponent("valgrid-brokers-\(UUID().uuidString)")
        self.directory = directory
        try await Self.watch(directory)
        try await Self.run(
            "kafka-up",
            [directory.path] + options,
            environment: home.map { ["KAFKA_HOME": $0] } ?? [:]
        )
    }

    deinit {
        // The watcher sees it and ends them.
        try? FileManager.default.removeItem(at: directory.appendingPathComponent("wanted"))
    }

    /// What scripts/kafka-up says of them: addresses and paths by their names.
    package func environment() throws -> [String: String] {
        let lines = try String(
            contentsOf: directory.appendingPathComponent("env"),
            encoding: .utf8
        ).split(separator: "\n")
        return Dictionary(
            lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
            }
        ) { $1 }
    }

    /// What scripts/kafka-up says of them under a name.
    package func value(_ name: String) throws -> String {
        guard let value = try environment()[name], !value.isEmpty else {
            throw TestBedError("scripts/kafka-up did not say \(name)")
        }
        return value
    }

    /// Ends broker `number` as a crash does; returns when it is gone.
    package func kill(_ number: Int) async throws {
        let pid = try pid(number)
        guard Foundation.kill(pid, SIGKILL) == 0 else {
            throw TestBedError("broker \(number) cannot be killed")
        }
        try await eventually("broker \(number) is gone", within: .seconds(20)) {
            // One that nobody has waited for yet has no command any more.
            (try? ProcessFacts.bytes(of: "cmdline", of: pid))?.isEmpty ?? true
        }
    }

    /// Starts a broker that was killed; returns when it serves.
    package func start(_ number: Int) async throws {
        try await Self.run("kafka-up", [directory.path, "start", String(number)])
    }

    /// Ends broker `number` as a crash does and starts it again.
    package func restart(_ number: Int) async throws {
        try await kill(number)
        try await start(number)
    }

    /// Lets broker `number` stand still until the others take it for gone.
    ///
    /// No connection breaks.
    package func holdUp(_ number: Int) async throws {
        let fencings = try count("Fencing broker")
        try signal(number, SIGSTOP)
        defer { try? signal(number, SIGCONT) }
        try await eventually("broker \(number) is missed", within: .seconds(60)) {
            try count("Fencing broker") > fencings
        }
    }

    /// How often brokers did not tell a partition how a transaction ended: Kafka 4.3.0 to 4.4.0 take
    /// one without a leader for deleted.
    package func forgotten() throws -> Int { try count("likely deleted already") }

    /// Sends a signal to a broker.
    package func signal(_ number: Int, _ signal: Int32) throws {
        guard Foundation.kill(try pid(number), signal) == 0 else {
            throw TestBedError("broker \(number) takes no signal")
        }
    }

    /// Ends all brokers and removes their files.
    package func stop() async throws {
        try await Self.run("kafka-down", [directory.path])
    }

    /// Runs a script of the repository to its end.
    ///
    /// - Parameters:
    ///   - script: its name in `scripts`.
    ///   - arguments: what it is given.
    ///   - environment: variables beside those of this process.
    ///   - limit: how long it may take.
    /// - Returns: what it wrote to standard output.
    /// - Throws: ``TestBedError`` when it fails.
    @discardableResult
    package static func run(
        _ script: String,
        _ arguments: [String],
        environment: [String: String] = [:],
        within limit: Duration = .seconds(180)
    ) async throws -> String {
        let scratch = try Scratch()
        let process = try RunningProcess(
            "/bin/bash",
            [Repository.path("scripts/\(script)")] + arguments,
            name: script,
            in: scratch.url.path,
            environment: environment
        )
        let code = try await process.end(within: limit)
        guard code == 0 else {
            throw TestBedError(
                "scripts/\(script) ended with \(code): \(process.standardOutput)"
                    + process.standardError
            )
        }
        return process.standardOutput
    }

    // MARK: - Private

    private func pid(_ number: Int) throws -> Int32 {
        let file = directory.appendingPathComponent("\(number)/pid")
        let text = try String(contentsOf: file, encoding: .utf8)
        guard let pid = Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw TestBedError("broker \(number) has no pid")
        }
        return pid
    }

    /// How often brokers printed these words.
    private func count(_ words: String) throws -> Int {
        let files = FileManager.default
        return try files.subpathsOfDirectory(atPath: directory.path)
            .filter { $0.hasSuffix("/log") || $0.hasSuffix("/log.before") }
            .map { directory.appendingPathComponent($0) }
            .map { try String(contentsOf: $0, encoding: .utf8) }
            .map { $0.components(separatedBy: words).count - 1 }
            .reduce(0, +)
    }

    /// Has the brokers ended when nobody wants them any more, even by a process that was killed.
    private static func watch(_ directory: URL) async throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        try Data().write(to: directory.appendingPathComponent("wanted"))
        let scratch = try Scratch()
        let watcher = try RunningProcess(
            "/usr/bin/setsid",
            [
                "--fork", "bash", "-c",
                """
                while kill -0 "$1" 2>/dev/null && [ -e "$2/wanted" ]; do sleep 0.5; done
                [ ! -e "$2/home" ] || "$3" "$2"
                """,
                "watch", String(getpid()), directory.path, Repository.path("scripts/kafka-down"),
            ],
            name: "watch",
            in: scratch.url.path
        )
        guard try await watcher.end(within: .seconds(20)) == 0 else {
            throw TestBedError("nobody would end the brokers: \(watcher.lastWords)")
        }
    }
}
