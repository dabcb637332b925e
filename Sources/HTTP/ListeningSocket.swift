internal import Glibc
internal import Operations

/// A TCP socket that listens.
struct ListeningSocket {
    let descriptor: Int32
    let port: Int

    /// Listens on the first usable address of a host.
    init(host: String, port: Int) throws(HTTPServerError) {
        let place = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, String(port), &hints, &list)
        guard status == 0 else {
            throw HTTPServerError(
                reason: "cannot listen on \(place): \(String(cString: gai_strerror(status)))"
            )
        }
        defer { freeaddrinfo(list) }
        var problem = "no address"
        var next = list
        while let address = next {
            switch Self.listen(on: address.pointee) {
            case .success(let found):
                (descriptor, self.port) = found
                return
            case .failure(let reason):
                problem = reason.text
            }
            next = address.pointee.ai_next
        }
        throw HTTPServerError(reason: "cannot listen on \(place): \(problem)")
    }

    private struct Reason: Error {
        var text: String
    }

    private static func listen(on address: addrinfo) -> Result<(Int32, Int), Reason> {
        let descriptor = socket(
            address.ai_family,
            address.ai_socktype | Int32(SOCK_CLOEXEC.rawValue),
            address.ai_protocol
        )
        guard descriptor >= 0 else { return .failure(Reason(text: systemText(errno))) }
        var on: Int32 = 1
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_REUSEADDR,
            &on,
            socklen_t(MemoryLayout<Int32>.size)
        )
        guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0,
            Glibc.listen(descriptor, 128) == 0, let port = Self.port(of: descriptor)
        else {
            let reason = Reason(text: systemText(errno))
            close(descriptor)
            return .failure(reason)
        }
        return .success((descriptor, port))
    }

    private static func port(of descriptor: Int32) -> Int? {
        var storage = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutableBytes(of: &storage) { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            let address = base.assumingMemoryBound(to: sockaddr.self)
            guard getsockname(descriptor, address, &length) == 0 else { return nil }
            // The port is at the same place for IPv4 and IPv6, in network order.
            return Int(bytes[2]) << 8 | Int(bytes[3])
        }
    }
}
