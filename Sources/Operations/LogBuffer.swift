internal import Synchronization

/// Holds the latest log lines until they are published, up to a limit.
///
/// When it is full the oldest line is dropped and counted: logging never waits.
public final class LogBuffer: Sendable {
    private struct State {
        var lines: [LogLine] = []
        var dropped = 0
    }

    private let state = Mutex(State())
    private let capacity: Int

    /// A buffer of at most `capacity` lines, 1 or more.
    public init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// Adds a line; pass it as ``Logger/sink``.
    public func append(_ line: LogLine) {
        state.withLock {
            if $0.lines.count >= capacity {
                let excess = $0.lines.count - capacity + 1
                $0.lines.removeFirst(excess)
                $0.dropped += excess
            }
            $0.lines.append(line)
        }
    }

    /// Takes up to `maximum` lines, oldest first, and the number dropped since the last call.
    public func drain(maximum: Int = .max) -> (lines: [LogLine], dropped: Int) {
        state.withLock { state in
            let taken = Array(state.lines.prefix(maximum))
            state.lines.removeFirst(taken.count)
            defer { state.dropped = 0 }
            return (taken, state.dropped)
        }
    }
}
