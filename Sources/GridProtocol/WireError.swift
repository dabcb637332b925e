/// Why bytes are not the message they should be, or a message not the values it should hold.
public struct WireError: Error, Hashable, Sendable {
    /// A kind of error, for programs; an open set.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The spelling in logs and dead letters.
        public let rawValue: String
        /// Makes a code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The bytes end inside a field.
        public static let truncated = Code(rawValue: "truncated")
        /// A number, tag or length that no encoder writes.
        public static let malformed = Code(rawValue: "malformed")
        /// Text that is not UTF-8, or has so many combining marks that comparing it is slow.
        public static let invalidText = Code(rawValue: "invalid_text")
        /// Messages within messages, deeper than ``WireLimits/maximumDepth``.
        public static let tooDeep = Code(rawValue: "too_deep")
        /// More bytes or elements than ``WireLimits`` allow.
        public static let tooLarge = Code(rawValue: "too_large")
        /// A well-formed message with an invalid value: an unknown name, a position past the
        /// end of a list.
        public static let invalidValue = Code(rawValue: "invalid_value")
    }

    /// For programs.
    public var code: Code
    /// Where in the bytes, from 0; nil when the bytes are well-formed and a value is not valid.
    public var offset: Int?
    /// For people; one sentence without a full stop.
    public var reason: String

    /// Makes an error.
    public init(code: Code, offset: Int? = nil, reason: String) {
        self.code = code
        self.offset = offset
        self.reason = reason
    }

    static func invalid(_ reason: String) -> WireError {
        WireError(code: .invalidValue, reason: reason)
    }
}

extension WireError: CustomStringConvertible {
    /// The reason, with its place.
    public var description: String {
        guard let offset else { return reason }
        return "\(reason) (at byte \(offset))"
    }
}

/// What decoding refuses, so that hostile bytes cost no more than their length deserves.
public struct WireLimits: Hashable, Sendable {
    /// Bytes of a whole message; 64 MiB by default.
    public var maximumBytes = 64 << 20
    /// Messages within messages; 32 by default.
    public var maximumDepth = 32
    /// Messages, texts and byte strings in lists, all together; 524,288 by default.
    ///
    /// An element can take two bytes on the wire and some hundred in memory.
    public var maximumElements = 1 << 19

    /// Makes the default limits.
    public init() {}
}
