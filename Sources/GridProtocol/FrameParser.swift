/// Splits the bytes of a pipe into frames: four bytes of length, big-endian, then a message.
public struct FrameParser: Sendable {
    private let maximumLength: Int
    private var buffer: [UInt8] = []
    private var start = 0

    /// Makes a parser that refuses messages over `maximumLength` bytes.
    public init(maximumLength: Int = PricerFrames.maximumLength) {
        self.maximumLength = maximumLength
    }

    /// Bytes that are not part of a complete frame yet.
    public var pendingBytes: Int { buffer.count - start }

    /// Adds received bytes; a part of a frame, or several frames.
    public mutating func append(_ bytes: some Collection<UInt8>) {
        if start > 0, start >= buffer.count / 2 {
            buffer.removeFirst(start)
            start = 0
        }
        buffer.append(contentsOf: bytes)
    }

    /// Returns the next whole message, or nil when more bytes are needed.
    ///
    /// - Throws: ``WireError/Code/tooLarge`` for a length over the limit, again at every call: the
    ///   stream cannot be followed any further.
    public mutating func next() throws(WireError) -> [UInt8]? {
        guard pendingBytes >= 4 else { return nil }
        let length = buffer[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumLength else {
            throw WireError(
                code: .tooLarge,
                reason: "a frame of \(length) bytes is over the limit of \(maximumLength)"
            )
        }
        guard pendingBytes - 4 >= length else { return nil }
        let message = Array(buffer[start + 4..<start + 4 + length])
        start += 4 + length
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: buffer.capacity <= 1 << 20)
            start = 0
        }
        return message
    }

    /// Tells that the stream has ended.
    ///
    /// - Throws: ``WireError/Code/truncated`` when it ended inside a frame.
    public func finish() throws(WireError) {
        guard pendingBytes > 0 else { return }
        throw WireError(
            code: .truncated,
            reason: "the stream ended \(pendingBytes) bytes into a frame"
        )
    }
}
