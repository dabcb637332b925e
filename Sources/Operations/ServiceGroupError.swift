/// Why a group of services ended otherwise than by a shutdown.
public struct ServiceGroupError: Error, Hashable, Sendable {
    /// What happened; an open set.
    public struct Code: Hashable, Sendable {
        /// The code's name.
        public let name: String
        /// A service returned although nobody had shut it down.
        public static let returnedUnexpectedly = Code(name: "returned unexpectedly")
        /// Services were cancelled because the period of grace was over.
        public static let graceExceeded = Code(name: "grace exceeded")
    }

    /// What happened.
    public var code: Code
    /// For people.
    public var reason: String
}

extension ServiceGroupError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}
