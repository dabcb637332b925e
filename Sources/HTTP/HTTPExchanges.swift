internal import CMicrohttpd
internal import Dispatch
internal import Glibc
internal import Operations
internal import Synchronization

/// The state shared by a server's callbacks: its handler, its limits, the number of open requests.
final class HTTPExchanges: Sendable {
    private struct State {
        var open = 0
        var drained: DispatchSemaphore?
    }

    private let limits: HTTPServer.Limits
    private let logger: Logger
    private let handler: HTTPRoute
    private let state = Mutex(State())

    init(limits: HTTPServer.Limits, logger: Logger, handler: @escaping HTTPRoute) {
        self.limits = limits
        self.logger = logger
        self.handler = handler
    }

    /// Waits until no request is open, for a limited time.
    func drain(atMost limit: Duration) {
        let semaphore = DispatchSemaphore(value: 0)
        let isIdle = state.withLock { state in
            state.drained = semaphore
            return state.open == 0
        }
        guard !isIdle else { return }
        _ = semaphore.wait(timeout: .now() + .milliseconds(Int(limit / .milliseconds(1))))
    }

    /// A request begins: its head has been read.
    func begin() {
        state.withLock { $0.open += 1 }
    }

    /// A request has ended, answered or not.
    func end() {
        let drained = state.withLock { state in
            state.open -= 1
            return state.open == 0 ? state.drained : nil
        }
        drained?.signal()
    }

    /// Adds a part of a body, up to the limit; the rest is dropped, and noted.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>, into pending: PendingRequest) {
        guard !pending.isTooLarge else { return }
        if pending.body.count + bytes.count > limits.bodyBytes {
            pending.isTooLarge = true
            pending.body = []
        } else {
            pending.body += bytes
        }
    }

    /// Calls the handler and queues its response.
    func answer(
        _ pending: PendingRequest,
        on connection: OpaquePointer,
        method: String,
        path: String
    ) -> MHD_Result {
        let response: HTTPResponse
        if pending.isTooLarge {
            response = .failure("the body exceeds \(limits.bodyBytes) bytes", status: 413)
        } else if Self.methods.contains(method) {
            let request = HTTPRequest(
                method: method == "HEAD" ? "GET" : method,
                path: path,
                query: queryValues(of: connection),
                headers: headerValues(of: connection),
                body: pending.body
            )
            response = handler(request) ?? .notFound("nothing at \(path)")
        } else {
            response = .methodNotAllowed(allow: ["GET", "POST", "PUT", "PATCH", "DELETE"])
        }
        logger.trace(
            "answered",
            [.url: "\(method) \(path)", .count: String(response.status)]
        )
        httpd_restart_timeout(connection, UInt32(clamping: max(1, limits.idleSeconds)))
        return queue(response, on: connection)
    }

    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    // MARK: Response

    private func queue(_ response: HTTPResponse, on connection: OpaquePointer) -> MHD_Result {
        var status = response.status
        var type = response.contentType
        var made = Self.makeBody(response.body)
        if made == nil {
            logger.debug("no such response file", [.path: "\(response.body)"])
            status = 500
            type = "text/plain; charset=utf-8"
            made = Self.makeBody(.bytes(Array("the answer cannot be read\n".utf8)))
        }
        guard let made else { return httpd_no() }
        defer { MHD_destroy_response(made) }
        MHD_add_response_header(made, "Content-Type", type)
        for (name, value) in response.headers { MHD_add_response_header(made, name, value) }
        return MHD_queue_response(connection, UInt32(clamping: status), made)
    }

    private static func makeBody(_ body: HTTPResponse.Body) -> OpaquePointer? {
        switch body {
        case .bytes(let bytes):
            return bytes.withUnsafeBytes {
                httpd_response($0.baseAddress, $0.count)
            }
        case .file(let path, let deleteAfter):
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { return nil }
            if deleteAfter { unlink(path) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
                let response = MHD_create_response_from_fd64(UInt64(status.st_size), descriptor)
            else {
                close(descriptor)
                return nil
            }
            return response
        }
    }
}

/// A request whose body is being read; one connection's thread uses it at a time.
final class PendingRequest {
    var body: [UInt8] = []
    var isTooLarge = false
}

// MARK: Callbacks

/// libmicrohttpd's access handler: called for the head, each part of the body, and the end.
func answerRequest(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?,
    _ version: UnsafePointer<CChar>?,
    _ upload: UnsafePointer<CChar>?,
    _ uploadSize: UnsafeMutablePointer<Int>?,
    _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    guard let context, let connection, let url, let method, let uploadSize, let request else {
        return httpd_no()
    }
    let exchanges = Unmanaged<HTTPExchanges>.fromOpaque(context).takeUnretainedValue()
    guard let opaque = request.pointee else {
        request.pointee = Unmanaged.passRetained(PendingRequest()).toOpaque()
        exchanges.begin()
        return httpd_yes()
    }
    let pending = Unmanaged<PendingRequest>.fromOpaque(opaque).takeUnretainedValue()
    guard uploadSize.pointee == 0 else {
        let count = uploadSize.pointee
        upload?.withMemoryRebound(to: UInt8.self, capacity: count) {
            exchanges.receive(UnsafeBufferPointer(start: $0, count: count), into: pending)
        }
        uploadSize.pointee = 0
        return httpd_yes()
    }
    return exchanges.answer(
        pending,
        on: connection,
        method: String(cString: method),
        path: String(cString: url)
    )
}

/// libmicrohttpd's completion handler: the request is answered or lost.
func releaseRequest(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let context, let request, let opaque = request.pointee else { return }
    request.pointee = nil
    Unmanaged<PendingRequest>.fromOpaque(opaque).release()
    Unmanaged<HTTPExchanges>.fromOpaque(context).takeUnretainedValue().end()
}

/// Names and values that an iterator of libmicrohttpd finds.
private final class FoundValues {
    var values: [(name: String, value: String)] = []

    static let collect: MHD_KeyValueIterator = { context, _, name, value in
        guard let context, let name else { return httpd_yes() }
        let text = value.map { String(cString: $0) } ?? ""
        Unmanaged<FoundValues>.fromOpaque(context).takeUnretainedValue().values
            .append((String(cString: name), text))
        return httpd_yes()
    }
}

private func queryValues(of connection: OpaquePointer) -> [String: String] {
    let found = FoundValues()
    httpd_query(connection, FoundValues.collect, Unmanaged.passUnretained(found).toOpaque())
    return Dictionary(found.values.map { ($0.name, $0.value) }) { $1 }
}

private func headerValues(of connection: OpaquePointer) -> [String: String] {
    let found = FoundValues()
    httpd_headers(connection, FoundValues.collect, Unmanaged.passUnretained(found).toOpaque())
    return Dictionary(found.values.map { ($0.name.lowercased(), $0.value) }) { "\($0), \($1)" }
}
