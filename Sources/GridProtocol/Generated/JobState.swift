// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What the submitter says of a job.
public struct JobState: RawRepresentable, Hashable, Sendable {
    /// The number on the wire; numbers that this version does not know survive.
    public var rawValue: Int32

    /// Makes a value from its number on the wire.
    public init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Not said.
    public static let unspecified = JobState(rawValue: 0)

    /// Batches are being written; written before the first of them.
    public static let submitting = JobState(rawValue: 1)

    /// Every batch is written.
    public static let submitted = JobState(rawValue: 2)

    /// The desk gave the job up.
    public static let cancelled = JobState(rawValue: 3)
}
