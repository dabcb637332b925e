internal import GridProtocol

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
    public func response(to request: JobsRequest) -> JobsResponse? {
        response(to: request, at: WireClock.now())
    }

    /// Returns the answer to a request; nil when the path is another.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(to request: JobsRequest, at time: Int64) -> JobsResponse? {
        guard request.path == "/engines" || request.path == "/engines/" else { return nil }
        var text = JSONWriter()
        guard request.method == "GET" || request.method == "HEAD" else {
            text.begin("{")
            text.field(
                "error",
                inline: [
                    ("code", .text("method_not_allowed")),
                    ("message", .text("engines are read-only here: use GET")),
                ]
            )
            text.end("}")
            return JobsResponse(status: 405, json: text)
        }
        text.begin("[")
        for engine in engines(time) {
            text.key("")
            engine.append(to: &text)
        }
        text.end("]")
        return JobsResponse(status: 200, json: text)
    }
}

extension JobsResponse {
    init(status: Int, json: JSONWriter) {
        self.init(
            status: status,
            contentType: "application/json",
            body: .bytes(json.text.bytes + [0x0A])
        )
    }
}
