internal import GridAPI
internal import GridProtocol
public import HTTP
public import Ledger

/// Answers `GET /engines`: every engine that is known, as a JSON array.
public struct EnginesAPI: Sendable {
    private let engines: @Sendable (Int64) -> [EngineStatus]

    /// Makes the route.
    ///
    /// - Parameter engines: the engines at a time, microseconds since 1970 UTC.
    public init(engines: @escaping @Sendable (Int64) -> [EngineStatus]) {
        self.engines = engines
    }

    /// Returns the answer to a request; nil when the path is another.
    public func response(to request: HTTPRequest) -> HTTPResponse? {
        response(to: request, at: WireClock.now())
    }

    /// Returns the answer to a request; nil when the path is another.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(to request: HTTPRequest, at time: Int64) -> HTTPResponse? {
        guard request.path == "/engines" || request.path == "/engines/" else { return nil }
        guard request.method == "GET" || request.method == "HEAD" else {
            return answer(
                APIFailure(
                    code: "method_not_allowed",
                    message: "engines are read-only here: use GET"
                ),
                status: 405
            )
        }
        return answer(engines(time).map(\.description))
    }
}
