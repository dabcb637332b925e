/// Why a pricer did not answer a question about trades.
public struct TradeAnalysisError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A kind of failure, for programs.
    public enum Code: String, Sendable {
        /// As many questions as are allowed are being answered.
        case busy
        /// The trades or the market cannot be used.
        case badInput = "bad_input"
        /// The pricer took too long.
        case timedOut = "timed_out"
        /// The pricer could not be run, died, or gave no answer.
        case failed
    }

    /// For programs.
    public var code: Code
    /// For people; one sentence.
    public var reason: String

    /// The reason.
    public var description: String { reason }

    init(_ code: Code, _ reason: String) {
        self.code = code
        self.reason = reason
    }
}
