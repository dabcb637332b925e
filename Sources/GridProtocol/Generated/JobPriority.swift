// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Whose batches go first; not specified is end of day.
public struct JobPriority: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; numbers that this version does not know survive.
    public var rawValue: Int32

    /// Makes a value from its number on the wire.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Not said.
    public static let unspecified = JobPriority(rawValue: 0)

    /// Topic `batches`.
    public static let eod = JobPriority(rawValue: 1)

    /// Topic `batches.intraday`, whose batches are priced before any others.
    public static let intraday = JobPriority(rawValue: 2)
}
