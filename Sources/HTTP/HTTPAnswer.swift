/// The answer of a server.
public struct HTTPAnswer: Hashable, Sendable {
    /// As 200.
    public var status: Int
    /// By lower-case name.
    public var headers: [String: String]
    /// The body, whole.
    public var body: [UInt8]

    /// Makes an answer.
    public init(status: Int, headers: [String: String], body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
