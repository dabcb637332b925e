internal import Glibc
internal import Synchronization

/// Progress on a terminal, as one line that changes; elsewhere as plain lines now and then.
public final class ProgressLine: Sendable {
    private struct State {
        var lastWritten: ContinuousClock.Instant?
        var shown: String?
        var pending: String?
    }

    private let isTerminal: Bool
    private let width: Int
    private let interval: Duration
    private let now: @Sendable () -> ContinuousClock.Instant
    private let output: @Sendable (String) -> Void
    private let state = Mutex(State())

    /// Progress on a file descriptor.
    ///
    /// - Parameters:
    ///   - descriptor: standard error unless told.
    ///   - plainInterval: the least time between two lines where there is no terminal.
    public convenience init(descriptor: Int32 = 2, plainInterval: Duration = .seconds(5)) {
        let isTerminal = isatty(descriptor) == 1
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20
        self.init(
            isTerminal: isTerminal,
            width: isKnown ? Int(size.ws_col) - 1 : 79,
            interval: isTerminal ? .milliseconds(100) : plainInterval,
            now: { ContinuousClock.now },
            output: { writeAll(Array($0.utf8), to: descriptor) }
        )
    }

    init(
        isTerminal: Bool,
        width: Int,
        interval: Duration,
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        output: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.width = width
        self.interval = interval
        self.now = now
        self.output = output
    }

    /// Shows a text, unless one was shown a moment ago.
    ///
    /// - Parameter text: one line; cut to the terminal's width.
    public func show(_ text: String) {
        let line = TerminalText.escaped(String(text.prefix { !$0.isNewline }))
        let time = now()
        state.withLock { state in
            if let last = state.lastWritten, last.duration(to: time) < interval {
                state.pending = line
                return
            }
            state.lastWritten = time
            write(line, &state)
        }
    }

    /// Shows the last text, or another, and ends the line; the next text begins a new one.
    public func finish(_ text: String? = nil) {
        state.withLock { state in
            if let last = text.map({ TerminalText.escaped($0) }) ?? state.pending {
                write(last, &state)
            }
            if isTerminal, state.shown != nil { output("\n") }
            state = State()
        }
    }

    /// Takes the line off the terminal, so that something else can be printed.
    public func clear() {
        state.withLock { state in
            guard isTerminal, state.shown != nil else { return }
            output("\r\u{1B}[K")
            state.shown = nil
            state.lastWritten = nil
        }
    }

    private func write(_ line: String, _ state: inout State) {
        state.pending = nil
        guard line != state.shown else { return }
        state.shown = line
        output(isTerminal ? "\r\(line.prefix(width))\u{1B}[K" : "\(line)\n")
    }
}
