/// A request that a client makes.
public struct HTTPCall: Sendable {
    /// What is sent after the head.
    public enum Body: Sendable {
        /// Nothing.
        case none
        /// These bytes.
        case bytes([UInt8], contentType: String)
        /// A file's bytes from an offset to its end, as they are read.
        case file(path: String, from: Int64)
    }

    /// As `GET`.
    public var method: String
    /// With scheme.
    public var url: String
    /// More headers, by name.
    public var headers: [String: String]
    /// What is sent after the head.
    public var body: Body
    /// How long the connection may be idle.
    public var timeout: Duration

    /// A request.
    public init(
        method: String = "GET",
        url: String,
        headers: [String: String] = [:],
        body: Body = .none,
        timeout: Duration = .seconds(30)
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
        self.timeout = timeout
    }
}
