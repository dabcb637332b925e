internal import Glibc
internal import Synchronization

/// Signals of the operating system, handed to a closure on a thread of their own.
public enum ProcessSignals {
    /// The writing end of the pipe between the handler and the thread; -1 before there is one.
    private static let pipeEnd = Atomic<Int32>(-1)
    private static let receivers = Mutex<[Int32: @Sendable (Int32) -> Void]>([:])

    /// Calls the closure for each of these signals, one call at a time; replaces what was set.
    ///
    /// SIGPIPE is ignored from here on, so that writing to a closed pipe is an error and no death.
    /// SIGHUP stays ignored where it is, as under `nohup`.
    public static func watch(_ signals: [Int32], _ handler: @escaping @Sendable (Int32) -> Void) {
        receivers.withLock { for number in signals { $0[number] = handler } }
        startThread()
        signal(SIGPIPE, SIG_IGN)
        for number in signals {
            if number == SIGHUP, isIgnored(number) { continue }
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { number in
                let saved = errno
                var byte = UInt8(truncatingIfNeeded: number)
                write(ProcessSignals.pipeEnd.load(ordering: .relaxed), &byte, 1)
                errno = saved
            }
            action.sa_flags = Int32(SA_RESTART)
            sigaction(number, &action, nil)
        }
    }

    /// Gives these signals back to the system's defaults.
    public static func unwatch(_ signals: [Int32]) {
        for number in signals where number != SIGHUP || !isIgnored(number) {
            signal(number, SIG_DFL)
        }
        receivers.withLock { for number in signals { $0[number] = nil } }
    }

    /// The name of a signal, as `SIGTERM`.
    public static func name(of signal: Int32) -> String {
        switch signal {
        case SIGHUP: "SIGHUP"
        case SIGINT: "SIGINT"
        case SIGQUIT: "SIGQUIT"
        case SIGILL: "SIGILL"
        case SIGABRT: "SIGABRT"
        case SIGBUS: "SIGBUS"
        case SIGFPE: "SIGFPE"
        case SIGKILL: "SIGKILL"
        case SIGUSR1: "SIGUSR1"
        case SIGSEGV: "SIGSEGV"
        case SIGUSR2: "SIGUSR2"
        case SIGPIPE: "SIGPIPE"
        case SIGTERM: "SIGTERM"
        default: "signal \(signal)"
        }
    }

    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    // MARK: Thread

    private static func startThread() {
        guard pipeEnd.load(ordering: .acquiring) < 0 else { return }
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let exchange = pipeEnd.compareExchange(
            expected: -1,
            desired: ends[1],
            ordering: .acquiringAndReleasing
        )
        guard exchange.exchanged else {
            close(ends[0])
            close(ends[1])
            return
        }
        let readingEnd = ends[0]
        startNewThread {
            var byte: UInt8 = 0
            while true {
                let count = read(readingEnd, &byte, 1)
                if count == 1 {
                    let handler = receivers.withLock { $0[Int32(byte)] }
                    handler?(Int32(byte))
                } else if count == 0 || errno != EINTR {
                    return
                }
            }
        }
    }
}
