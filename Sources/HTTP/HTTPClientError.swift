/// Why a request got no answer.
public struct HTTPClientError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What went wrong; an open set.
    public struct Code: Hashable, Sendable, CustomStringConvertible {
        /// The code's name.
        public let description: String
        /// The text is not an HTTP address.
        public static let badAddress = Code(description: "bad address")
        /// Connection refused, no such host, or no route to it.
        public static let unreachable = Code(description: "unreachable")
        /// The server's certificate is not trusted.
        public static let untrusted = Code(description: "untrusted")
        /// No answer in time.
        public static let timedOut = Code(description: "timed out")
        /// The connection broke, or the answer is not HTTP.
        public static let interrupted = Code(description: "interrupted")
        /// The answer is larger than permitted.
        public static let tooLarge = Code(description: "too large")
        /// The answer could not be written to its file.
        public static let file = Code(description: "file")
        /// The task was cancelled.
        public static let cancelled = Code(description: "cancelled")
    }

    /// What went wrong.
    public var code: Code
    /// For people, with the address.
    public var reason: String

    /// The reason.
    public var description: String { reason }
}
