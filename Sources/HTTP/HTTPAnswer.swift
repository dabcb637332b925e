/// The answer of a server.
public struct HTTPAnswer: Hashable, Sendable {
    /// As 200.
    public var status: Int
    /// By lower-case name.
    public var headers: [String: String]
    /// The body, whole.
    public var body: [UInt8]

    /// The body as text.
    public var text: String { String(decoding: body, as: UTF8.self) }
}
