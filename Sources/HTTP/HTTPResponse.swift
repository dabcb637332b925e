internal import Operations
/// What a server answers.
public struct HTTPResponse: Hashable, Sendable {
    /// What comes after the headers.
    public enum Body: Hashable, Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// A file's bytes, streamed, or the range that the request asks for; it may be deleted, at
        /// once when it has been opened.
        case file(path: String, deleteAfter: Bool)
        /// Parts as they are made, until the stream ends.
        case stream(HTTPStream)
    }

    /// As 200.
    public var status: Int
    /// As `text/plain; charset=utf-8`.
    public var contentType: String
    /// More headers, by name.
    public var headers: [String: String]
    /// What comes after the headers.
    public var body: Body

    /// A response.
    ///
    /// - Parameters:
    ///   - status: as 200.
    ///   - contentType: as `application/json`.
    ///   - headers: more headers, by name.
    ///   - body: what comes after them.
    public init(
        status: Int = 200,
        contentType: String,
        headers: [String: String] = [:],
        body: Body
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A text.
    public static func text(_ text: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            contentType: "text/plain; charset=utf-8",
            body: .bytes(Array(text.utf8))
        )
    }

    /// JSON, encoded already.
    public static func json(_ json: String, status: Int = 200) -> HTTPResponse {
        .json(Array(json.utf8), status: status)
    }

    /// JSON, encoded already.
    public static func json(_ json: [UInt8], status: Int = 200) -> HTTPResponse {
        HTTPResponse(status: status, contentType: "application/json", body: .bytes(json))
    }

    /// A page.
    public static func html(_ html: String, status: Int = 200) -> HTTPResponse {
        HTTPResponse(
            status: status,
            contentType: "text/html; charset=utf-8",
            body: .bytes(Array(html.utf8))
        )
    }

    /// A failure as JSON: `{"error": message}`.
    public static func failure(_ message: String, status: Int) -> HTTPResponse {
        .json("{\"error\":\(JSONWriter.quoted(message))}\n", status: status)
    }

    /// 404: not found.
    public static func notFound(_ message: String = "not found") -> HTTPResponse {
        .failure(message, status: 404)
    }

    /// 400: the request is wrong.
    public static func badRequest(_ message: String) -> HTTPResponse {
        .failure(message, status: 400)
    }

    /// 405: the path exists, but not for this method.
    public static func methodNotAllowed(allow methods: [String]) -> HTTPResponse {
        let names = methods.contains("GET") ? methods + ["HEAD"] : methods
        var response = HTTPResponse.failure(
            "method not allowed; allowed: \(names.joined(separator: ", "))",
            status: 405
        )
        response.headers["Allow"] = names.joined(separator: ", ")
        return response
    }

    /// Server-sent events, one after the other until the source ends.
    public static func events(_ stream: HTTPStream) -> HTTPResponse {
        HTTPResponse(
            contentType: "text/event-stream; charset=utf-8",
            headers: ["Cache-Control": "no-store", "X-Accel-Buffering": "no"],
            body: .stream(stream)
        )
    }

    /// 503: unavailable.
    public static func unavailable(_ message: String) -> HTTPResponse {
        .failure(message, status: 503)
    }
}
