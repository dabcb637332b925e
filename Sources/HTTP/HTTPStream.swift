/// A body that is made while it is sent: server-sent events, lines of JSON.
///
/// The connection's thread asks for the next part when the one before has been sent, so that a
/// reader that is slow costs no memory here: what it misses is for the source to bound.
public final class HTTPStream: Sendable {
    /// What comes next of a body.
    public enum Part: Hashable, Sendable {
        /// These bytes.
        case bytes([UInt8])
        /// Nothing came within the time; the server sends the keep-alive.
        case nothing
        /// The body is at its end.
        case end
        /// The body cannot go on: the connection breaks, so that nobody takes a part for the whole.
        case failure
    }

    /// What is sent when nothing comes, to find out whether the reader is there: a comment of
    /// server-sent events, an empty line of JSON lines.
    let keepAlive: [UInt8]
    /// Waits for the next part, at most for the time given.
    public let next: @Sendable (Duration) -> Part
    /// Ends the body.
    public let close: @Sendable () -> Void

    /// Makes a body.
    ///
    /// - Parameters:
    ///   - keepAlive: what is sent when nothing comes.
    ///   - next: waits for the next part, at most for the time given; called on one thread at a
    ///     time.
    ///   - close: called once or more, from any thread, when the connection or the server ends;
    ///     it ends a wait of `next`, which must return ``Part/end`` from then on.
    public init(
        keepAlive: [UInt8],
        next: @escaping @Sendable (Duration) -> Part,
        close: @escaping @Sendable () -> Void
    ) {
        self.keepAlive = keepAlive
        self.next = next
        self.close = close
    }
}

extension HTTPStream: Hashable {
    /// Whether they are one body.
    public static func == (left: HTTPStream, right: HTTPStream) -> Bool { left === right }

    /// Hashes which body it is.
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
