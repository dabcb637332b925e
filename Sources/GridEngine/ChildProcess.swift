internal import CProcess
internal import Glibc

/// How a child process ended.
struct ChildExit: Hashable, Sendable {
    /// The signal that ended it; 0 when it exited by itself.
    var signal: Int32
    /// Its exit code, when it exited by itself.
    var code: Int32
    /// The most memory that it was resident with, bytes; 0 when that is not known.
    var peakBytes = 0

    /// The end in words.
    var description: String {
        signal != 0 ? "ended by signal \(signal) (\(Self.name(of: signal)))" : "exited with \(code)"
    }

    private static func name(of signal: Int32) -> String {
        switch signal {
        case SIGSEGV: "segmentation fault"
        case SIGABRT: "abort"
        case SIGKILL: "killed"
        case SIGBUS: "bus error"
        case SIGFPE: "arithmetic error"
        case SIGILL: "illegal instruction"
        case SIGTERM: "terminated"
        default: "signal \(signal)"
        }
    }
}

/// A program started with a socket at its standard input and output, and a pipe at its standard error.
///
/// Used by one thread at a time.
///
/// The child has a process group of its own, so that a terminal's interrupt reaches the engine only
/// and the engine can drain.
struct ChildProcess {
    /// The outcome of a read or write.
    enum Transfer: Hashable {
        case done
        case closed
        case timedOut
    }

    let pid: pid_t
    private let socket: Int32
    private let errors: ErrorOutput
    /// The peak that the system records at the start: that of the parent process.
    private let inheritedPeak: Int

    /// Starts `path` with `arguments` (without the program's name).
    ///
    /// - Parameters:
    ///   - path: the program.
    ///   - arguments: its arguments.
    ///   - memoryLimit: the bytes of data that the system lets it have; 0 for no limit.
    /// - Throws: ``EngineError`` with the system's reason when the program cannot be started.
    init(path: String, arguments: [String], memoryLimit: Int = 0) throws(EngineError) {
        let errors = try ErrorOutput()
        // One socket pair, closed in every other child: pipes cannot be made so in one step here.
        var ends: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else {
            throw EngineError("cannot make a socket pair: \(String(cString: strerror(errno)))")
        }
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
            close(ends[1])
            errors.closeSink()
        }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, errors.sink, 2)
        // A pricer must not hold the engine's sockets open.
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
        var child = pid_t()
        var words: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) }
        words.append(nil)
        defer { words.forEach { free($0) } }
        var variables: [UnsafeMutablePointer<CChar>?] = ChildEnvironment.ofThisProcess.map {
            strdup($0)
        }
        variables.append(nil)
        defer { variables.forEach { free($0) } }
        let status = posix_spawn(&child, path, &actions, &attributes, words, variables)
        guard status == 0 else {
            close(ends[0])
            throw EngineError("cannot start \(path): \(String(cString: strerror(status)))")
        }
        pid = child
        socket = ends[0]
        self.errors = errors
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        inheritedPeak = usage.ru_maxrss
        if memoryLimit > 0 { cprocess_limit_data(child, UInt(memoryLimit)) }
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
    }

    /// Writes all of `bytes` before `deadline`.
    func write(_ bytes: [UInt8], before deadline: ContinuousClock.Instant) -> Transfer {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = send(
                    socket,
                    buffer.baseAddress?.advanced(by: offset),
                    buffer.count - offset,
                    Int32(MSG_NOSIGNAL)
                )
                if count > 0 {
                    offset += count
                } else if errno == EAGAIN {
                    guard wait(for: Int16(POLLOUT), until: deadline) else { return .timedOut }
                } else if errno != EINTR {
                    return .closed
                }
            }
            return .done
        }
    }

    /// Reads what there is, waiting for the first byte until `deadline`.
    func read(into chunk: inout [UInt8], before deadline: ContinuousClock.Instant) -> Transfer {
        chunk.removeAll(keepingCapacity: true)
        while true {
            let wanted = 65_536
            var count = 0
            chunk = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, filled in
                count = Glibc.read(socket, buffer.baseAddress, wanted)
                filled = max(0, count)
            }
            if count > 0 { return .done }
            if count == 0 { return .closed }
            if errno == EAGAIN {
                guard wait(for: Int16(POLLIN), until: deadline) else { return .timedOut }
            } else if errno != EINTR {
                return .closed
            }
        }
    }

    /// Whether there are bytes to read, or an end.
    var hasInput: Bool {
        var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return poll(&entry, 1, 0) > 0
    }

    /// Takes the lines that the process wrote to standard error, as far as they were read.
    func takeErrorLines() -> ErrorOutput.Lines {
        errors.read()
        return errors.take()
    }

    /// The resident memory of the process in bytes; 0 when it has ended.
    var residentBytes: Int { ProcessMemory.residentBytes(of: pid) }

    /// Ends the process: closes its input, waits up to `grace` for it to exit, then kills it.
    func end(grace: Duration) -> ChildExit {
        shutdown(socket, Int32(SHUT_WR))
        let deadline = ContinuousClock.now + grace
        var status: Int32 = 0
        var usage = rusage()
        var pause: useconds_t = 200
        while true {
            let result = wait4(pid, &status, WNOHANG, &usage)
            if result == pid || (result < 0 && errno != EINTR) { break }
            errors.read()
            if ContinuousClock.now >= deadline {
                kill(pid, SIGKILL)
                while wait4(pid, &status, 0, &usage) < 0 && errno == EINTR {}
                break
            }
            usleep(pause)
            pause = min(pause * 2, 10_000)
        }
        close(socket)
        errors.finish()
        let signal = status & 0x7F
        return ChildExit(
            signal: signal,
            code: signal == 0 ? (status >> 8) & 0xFF : 0,
            peakBytes: usage.ru_maxrss > inheritedPeak ? usage.ru_maxrss << 10 : 0
        )
    }

    // MARK: Private

    private func wait(
        for events: Int16,
        until deadline: ContinuousClock.Instant
    ) -> Bool {
        var entries = [
            pollfd(fd: socket, events: events, revents: 0),
            pollfd(fd: errors.source, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            let parts = left.components
            let milliseconds = parts.seconds * 1_000 + parts.attoseconds / 1_000_000_000_000_000 + 1
            let ready = poll(&entries, 2, Int32(clamping: milliseconds))
            if ready < 0 && errno != EINTR { return true }
            guard ready > 0 else { continue }
            // A child that waits for room there would not answer.
            if entries[1].revents != 0 {
                errors.read()
                entries[1].fd = errors.source
            }
            if entries[0].revents != 0 { return true }
        }
    }
}
