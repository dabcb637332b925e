import Foundation
import Testing

/// One of our programs, started for a test; what it prints goes to files.
final class GridProcess {
    /// Where the programs are: beside the test runner.
    static let directory = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        .deletingLastPathComponent()

    let name: String
    private let process = Process()
    private let output: URL
    private let errors: URL

    init(
        _ name: String,
        _ arguments: [String],
        in directory: URL,
        environment: [String: String] = [:]
    ) throws {
        self.name = name
        let stem = "\(name)-\(UUID().uuidString.prefix(8))"
        output = directory.appendingPathComponent("\(stem).out")
        errors = directory.appendingPathComponent("\(stem).err")
        for file in [output, errors] {
            _ = FileManager.default.createFile(atPath: file.path, contents: nil)
        }
        process.executableURL = Self.directory.appendingPathComponent(name)
        process.arguments = arguments
        process.currentDirectoryURL = Repository.root
        // Swift's test runner has crashes traced, which holds a dying pricer up for a second or more.
        process.environment = ProcessInfo.processInfo.environment
            .merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
            .merging(environment) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = try FileHandle(forWritingTo: errors)
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
    }

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    var standardOutput: String { (try? String(contentsOf: output, encoding: .utf8)) ?? "" }
    var standardError: String { (try? String(contentsOf: errors, encoding: .utf8)) ?? "" }

    func signal(_ signal: Int32) {
        kill(process.processIdentifier, signal)
    }

    /// Waits for the end; fails the test and kills the process when it takes longer than `limit`.
    @discardableResult
    func end(within limit: Duration = .seconds(120)) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit) { !self.process.isRunning }
        } catch {
            signal(SIGKILL)
            throw Timeout(description: "\(error); it said: \(standardError.suffix(2_000))")
        }
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A condition that did not become true in time.
struct Timeout: Error, CustomStringConvertible {
    var description: String
}

/// Waits until `condition` holds, looking every 20 ms.
func eventually(
    _ what: String,
    within limit: Duration,
    _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else {
            throw Timeout(description: "not within \(limit): \(what)")
        }
        try await Task.sleep(for: .milliseconds(20))
    }
}

/// The repository that the tests belong to.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func path(_ relative: String) -> String {
        root.appendingPathComponent(relative).path
    }
}

/// A directory that goes with the test.
final class Scratch {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory
            .appendingPathComponent("valgrid-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(at: url)
    }

    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func write(_ text: String, to name: String) throws -> String {
        try Data(text.utf8).write(to: url.appendingPathComponent(name))
        return path(name)
    }
}
