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
    private let headers: [String: String]
    private let receptionist: HTTPReceptionist
    private let handler: HTTPRoute
    private let state = Mutex(State())
    let connections = OpenConnections()
    let streams: OpenStreams

    init(
        limits: HTTPServer.Limits,
        logger: Logger,
        headers: [String: String],
        receptionist: @escaping HTTPReceptionist,
        handler: @escaping HTTPRoute
    ) {
        self.limits = limits
        self.logger = logger
        self.headers = headers
        self.receptionist = receptionist
        self.handler = handler
        streams = OpenStreams(limit: limits.streams)
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
    ///
    /// Returns the answer that it gets at once, without its body; nil when the body is awaited.
    func begin(_ pending: PendingRequest) -> HTTPResponse? {
        state.withLock { $0.open += 1 }
        pending.connection?.enter(.body)
        let headers = headerList(of: pending.handle)
        if let problem = HeadCheck.problem(headers, version: pending.version) {
            pending.mustClose = true
            return .badRequest("the request has \(problem)")
        }
        // Whoever asks whether the program lives must not take a busy one for a dead one.
        guard
            connections.count <= limits.busyConnections
                || ["/livez", "/readyz"].contains(pending.path)
        else {
            return .busy("too many connections")
        }
        guard Self.methods.contains(pending.method) else {
            return .methodNotAllowed(allow: ["GET", "POST", "PUT", "PATCH", "DELETE"])
        }
        pending.headers = Dictionary(headers.map { ($0.name, $0.value) }) { "\($0), \($1)" }
        let request = pending.request(query: queryValues(of: pending.handle))
        switch receptionist(request) {
        case .whole:
            let length = pending.headers["content-length"].flatMap { Int($0) } ?? 0
            guard length <= limits.bodyBytes else { return tooLarge }
        case .refusal(let response):
            return response
        case .upload(let upload):
            pending.upload = upload
        }
        return nil
    }

    /// A request has ended, answered or not.
    func end(_ pending: PendingRequest) {
        pending.end()
        let drained = state.withLock { state in
            state.open -= 1
            return state.open == 0 ? state.drained : nil
        }
        drained?.signal()
    }

    /// Adds a part of a body, up to the limit; the rest is dropped, and noted.
    func receive(_ bytes: UnsafeBufferPointer<UInt8>, into pending: PendingRequest) {
        pending.connection?.add(bytes.count)
        guard !pending.isFull else { return }
        if let upload = pending.upload {
            pending.isFull = !upload.receive(bytes)
        } else if pending.body.count + bytes.count > limits.bodyBytes {
            pending.isFull = true
            pending.body = []
        } else {
            pending.body += bytes
        }
    }

    /// Answers a request whose body has been read.
    func answer(_ pending: PendingRequest) -> MHD_Result {
        pending.connection?.enter(.answer)
        let response: HTTPResponse
        if let upload = pending.upload {
            pending.upload = nil
            response = upload.finish()
        } else if pending.isFull {
            response = tooLarge
        } else {
            let request = pending.request(query: queryValues(of: pending.handle))
            response = handler(request) ?? .notFound("nothing at \(pending.path)")
        }
        httpd_restart_timeout(pending.handle, limits.timeout)
        return queue(response, to: pending)
    }

    private var tooLarge: HTTPResponse {
        .failure("the body exceeds \(limits.bodyBytes) bytes", status: 413)
    }

    private static let methods: Set = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]

    // MARK: Response

    /// Queues a response, whole or as far as the request asks for.
    func queue(_ response: HTTPResponse, to pending: PendingRequest) -> MHD_Result {
        pending.connection?.enter(.answer)
        logger.trace(
            "answered",
            [.url: "\(pending.method) \(pending.path)", .count: String(response.status)]
        )
        var sent = response
        var made = makeBody(&sent, for: pending)
        if made == nil {
            logger.debug("no such response file", [.path: "\(response.body)"])
            sent = .text("the answer cannot be read\n", status: 500)
            made = makeBody(&sent, for: pending)
        }
        guard let made else { return httpd_no() }
        defer { MHD_destroy_response(made) }
        MHD_add_response_header(made, "Content-Type", sent.contentType)
        for (name, value) in headers.merging(sent.headers, uniquingKeysWith: { $1 }) {
            MHD_add_response_header(made, name, value)
        }
        if pending.mustClose { MHD_add_response_header(made, "Connection", "close") }
        return MHD_queue_response(pending.handle, UInt32(clamping: sent.status), made)
    }

    private func makeBody(
        _ response: inout HTTPResponse,
        for pending: PendingRequest
    ) -> OpaquePointer? {
        switch response.body {
        case .bytes(let bytes):
            return bytes.withUnsafeBytes {
                httpd_response($0.baseAddress, $0.count)
            }
        case .stream(let stream):
            guard streams.add(stream) else {
                stream.close()
                response = .busy("too many streams")
                return makeBody(&response, for: pending)
            }
            let sent = SentStream(stream, wait: limits.streamWait, in: streams)
            let context = Unmanaged.passRetained(sent)
            guard let made = httpd_stream(readStream, context.toOpaque(), releaseStream) else {
                sent.end()
                context.release()
                return nil
            }
            return made
        case .file(let path, let deleteAfter):
            return FileAnswer.make(path, deleteAfter: deleteAfter, &response, pending.headers)
        }
    }
}

extension HTTPResponse {
    /// 503, and when to come again.
    static func busy(_ message: String) -> HTTPResponse {
        var response = HTTPResponse.unavailable(message)
        response.headers["Retry-After"] = "5"
        return response
    }
}

/// A request that is being read; one connection's thread uses it at a time.
final class PendingRequest {
    let handle: OpaquePointer
    let connection: OpenConnections.Connection?
    let method: String
    let path: String
    let version: String
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// Whether no more of the body is taken.
    var isFull = false
    /// Whether the connection must not be used again.
    var mustClose = false
    var upload: (any HTTPUpload)?

    init(_ handle: OpaquePointer, method: String, path: String, version: String) {
        self.handle = handle
        self.method = method
        self.path = path
        self.version = version
        connection = httpd_connection_context(handle).map {
            Unmanaged<OpenConnections.Connection>.fromOpaque($0).takeUnretainedValue()
        }
    }

    func request(query: [String: String]) -> HTTPRequest {
        HTTPRequest(
            method: method == "HEAD" ? "GET" : method,
            path: path,
            query: query,
            headers: headers,
            body: body,
            peer: peerAddress(of: handle)
        )
    }

    func end() {
        upload?.abort()
        upload = nil
        connection?.enter(.head)
    }
}
