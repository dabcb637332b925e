public import HTTP

/// What knows the jobs: the aggregator.
public protocol JobsSource: Sendable {
    /// Asks for a path, as `/v1/jobs/eod-1/trades?limit=100`, and returns the answer as it is.
    ///
    /// Blocks the caller; bounded in time.
    func get(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse

    /// Asks for a large answer, which is handed on as it comes.
    func stream(_ path: String, headers: [String: String]) throws(Problem) -> HTTPResponse
}
