// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Whether a job was held up, and whether it goes on.
public struct JobHold: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; numbers that this version does not know survive.
    public var rawValue: Int32

    /// Makes a value from its number on the wire.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Not said.
    public static let unspecified = JobHold(rawValue: 0)

    /// No further batch of the job is priced for now.
    public static let paused = JobHold(rawValue: 1)

    /// It was paused, and goes on.
    public static let resumed = JobHold(rawValue: 2)
}
