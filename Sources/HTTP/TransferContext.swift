internal import CCurl
internal import Glibc

/// What libcurl's callbacks of one transfer share; its thread uses it alone.
final class TransferContext {
    let body: [UInt8]
    private(set) var status = 0
    private(set) var headers: [String: String] = [:]
    /// Bytes of heads that came, to see that something came.
    private(set) var headBytes = 0
    private(set) var failure: HTTPClientError?
    /// Whether the sink wants no more.
    private(set) var hasEnough = false
    /// Bytes that are sent of the file.
    let fileBytes: Int64
    private let sink: any AnswerSink
    private let file: Int32
    private var hasBegun = false

    init(sink: any AnswerSink, body: HTTPCall.Body, _ url: String) throws(HTTPClientError) {
        self.sink = sink
        switch body {
        case .none:
            (self.body, file, fileBytes) = ([], -1, 0)
        case .bytes(let bytes, _):
            (self.body, file, fileBytes) = (bytes, -1, 0)
        case .file(let path, let offset):
            self.body = []
            file = open(path, O_RDONLY | O_CLOEXEC)
            let size = file < 0 ? -1 : Int64(lseek(file, 0, SEEK_END))
            guard size >= offset, offset >= 0, lseek(file, off_t(offset), SEEK_SET) >= 0 else {
                if file >= 0 { close(file) }
                throw HTTPClientError(
                    code: .file,
                    reason: "cannot send \(path) to \(url): it cannot be read"
                )
            }
            fileBytes = size - offset
        }
    }

    deinit {
        if file >= 0 { close(file) }
    }

    private var head: HTTPAnswer { HTTPAnswer(status: status, headers: headers, body: []) }

    /// Takes a line of a head.
    func take(header line: String, bytes: Int) {
        headBytes += bytes
        if line.hasPrefix("HTTP/") {
            // An interim answer is followed by another.
            headers = [:]
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        } else if let colon = line.firstIndex(of: ":") {
            let value = line[line.index(after: colon)...]
            headers[line[..<colon].lowercased()] = String(
                value.drop { $0 == " " || $0 == "\t" }.prefix { !$0.isNewline }
            )
        }
    }

    /// Takes a part of the body; returns whether more is wanted.
    func take(_ part: [UInt8]) -> Bool {
        do throws(HTTPClientError) {
            if !hasBegun {
                hasBegun = true
                hasEnough = try !sink.begin(head)
            }
            if !hasEnough { hasEnough = try !sink.receive(part) }
            return !hasEnough
        } catch {
            failure = error
            return false
        }
    }

    /// Tells the sink of the head where no body came.
    func finish() throws(HTTPClientError) {
        guard !hasBegun else { return }
        hasBegun = true
        hasEnough = try !sink.begin(head)
    }

    /// Fills a buffer with the next part of the file; nil when it cannot be read.
    func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int? {
        let count = read(file, buffer.baseAddress, buffer.count)
        return count < 0 ? nil : count
    }
}

/// libcurl has a line of the head.
func receiveHeader(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    Unmanaged<TransferContext>.fromOpaque(context).takeUnretainedValue()
        .take(header: String(decoding: line, as: UTF8.self), bytes: line.count)
    return line.count
}

/// libcurl has a part of the body.
func receivePart(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return 0 }
    let part = UnsafeRawBufferPointer(start: bytes, count: size * count)
    let isWanted = Unmanaged<TransferContext>.fromOpaque(context).takeUnretainedValue()
        .take(Array(part))
    return isWanted ? part.count : 0
}

/// libcurl wants the next part of a file.
func sendPart(
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    guard let bytes, let context else { return Int(CURL_READFUNC_ABORT) }
    let buffer = UnsafeMutableRawBufferPointer(start: bytes, count: size * count)
    return Unmanaged<TransferContext>.fromOpaque(context).takeUnretainedValue().fill(buffer)
        ?? Int(CURL_READFUNC_ABORT)
}
