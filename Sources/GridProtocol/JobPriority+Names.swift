extension JobPriority {
    /// The priorities that a job can be submitted with, the usual one first.
    public static let all: [JobPriority] = [.eod, .intraday]

    /// The name in command lines and reports; values that this version does not know are end of
    /// day.
    public var name: String { self == .intraday ? "intraday" : "eod" }

    /// The effective priority: an absent or unknown value is end of day.
    public var normalized: JobPriority { self == .intraday ? .intraday : .eod }

    /// The priority of a name; nil for no priority's.
    public init?(name: String) {
        guard let priority = Self.all.first(where: { $0.name == name }) else { return nil }
        self = priority
    }
}
