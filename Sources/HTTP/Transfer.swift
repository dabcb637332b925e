internal import CCurl
internal import Foundation
internal import Glibc
internal import Operations
internal import Synchronization

/// One request and its answer.
final class Transfer: Sendable {
    private struct State {
        var isCancelled = false
        /// Sendable: libcurl lets any thread wake a multi handle.
        nonisolated(unsafe) var multi: UnsafeMutableRawPointer?
    }

    private let call: HTTPCall
    private let sink: any AnswerSink
    private let configuration: HTTPClient.Configuration
    private let isLocal: Bool
    private let state = Mutex(State())

    /// Prepares a request.
    ///
    /// - Throws: ``HTTPClientError/Code/badAddress`` when the address is none.
    init(
        _ call: HTTPCall,
        sink: any AnswerSink,
        configuration: HTTPClient.Configuration
    ) throws(HTTPClientError) {
        guard let address = URL(string: call.url), let scheme = address.scheme?.lowercased(),
            ["http", "https"].contains(scheme), let host = address.host, !host.isEmpty
        else {
            throw HTTPClientError(
                code: .badAddress,
                reason: "'\(call.url)' is not an address such as http://host:port/path"
            )
        }
        self.call = call
        self.sink = sink
        self.configuration = configuration
        isLocal = host == "localhost" || host.hasPrefix("127.") || host == "::1" || host == "[::1]"
        _ = Self.library
    }

    /// Ends the transfer, from any thread.
    func cancel() {
        state.withLock { state in
            state.isCancelled = true
            if let multi = state.multi { curl_multi_wakeup(multi) }
        }
    }

    /// Makes the request; blocks until the answer is whole.
    func run() -> Result<HTTPAnswer, HTTPClientError> {
        guard let handle = curl_easy_init(), let multi = curl_multi_init() else {
            return .failure(failed(.interrupted, "no memory"))
        }
        defer {
            curl_easy_cleanup(handle)
            curl_multi_cleanup(multi)
        }
        state.withLock { $0.multi = multi }
        defer { state.withLock { $0.multi = nil } }
        do throws(HTTPClientError) {
            let context = try TransferContext(sink: sink, body: call.body, call.url)
            return .success(try perform(handle, multi, context))
        } catch {
            return .failure(error)
        }
    }

    // MARK: Private

    private static let library = curl_global_init(Int(CURL_GLOBAL_ALL))

    private func perform(
        _ handle: UnsafeMutableRawPointer,
        _ multi: UnsafeMutableRawPointer,
        _ context: TransferContext
    ) throws(HTTPClientError) -> HTTPAnswer {
        var list: UnsafeMutablePointer<curl_slist>?
        for (name, value) in headers { list = curl_slist_append(list, "\(name): \(value)") ?? list }
        // Bodies are small or known to be wanted: no question before they are sent.
        list = curl_slist_append(list, "Expect:") ?? list
        defer { curl_slist_free_all(list) }
        let prepared = withExtendedLifetime(context) {
            prepare(handle, list, context)
        }
        guard prepared == CURLE_OK else {
            throw failed(.badAddress, String(cString: curl_easy_strerror(prepared)))
        }
        curl_multi_add_handle(multi, handle)
        defer { curl_multi_remove_handle(multi, handle) }
        let outcome = try wait(handle, multi, context)
        if let failure = context.failure { throw failure }
        // A sink that has enough is no failure.
        guard outcome == CURLE_OK || context.hasEnough else {
            throw reason(of: outcome, curl_connect_errno(handle))
        }
        try context.finish()
        return HTTPAnswer(
            status: context.status,
            headers: context.headers,
            body: try sink.finish()
        )
    }

    private var headers: [String: String] {
        var headers = call.headers
        if let token = configuration.token() { headers["Authorization"] = "Bearer \(token)" }
        switch call.body {
        case .none: break
        case .bytes(_, let contentType): headers["Content-Type"] = contentType
        case .file:
            headers["Content-Type"] = headers["Content-Type"] ?? "application/octet-stream"
        }
        return headers
    }

