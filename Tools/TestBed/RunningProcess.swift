internal import CProcess
package import Foundation
internal import Synchronization

/// A program that was started; what it prints goes to files.
package final class RunningProcess: Sendable {
    private struct State {
        /// The exit code; negative for a signal; nil while it runs.
        var status: Int32?
        var isExpectedToEnd = false
    }

    /// Everything that runs, to be killed when this process must end, after which nothing starts.
    private static let running = Mutex<Set<pid_t>>([])
    private static let isEnding = Atomic(false)
    private static let count = Atomic(0)

    package let name: String
    package let pid: Int32
    /// Its files without their endings.
    private let files: String
    private let state = Mutex(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: what it is given.
    ///   - name: how it is called in messages; its files are named after it.
    ///   - directory: where its files go.
    ///   - environment: variables beside those of this process.
    ///   - isLast: whether it starts although everything ends.
    /// - Throws: when it cannot be started.
    package init(
        _ program: String,
        _ arguments: [String],
        name: String,
        in directory: String,
        environment: [String: String] = [:],
        isLast: Bool = false
    ) throws {
        guard isLast || !Self.isEnding.load(ordering: .acquiring) else {
            throw TestBedError("everything ends")
        }
        self.name = name
        files = "\(directory)/\(name)"
        pid = try Self.spawn([program] + arguments, files: files, environment)
        _ = Self.running.withLock { $0.insert(pid) }
        try Data("\(pid) \(name) \(arguments.joined(separator: " "))\n".utf8)
            .append(to: "\(directory)/processes")
    }

    /// Starts one of our programs, under its own name; several of a name have files of their own.
    ///
    /// - Parameters:
    ///   - program: its name.
    ///   - arguments: what it is given.
    ///   - directory: where its files go.
    ///   - environment: variables beside those of this process.
    /// - Throws: when it cannot be started.
    package convenience init(
        _ program: String,
        _ arguments: [String],
        in directory: URL,
        environment: [String: String] = [:]
    ) throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        try self.init(
            Programs.path(program),
            arguments,
            name: "\(program)-\(number)",
            in: directory.path,
            environment: environment
        )
    }

    deinit {
        signal(SIGKILL)
        _ = status
    }

    /// The exit code; negative for a signal; nil while it runs.
    package var status: Int32? {
        state.withLock { state in
            if let status = state.status { return status }
            var word: Int32 = 0
            guard waitpid(pid, &word, WNOHANG) == pid else { return nil }
            let signal = word & 0x7F
            state.status = signal == 0 ? (word >> 8) & 0xFF : -signal
            _ = Self.running.withLock { $0.remove(pid) }
            return state.status
        }
    }

    package var isRunning: Bool { status == nil }

    /// Whether somebody ended it on purpose.
    package var isExpectedToEnd: Bool { state.withLock { $0.isExpectedToEnd } }

    package func expectEnd() {
        state.withLock { $0.isExpectedToEnd = true }
    }

    package func signal(_ number: Int32) {
        // Under the lock nobody else reaps it, so that the number is still its own.
        state.withLock { state in
            guard state.status == nil else { return }
            kill(pid, number)
        }
    }

    /// Kills it with -9 on purpose and returns when it is gone.
    package func destroy() async throws {
        expectEnd()
        signal(SIGKILL)
        _ = try await end(within: .seconds(10))
    }

    /// Waits for the end, and kills it when it takes longer than `limit`.
    ///
    /// - Returns: the exit code; negative for a signal.
    /// - Throws: ``TestBedError`` when it takes too long, with what it said last.
    @discardableResult
    package func end(within limit: Duration = .seconds(120)) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit, every: .milliseconds(5)) {
                !self.isRunning
            }
        } catch {
            signal(SIGKILL)
            throw TestBedError("\(error); it said: \(standardError.suffix(2_000))")
        }
        return status ?? 0
    }

    /// What it wrote to standard output.
    package var standardOutput: String {
        (try? String(contentsOfFile: "\(files).out", encoding: .utf8)) ?? ""
    }

    /// What it wrote to standard error.
    package var standardError: String {
        (try? String(contentsOfFile: "\(files).err", encoding: .utf8)) ?? ""
    }

    /// The last line that it wrote to standard error.
    package var lastWords: String {
        standardError.split(separator: "\n").last.map(String.init) ?? ""
    }

    /// The processes that it has started and that still run.
    package var children: [Int32] { ProcessFacts.children(of: pid) }

    /// Kills everything that was started and still runs; nothing else starts any more.
    package static func killAll() {
        isEnding.store(true, ordering: .releasing)
        running.withLock { $0.forEach { kill($0, SIGKILL) } }
    }

    // MARK: - Private

    private static func spawn(
        _ words: [String],
        files: String,
        _ more: [String: String]
    ) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        let flags = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "\(files).out", flags, 0o644)
        posix_spawn_file_actions_addopen(&actions, 2, "\(files).err", flags, 0o644)
        cprocess_close_from(&actions, 3)
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP)
        )
        var environment = ProcessInfo.processInfo.environment
        // A crash is to be a crash at once.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        environment.merge(more) { $1 }
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { (arguments + variables).forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawn(
            &child,
            words[0],
            &actions,
            &attributes,
            &arguments,
            &variables
        )
        guard status == 0 else {
            throw TestBedError("cannot start \(words[0]): \(String(cString: strerror(status)))")
        }
        return child
    }
}

extension Data {
    /// Adds the bytes to the end of a file, which is made where it is missing.
    package func append(to path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: self)
    }
}
