internal import CProcess
internal import Foundation
internal import Synchronization

/// A program that was started; what it prints goes to files.
final class RunningProcess: Sendable {
    private struct State {
        /// The exit code; negative for a signal; nil while it runs.
        var status: Int32?
        var isExpectedToEnd = false
    }

    /// Everything that runs, to be killed when this process must end, after which nothing starts.
    private static let running = Mutex<Set<pid_t>>([])
    private static let isEnding = Atomic(false)

    let name: String
    let pid: pid_t
    private let directory: String
    private let state = Mutex(State())

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - program: its path.
    ///   - arguments: what it is given.
    ///   - name: how it is called in messages; its files are named after it.
    ///   - directory: where its files go.
    ///   - isLast: whether it starts although everything ends.
    /// - Throws: when it cannot be started.
    init(
        _ program: String,
        _ arguments: [String],
        name: String,
        in directory: String,
        isLast: Bool = false
    ) throws {
        guard isLast || !Self.isEnding.load(ordering: .acquiring) else {
            throw FaultTestError("everything ends")
        }
        self.name = name
        self.directory = directory
        pid = try Self.spawn([program] + arguments, files: "\(directory)/\(name)")
        _ = Self.running.withLock { $0.insert(pid) }
        try Data("\(pid) \(name) \(arguments.joined(separator: " "))\n".utf8)
            .append(to: "\(directory)/processes")
    }

    deinit {
        signal(SIGKILL)
        _ = status
    }

    /// The exit code; negative for a signal; nil while it runs.
    var status: Int32? {
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

    var isRunning: Bool { status == nil }

    /// Whether somebody ended it on purpose.
    var isExpectedToEnd: Bool { state.withLock { $0.isExpectedToEnd } }

    func expectEnd() {
        state.withLock { $0.isExpectedToEnd = true }
    }

    func signal(_ number: Int32) {
        // Under the lock nobody else reaps it, so that the number is still its own.
        state.withLock { state in
            guard state.status == nil else { return }
            kill(pid, number)
        }
    }

    /// Kills it with -9 on purpose and returns when it is gone.
    func destroy() async throws {
        expectEnd()
        signal(SIGKILL)
        _ = try await end(within: .seconds(10))
    }

    /// Waits for the end, and kills it when it takes longer than `limit`.
    ///
    /// - Returns: the exit code; negative for a signal.
    func end(within limit: Duration) async throws -> Int32 {
        do {
            try await eventually("\(name) ends", within: limit) { !self.isRunning }
        } catch {
            signal(SIGKILL)
            throw error
        }
        return status ?? 0
    }

    /// What it wrote to standard output.
    var output: String {
        (try? String(contentsOfFile: "\(directory)/\(name).out", encoding: .utf8)) ?? ""
    }

    /// What it wrote to standard error.
    var errors: String {
        (try? String(contentsOfFile: "\(directory)/\(name).err", encoding: .utf8)) ?? ""
    }

    /// The last line that it wrote to standard error.
    var lastWords: String { errors.split(separator: "\n").last.map(String.init) ?? "" }

    /// The processes that it has started and that still run.
    var children: [pid_t] {
        let threads = "/proc/\(pid)/task"
        let tasks = try? FileManager.default.contentsOfDirectory(atPath: threads)
        return (tasks ?? []).flatMap { task in
            let path = "\(threads)/\(task)/children"
            let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
            return text.split(separator: " ").compactMap { pid_t($0) }
        }
    }

    /// Kills everything that was started and still runs; nothing else starts any more.
    static func killAll() {
        isEnding.store(true, ordering: .releasing)
        running.withLock { $0.forEach { kill($0, SIGKILL) } }
    }

    // MARK: - Private

    private static func spawn(_ words: [String], files: String) throws -> pid_t {
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
            throw FaultTestError("cannot start \(words[0]): \(String(cString: strerror(status)))")
        }
        return child
    }
}

extension Data {
    /// Adds the bytes to the end of a file, which is made where it is missing.
    func append(to path: String) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: self)
    }
}