    private func prepare(
        _ handle: UnsafeMutableRawPointer,
        _ list: UnsafeMutablePointer<curl_slist>?,
        _ context: TransferContext
    ) -> CURLcode {
        context.body.withUnsafeBytes { body in
            call.url.withCString { url in
                call.method.withCString { method in
                    withOptionalCString(configuration.authorities) { authorities in
                        var settings = curl_call(
                            url: url,
                            method: method,
                            headers: list,
                            authorities: authorities,
                            body: nil,
                            body_bytes: -1,
                            send: nil,
                            receive: receivePart,
                            header: receiveHeader,
                            context: Unmanaged.passUnretained(context).toOpaque(),
                            connect_limit: configuration.connectLimit.milliseconds,
                            is_direct: isLocal ? 1 : 0
                        )
                        switch call.body {
                        case .none: break
                        case .bytes(let bytes, _):
                            // An empty body has no address.
                            settings.body =
                                body.baseAddress?.assumingMemoryBound(to: CChar.self)
                            settings.body_bytes = curl_off_t(bytes.count)
                        case .file:
                            settings.send = sendPart
                            settings.body_bytes = curl_off_t(context.fileBytes)
                        }
                        return curl_prepare(handle, &settings)
                    }
                }
            }
        }
    }

    /// Runs the transfer to its end, or until it is idle for too long.
    private func wait(
        _ handle: UnsafeMutableRawPointer,
        _ multi: UnsafeMutableRawPointer,
        _ context: TransferContext
    ) throws(HTTPClientError) -> CURLcode {
        var moved: curl_off_t = 0
        var lastMove = ContinuousClock.now
        while true {
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            if state.withLock({ $0.isCancelled }) { throw failed(.cancelled, "cancelled") }
            let outcome = curl_outcome(multi)
            guard outcome < 0 else { return CURLcode(UInt32(outcome)) }
            let now = curl_moved(handle) + curl_off_t(context.headBytes)
            if now != moved {
                moved = now
                lastMove = .now
            }
            let left = call.timeout - lastMove.duration(to: .now)
            guard left > .zero else { throw failed(.timedOut, "no answer in time") }
            curl_multi_poll(multi, nil, 0, Int32(min(1_000, left.milliseconds + 1)), nil)
        }
    }

    private func reason(of outcome: CURLcode, _ number: Int) -> HTTPClientError {
        switch outcome {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY:
            failed(.unreachable, "no such host")
        case CURLE_COULDNT_CONNECT:
            failed(
                .unreachable,
                [0, Int(ECONNREFUSED)].contains(number)
                    ? "connection refused" : systemText(Int32(truncatingIfNeeded: number))
            )
        case CURLE_OPERATION_TIMEDOUT: failed(.timedOut, "no answer in time")
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2:
            failed(.interrupted, "the answer is not HTTP")
        case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING, CURLE_PARTIAL_FILE:
            failed(.interrupted, "the connection broke")
        case CURLE_PEER_FAILED_VERIFICATION:
            failed(.untrusted, "its certificate is not signed by an authority that is trusted")
        case CURLE_SSL_CACERT_BADFILE:
            failed(
                .untrusted,
                "\(configuration.authorities ?? "the system's list") holds no authorities"
            )
        case CURLE_URL_MALFORMAT: failed(.badAddress, "not an HTTP address")
        default: failed(.interrupted, String(cString: curl_easy_strerror(outcome)))
        }
    }

    private func failed(_ code: HTTPClientError.Code, _ words: String) -> HTTPClientError {
        let verb = code == .unreachable ? "cannot reach" : "cannot get an answer from"
        return HTTPClientError(code: code, reason: "\(verb) \(call.url): \(words)")
    }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(min(self / .milliseconds(1), 1e9)) }
}

private func withOptionalCString<Value>(
    _ text: String?,
    _ body: (UnsafePointer<CChar>?) -> Value
) -> Value {
    guard let text else { return body(nil) }
    return text.withCString(body)
}
