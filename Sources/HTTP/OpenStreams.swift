internal import CMicrohttpd
internal import Synchronization

/// The streams that a server is sending.
final class OpenStreams: Sendable {
    private struct State {
        var streams: Set<HTTPStream> = []
        var isClosed = false
    }

    private let limit: Int
    private let state = Mutex(State())

    init(limit: Int) {
        self.limit = limit
    }

    /// Adds a stream; returns whether there is room.
    func add(_ stream: HTTPStream) -> Bool {
        state.withLock { state in
            guard !state.isClosed, state.streams.count < limit else { return false }
            state.streams.insert(stream)
            return true
        }
    }

    func remove(_ stream: HTTPStream) {
        _ = state.withLock { $0.streams.remove(stream) }
    }

    /// Ends all of them, and admits no other.
    func closeAll() {
        let open = state.withLock { state in
            state.isClosed = true
            return state.streams
        }
        for stream in open { stream.close() }
    }
}

/// A stream that is being sent; the connection's thread uses it alone.
final class SentStream {
    let stream: HTTPStream
    let wait: Duration
    private let open: OpenStreams
    private var rest: ArraySlice<UInt8> = []

    init(_ stream: HTTPStream, wait: Duration, in open: OpenStreams) {
        self.stream = stream
        self.wait = wait
        self.open = open
    }

    /// Fills a part of the buffer; returns how much of it, or what ends the body.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        while rest.isEmpty {
            switch stream.next(wait) {
            case .bytes(let bytes): rest = bytes[...]
            case .nothing: rest = stream.keepAlive[...]
            case .end: return httpd_end()
            case .failure: return httpd_failure()
            }
        }
        let count = min(buffer.count, rest.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
    }

    /// The connection needs it no more.
    func end() {
        open.remove(stream)
        stream.close()
    }
}
