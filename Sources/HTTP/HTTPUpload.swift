/// Takes a request's body as it comes, instead of whole.
///
/// Its functions are called on the connection's thread, in order.
public protocol HTTPUpload: AnyObject {
    /// Takes the next part.
    ///
    /// Returns whether more is wanted; what comes after a no is dropped, and ``finish()`` answers.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool

    /// Answers, after the body's last part.
    func finish() -> HTTPResponse

    /// The connection ended before the body did.
    func abort()
}

/// What a server does with a body, decided by the request's head.
public enum HTTPReception {
    /// Reads it whole, up to the server's limit, and asks the route.
    case whole
    /// Answers at once and does not read it.
    case refusal(HTTPResponse)
    /// Hands it over as it comes.
    case upload(any HTTPUpload)
}

/// Decides by a request's head, whose body is still empty.
public typealias HTTPReceptionist = @Sendable (HTTPRequest) -> HTTPReception
