internal import Operations
internal import Synchronization

/// Takes an answer's body, part by part, on one thread at a time.
protocol AnswerSink: Sendable {
    /// The head has come; returns whether the body is wanted.
    func begin(_ head: HTTPAnswer) throws(HTTPClientError) -> Bool
    /// A part of the body has come; returns whether more is wanted.
    func receive(_ part: [UInt8]) throws(HTTPClientError) -> Bool
    /// All has come; returns what is kept in memory.
    func finish() throws(HTTPClientError) -> [UInt8]
}

/// Keeps the body in memory, up to a limit.
final class MemorySink: AnswerSink {
    private let limit: Int
    private let bytes = Mutex<[UInt8]>([])

    init(limit: Int) {
        self.limit = limit
    }

    func begin(_ head: HTTPAnswer) -> Bool { true }

    func receive(_ part: [UInt8]) throws(HTTPClientError) -> Bool {
        let isWithin = bytes.withLock { bytes in
            guard bytes.count + part.count <= limit else { return false }
            bytes += part
            return true
        }
        guard isWithin else {
            throw HTTPClientError(
                code: .tooLarge,
                reason: "the answer is larger than \(limit) bytes"
            )
        }
        return true
    }

    func finish() -> [UInt8] {
        bytes.withLock { $0 }
    }
}

/// Writes the body of an answer 200 to a file that appears when it is whole.
final class DownloadSink: AnswerSink {
    /// A box, because an optional of a noncopyable type is awkward in a mutex.
    private struct Open: ~Copyable {
        var file: AtomicFile?
    }

    private let path: String
    private let rewriting: (@Sendable ([UInt8]) -> [UInt8])?
    private let open = Mutex(Open())

    init(path: String, rewriting: (@Sendable ([UInt8]) -> [UInt8])?) {
        self.path = path
        self.rewriting = rewriting
    }

    func begin(_ head: HTTPAnswer) throws(HTTPClientError) -> Bool {
        guard head.status == 200 else { return true }
        let path = path
        try attempt { open in open.file = try AtomicFile(path: path) }
        return true
    }

    func receive(_ part: [UInt8]) throws(HTTPClientError) -> Bool {
        let bytes = rewriting?(part) ?? part
        try attempt { open in try open.file?.write(bytes) }
        return true
    }

    func finish() throws(HTTPClientError) -> [UInt8] {
        try attempt { open in
            guard let file = open.file.take() else { return }
            try file.commit()
        }
        return []
    }

    private func attempt(_ body: (inout Open) throws -> Void) throws(HTTPClientError) {
        do {
            try open.withLock { try body(&$0) }
        } catch {
            let reason = (error as? FileError)?.reason ?? "cannot write \(path): \(error)"
            throw HTTPClientError(code: .file, reason: reason)
        }
    }
}

/// Hands the body over.
struct StreamSink: AnswerSink {
    let onHead: @Sendable (HTTPAnswer) -> Bool
    let onPart: @Sendable ([UInt8]) -> Bool

    func begin(_ head: HTTPAnswer) -> Bool { onHead(head) }

    func receive(_ part: [UInt8]) -> Bool { onPart(part) }

    func finish() -> [UInt8] { [] }
}
