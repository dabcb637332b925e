/// A request, read whole.
public struct HTTPRequest: Hashable, Sendable {
    /// As `GET`; a HEAD is answered as a GET without its body, and is GET here.
    public var method: String
    /// The decoded path, beginning with a slash, without the query.
    public var path: String
    /// The decoded query; the last of several values of a name.
    public var query: [String: String]
    /// By lower-case name; several values of a name are joined with commas.
    public var headers: [String: String]
    /// The body; empty when there is none, or when it is taken as it comes.
    public var body: [UInt8]
    /// The address of who asks, without port: `127.0.0.1`; empty when it is not known.
    public var peer: String

    /// A request.
    ///
    /// - Parameters:
    ///   - method: as `GET`.
    ///   - path: decoded, beginning with a slash.
    ///   - query: decoded.
    ///   - headers: by lower-case name.
    ///   - body: may be empty.
    ///   - peer: an address without port.
    public init(
        method: String = "GET",
        path: String,
        query: [String: String] = [:],
        headers: [String: String] = [:],
        body: [UInt8] = [],
        peer: String = ""
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.peer = peer
    }

    /// The path's parts between slashes, empty ones left out.
    public var pathComponents: [String] {
        path.split(separator: "/").map(String.init)
    }
}
