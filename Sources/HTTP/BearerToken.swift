/// A secret that a request has to carry as `Authorization: Bearer TOKEN`.
public struct BearerToken: Sendable {
    /// What tokens look like, for error messages.
    public static let expectation = "one line of 16...512 visible ASCII characters"

    private let bytes: [UInt8]

    /// Makes a token, or nil when the text is not as ``expectation`` says.
    ///
    /// `text`: a line feed at its end is left out.
    public init?(_ text: String) {
        bytes = Array(text.utf8.last == 0x0A ? text.utf8.dropLast() : text.utf8[...])
        guard (16...512).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
    }

    /// The token, for the client that shows it.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether a request carries the token; takes the same time for every wrong one of its length.
    public func isCarried(by request: HTTPRequest) -> Bool {
        guard let header = request.headers["authorization"],
            let space = header.firstIndex(of: " "),
            header[..<space].lowercased() == "bearer"
        else { return false }
        let shown = Array(header[header.index(after: space)...].utf8)
        guard shown.count == bytes.count else { return false }
        return zip(shown, bytes).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    /// A route that only answers requests that carry the token; the others get 401.
    ///
    /// - Parameters:
    ///   - route: what answers.
    ///   - refusal: the body of the 401.
    /// - Returns: the guarded route.
    public func guarding(_ route: @escaping HTTPRoute, refusal: HTTPResponse) -> HTTPRoute {
        { request in
            guard !isCarried(by: request) else { return route(request) }
            var response = refusal
            response.status = 401
            response.headers["WWW-Authenticate"] = "Bearer"
            return response
        }
    }
}
