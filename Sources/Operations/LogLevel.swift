/// The severity of a log line, lowest first.
public enum LogLevel: String, CaseIterable, Comparable, Hashable, Sendable {
    /// Every step, for debugging.
    case trace
    /// Details for developers.
    case debug
    /// Normal operation.
    case info
    /// Normal, but remarkable.
    case notice
    /// A problem; the program continues.
    case warning
    /// A failure.
    case error

    /// Whether a level is lower than another.
    public static func < (lhs: LogLevel, rhs: LogLevel) -> Bool {
        lhs.rank < rhs.rank
    }

    private var rank: Int {
        switch self {
        case .trace: 0
        case .debug: 1
        case .info: 2
        case .notice: 3
        case .warning: 4
        case .error: 5
        }
    }
}

/// How log lines are written.
public enum LogFormat: String, CaseIterable, Hashable, Sendable {
    /// For people: time, level, label, message, `key=value`.
    case text
    /// For collectors: one JSON object a line, metadata flat under its dotted keys.
    case json
}
