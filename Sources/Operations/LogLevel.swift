/// How much a log line matters, least first.
public enum LogLevel: String, CaseIterable, Comparable, Hashable, Sendable {
    /// Every step, for who hunts a bug.
    case trace
    /// What a developer wants to see.
    case debug
    /// What happens when all is well.
    case info
    /// Well, but worth a look.
    case notice
    /// Not well, and the program carries on.
    case warning
    /// Something was not done.
    case error

    /// Whether a level matters less than another.
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
