/// Why an engine cannot go on.
public struct EngineError: Error, Hashable, Sendable {
    /// One sentence for people.
    public var reason: String

    /// Makes an error.
    public init(_ reason: String) {
        self.reason = reason
    }
}

extension EngineError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}

/// A batch is left to another engine.
struct HandedBack: Error {}

/// A batch's job was cancelled: nobody wants its result.
struct JobCancelled: Error {}
