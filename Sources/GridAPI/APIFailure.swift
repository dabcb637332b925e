/// Why the aggregator refuses a request: `{"error": {"code", "message"}}`.
public struct APIFailure: Hashable, Sendable, Codable {
    /// The cause.
    public struct Cause: Hashable, Sendable, Codable {
        /// For programs, as `unknown_job`.
        public var code: String
        /// For people, one sentence.
        public var message: String

        /// Makes a cause.
        public init(code: String, message: String) {
            self.code = code
            self.message = message
        }
    }

    /// The cause.
    public var error: Cause

    /// Makes a failure.
    public init(code: String, message: String) {
        error = Cause(code: code, message: message)
    }
}
