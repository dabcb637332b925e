import Foundation
import Testing

/// Brokers that tests have for themselves, started by scripts/kafka-up.
///
/// They end with the last reference, or with this process, however that ends.
final class TrialBrokers: Sendable {
    let directory: URL

    /// Starts brokers of the Kafka at `home`, or of KAFKA_HOME.
    init(_ options: [String], home: String? = nil) async throws {
        directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("valgrid-brokers-\(UUID().uuidString)")
        try Self.watch(directory)
        let kafka = home.map { ["env", "KAFKA_HOME=\($0)"] } ?? []
        try await Self.run(kafka + ["scripts/kafka-up", directory.path] + options)
    }

    deinit {
        // The watcher sees it and ends them.
        try? FileManager.default.removeItem(at: directory.appendingPathComponent("wanted"))
    }

    /// What scripts/kafka-up says of them: addresses and paths by their names.
    func environment() throws -> [String: String] {
        let lines = try String(
            contentsOf: directory.appendingPathComponent("env"),
            encoding: .utf8
        ).split(separator: "\n")
        return Dictionary(
            uniqueKeysWithValues: lines.map { line in
                let parts = line.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), String(parts[1]))
            }
        )
    }

    /// Ends broker `number` as a crash does; returns when it is gone.
    func kill(_ number: Int) async throws {
        let pid = try pid(number)
        #expect(Foundation.kill(pid, SIGKILL) == 0)
        try await eventually("broker \(number) is gone", within: .seconds(20)) {
            // One that nobody has waited for yet has no command any more.
            (try? Data(contentsOf: URL(fileURLWithPath: "/proc/\(pid)/cmdline")))?.isEmpty ?? true
        }
    }

    func start(_ number: Int) async throws {
        try await Self.run(["scripts/kafka-up", directory.path, "start", String(number)])
    }

    /// Ends broker `number` as a crash does and starts it again.
    func restart(_ number: Int) async throws {
        try await kill(number)
        try await start(number)
    }

    /// Lets broker `number` stand still until the others take it for gone.
    ///
    /// No connection breaks.
    func holdUp(_ number: Int) async throws {
        let fencings = try count("Fencing broker")
        try signal(number, SIGSTOP)
        defer { try? signal(number, SIGCONT) }
        try await eventually("broker \(number) is missed", within: .seconds(60)) {
            try count("Fencing broker") > fencings
        }
    }

    /// How often brokers did not tell a partition how a transaction ended: Kafka 4.3.0 to 4.4.0
    /// take one without a leader for deleted.
    func forgotten() throws -> Int { try count("likely deleted already") }

    func signal(_ number: Int, _ signal: Int32) throws {
        #expect(Foundation.kill(try pid(number), signal) == 0)
    }

    private func pid(_ number: Int) throws -> Int32 {
        let file = directory.appendingPathComponent("\(number)/pid")
        let text = try String(contentsOf: file, encoding: .utf8)
        return try #require(Int32(text.trimmingCharacters(in: .newlines)))
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

    /// Has the brokers ended when nobody wants them any more.
    private static func watch(_ directory: URL) throws {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let wanted = directory.appendingPathComponent("wanted")
        try Data().write(to: wanted)
        let watcher = Process()
        watcher.executableURL = URL(fileURLWithPath: "/usr/bin/setsid")
        watcher.arguments = [
            "bash", "-c",
            """
            while kill -0 "$1" 2>/dev/null && [ -e "$2/wanted" ]; do sleep 0.5; done
            [ ! -e "$2/home" ] || scripts/kafka-down "$2"
            """,
            "watch", String(getpid()), directory.path,
        ]
        watcher.currentDirectoryURL = Repository.root
        watcher.standardInput = FileHandle.nullDevice
        watcher.standardOutput = FileHandle.nullDevice
        watcher.standardError = FileHandle.nullDevice
        try watcher.run()
    }

    /// Runs a script to its end, which its file tells: `Process` waits for the brokers as well, that
    /// a script leaves behind.
    static func run(_ command: [String]) async throws {
        let scratch = try Scratch()
        let stem = scratch.path("script")
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            [
                "-c",
                """
                stem=$1
                shift
                code=0
                "$@" >"$stem.log" 2>&1 || code=$?
                echo $code >"$stem.new"
                mv "$stem.new" "$stem.code"
                """,
                "run", stem,
            ] + command
        process.currentDirectoryURL = Repository.root
        process.standardInput = FileHandle.nullDevice
        try process.run()
        try await eventually("\(command[0]) ends", within: .seconds(180)) {
            FileManager.default.fileExists(atPath: stem + ".code")
        }
        let said = (try? String(contentsOfFile: stem + ".log", encoding: .utf8)) ?? ""
        let code = try String(contentsOfFile: stem + ".code", encoding: .utf8)
        try #require(code == "0\n", "\(command[0]): \(said)")
    }
}
