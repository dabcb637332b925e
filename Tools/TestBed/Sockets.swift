internal import Foundation

/// The system's calls for sockets on loopback.
package enum Sockets {
    /// Returns a port that was free a moment ago.
    package static func freePort() throws -> Int {
        let descriptor = try listen(at: 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size)
            }
        }
        guard status == 0 else { throw TestBedError("no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Listens; children do not inherit the socket, and no call on it blocks.
    package static func listen(at port: Int) throws -> Int32 {
        let descriptor = stream()
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        let isBound = withAddress(of: port) { bind(descriptor, $0, $1) == 0 }
        guard isBound, Foundation.listen(descriptor, 128) == 0 else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw TestBedError("cannot listen at port \(port): \(reason)")
        }
        return descriptor
    }

    package static func accept(from listener: Int32) -> Int32? {
        let descriptor = Foundation.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        makeOwn(descriptor)
        return prompt(descriptor)
    }

    /// Connects to a port of loopback, which succeeds or fails at once.
    package static func connect(to port: Int) -> Int32? {
        let descriptor = stream()
        let isConnected = withAddress(of: port) { address, size in
            Foundation.connect(descriptor, address, size) == 0 || errno == EINPROGRESS
        }
        guard isConnected else {
            close(descriptor)
            return nil
        }
        return prompt(descriptor)
    }

    /// Ends a connection with RST.
    package static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(
            descriptor,
            SOL_SOCKET,
            SO_LINGER,
            &option,
            socklen_t(MemoryLayout<linger>.size)
        )
        close(descriptor)
    }

    package static func close(_ descriptor: Int32) {
        _ = Foundation.close(descriptor)
    }

    // MARK: - Waking

    package static func pipe() throws -> (reading: Int32, writing: Int32) {
        var ends: [Int32] = [0, 0]
        guard Foundation.pipe(&ends) == 0 else { throw TestBedError("no pipe") }
        ends.forEach(makeOwn)
        return (ends[0], ends[1])
    }

    package static func wake(_ writing: Int32) {
        var byte: UInt8 = 1
        _ = write(writing, &byte, 1)
    }

    package static func drain(_ reading: Int32) {
        var bytes = [UInt8](repeating: 0, count: 64)
        while read(reading, &bytes, bytes.count) > 0 {}
    }

    // MARK: - Private

    private static func stream() -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        return socket(AF_INET, kind, 0)
    }

    /// No call on it blocks, and children do not inherit it.
    private static func makeOwn(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    private static func prompt(_ descriptor: Int32) -> Int32 {
        var on: Int32 = 1
        let size = socklen_t(MemoryLayout<Int32>.size)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
        return descriptor
    }

    private static func withAddress<Result>(
        of port: Int,
        _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
