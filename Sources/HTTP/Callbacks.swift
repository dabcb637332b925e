internal import CMicrohttpd
internal import Glibc

// What libmicrohttpd calls, on a connection's thread.

/// For a request's head, each part of its body, and its end.
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
        let pending = PendingRequest(
            connection,
            method: String(cString: method),
            path: String(cString: url),
            version: version.map { String(cString: $0) } ?? ""
        )
        request.pointee = Unmanaged.passRetained(pending).toOpaque()
        guard let refusal = exchanges.begin(pending) else { return httpd_yes() }
        return exchanges.queue(refusal, to: pending)
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
    return exchanges.answer(pending)
}

/// When a request is answered or lost.
func releaseRequest(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ reason: MHD_RequestTerminationCode
) {
    guard let context, let request, let opaque = request.pointee else { return }
    request.pointee = nil
    let pending = Unmanaged<PendingRequest>.fromOpaque(opaque).takeRetainedValue()
    Unmanaged<HTTPExchanges>.fromOpaque(context).takeUnretainedValue().end(pending)
}

/// When a connection begins and ends.
func noteConnection(
    _ context: UnsafeMutableRawPointer?,
    _ connection: OpaquePointer?,
    _ own: UnsafeMutablePointer<UnsafeMutableRawPointer?>?,
    _ code: MHD_ConnectionNotificationCode
) {
    guard let context, let connection, let own else { return }
    let connections = Unmanaged<HTTPExchanges>.fromOpaque(context).takeUnretainedValue().connections
    if httpd_has_started(code) != 0 {
        let made = OpenConnections.Connection(socket: httpd_socket(connection))
        own.pointee = Unmanaged.passRetained(made).toOpaque()
        connections.add(made)
    } else if let opaque = own.pointee {
        own.pointee = nil
        connections.remove(
            Unmanaged<OpenConnections.Connection>.fromOpaque(opaque).takeRetainedValue()
        )
    }
}

/// Gives the next part of a stream's body.
func readStream(
    _ context: UnsafeMutableRawPointer?,
    _ position: UInt64,
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int
) -> Int {
    guard let context, let buffer, size > 0 else { return httpd_end() }
    let sent = Unmanaged<SentStream>.fromOpaque(context).takeUnretainedValue()
    return sent.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size))
}

/// When a stream's body is needed no more.
func releaseStream(_ context: UnsafeMutableRawPointer?) {
    guard let context else { return }
    Unmanaged<SentStream>.fromOpaque(context).takeRetainedValue().end()
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

/// The decoded query; the last of several values of a name.
func queryValues(of connection: OpaquePointer) -> [String: String] {
    let found = FoundValues()
    httpd_query(connection, FoundValues.collect, Unmanaged.passUnretained(found).toOpaque())
    return Dictionary(found.values.map { ($0.name, $0.value) }) { $1 }
}

/// The headers as they were sent, names in lower case.
func headerList(of connection: OpaquePointer) -> [(name: String, value: String)] {
    let found = FoundValues()
    httpd_headers(connection, FoundValues.collect, Unmanaged.passUnretained(found).toOpaque())
    return found.values.map { ($0.name.lowercased(), $0.value) }
}

/// The address of who asks, without port; empty when it is not known.
func peerAddress(of connection: OpaquePointer) -> String {
    guard let address = httpd_peer(connection) else { return "" }
    let length =
        address.pointee.sa_family == sa_family_t(AF_INET6)
        ? MemoryLayout<sockaddr_in6>.size : MemoryLayout<sockaddr_in>.size
    var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    let status = getnameinfo(
        address,
        socklen_t(length),
        &text,
        socklen_t(text.count),
        nil,
        0,
        NI_NUMERICHOST
    )
    guard status == 0 else { return "" }
    return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
