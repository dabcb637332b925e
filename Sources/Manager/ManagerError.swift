/// Why something of compute-manager cannot be done, one sentence.
public struct ManagerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// For people.
    public var description: String

    init(_ description: String) { self.description = description }
}
