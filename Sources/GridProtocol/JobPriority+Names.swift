extension JobPriority {
    /// The priorities that a job can be submitted with, the usual one first.
    public static let all: [JobPriority] = [.eod, .intraday]

    /// How command lines and reports spell it; what this version does not know is end of day.
    public var name: String { self == .intraday ? "intraday" : "eod" }

    /// The priority by which the job is treated: what is not said or not known is end of day.
    public var normalized: JobPriority { self == .intraday ? .intraday : .eod }

    /// The priority of a name; nil for no priority's.
    public init?(name: String) {
        guard let priority = Self.all.first(where: { $0.name == name }) else { return nil }
        self = priority
    }
}
