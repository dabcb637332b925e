internal import CMicrohttpd
internal import Glibc
public import Operations
internal import Synchronization

/// Why a server could not start.
public struct HTTPServerError: Error, Hashable, Sendable {
    /// For people, with host and port.
    public var reason: String
}

/// An HTTP/1.1 server over libmicrohttpd: a thread a connection, both bounded.
///
/// A request is read whole before its route is asked, unless the receptionist wants the body as it
/// comes. Both run on the connection's thread, so a slow handler does not delay other requests.
///
/// It answers until it is stopped or the process ends: releasing the object does not stop it.
public final class HTTPServer: Sendable {
    /// The resource limits of a server.
    public struct Limits: Hashable, Sendable {
        /// Connections at a time, idle ones included; further ones are closed.
        public var connections = 128
        /// Connections at a time from which on requests are answered with 503.
        public var busyConnections = Int.max
        /// Connections at a time of one address; 0 for no limit, as behind a proxy.
        public var connectionsOfAnAddress = 0
        /// Streams at a time; a further one is answered with 503.
        public var streams = 64
        /// Bytes of a request's body.
        ///
        /// A larger one is answered with 413; uploads bound themselves.
        public var bodyBytes = 16 << 20
        /// Seconds until an idle connection is closed, at most 3,600.
        public var idleSeconds = 30
        /// Seconds within which a request's head must have come whole.
        public var headSeconds = 20
        /// Bytes a second below which a body is given up; 0 for no limit.
        public var leastBodyRate = 16 << 10
        /// Over how long that rate is measured.
        public var bodyWindow: Duration = .seconds(10)
        /// Seconds between looks whether the certificate was renewed.
        public var certificateSeconds = 10
        /// How long ``HTTPServer/stop()`` waits for requests that are being answered.
        public var drain: Duration = .seconds(3)

        /// The defaults.
        public init() {}
    }

    /// The port it listens on, the system's choice when 0 was asked for.
    public let port: Int
    private let exchanges: HTTPExchanges
    private let daemons: Mutex<Daemons>
    private let limits: Limits
    private let tls: TLSFiles?
    private let logger: Logger
    private let hasStopped = ShutdownSignal()

    /// One of libmicrohttpd's daemons.
    private struct Daemon {
        var handle: OpaquePointer
        /// A duplicate of the server's socket, from which it accepts.
        var socket: Int32

        /// Accepts no more.
        func quiesce() { _ = MHD_quiesce_daemon(handle) }

        /// Ends it, after ``quiesce()``, from when on its socket is ours to close.
        func stop() {
            MHD_stop_daemon(handle)
            close(socket)
        }
    }

    /// Sendable: libmicrohttpd's calls are thread-safe, and what stops a daemon takes it first.
    private struct Daemons: @unchecked Sendable {
        /// The one that accepts; nil when stopped.
        var current: Daemon?
        /// Those that only finish their connections, of earlier certificates.
        var earlier: [Daemon] = []
        var context: Unmanaged<HTTPExchanges>
        var socket: Int32
    }

    /// Starts to listen and to answer.
    ///
    /// - Parameters:
    ///   - host: a name or address; `0.0.0.0` for all.
    ///   - port: 0 for any free one.
    ///   - limits: its resource limits.
    ///   - tls: the certificate; nil for plain HTTP.
    ///   - logger: gets each request at level trace.
    ///   - headers: those of every answer that has no other by the name, refusals included.
    ///   - receptionist: decides what is done with a body; by default all are read whole.
    ///   - handler: called on many threads at a time; nil is answered with 404.
    /// - Throws: ``HTTPServerError`` when it cannot listen there, or the certificate is none.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        limits: Limits = Limits(),
        tls: TLSFiles? = nil,
        logger: Logger,
        headers: [String: String] = [:],
        receptionist: @escaping HTTPReceptionist = { _ in .whole },
        handler: @escaping HTTPRoute
    ) throws(HTTPServerError) {
        let identity = try tls?.read()
        let socket = try ListeningSocket(host: host, port: port)
        self.port = socket.port
        self.limits = limits
        self.tls = tls
        self.logger = logger
        exchanges = HTTPExchanges(
            limits: limits,
            logger: logger,
            headers: headers,
            receptionist: receptionist,
            handler: handler
        )
        let context = Unmanaged.passRetained(exchanges)
        guard let started = Self.start(socket.descriptor, limits, identity, context) else {
            context.release()
            close(socket.descriptor)
            throw HTTPServerError(
                reason: tls.map {
                    "cannot serve HTTPS on \(host):\(socket.port): \($0.certificate) and \($0.key)"
                        + " are no certificate and its key"
                } ?? "cannot serve HTTP on \(host):\(socket.port)"
            )
        }
        daemons = Mutex(
            Daemons(current: started, context: context, socket: socket.descriptor)
        )
        exchanges.connections.watch(limits) { [weak self] in self?.renewCertificate() }
    }

    /// Stops: no new connections; open requests are finished, for a limited time, and streams end.
    ///
    /// Blocks the caller; ``shutdown()`` does not.
    public func stop() {
        let taken = daemons.withLock { state -> Daemons? in
            guard state.current != nil else { return nil }
            defer {
                state.current = nil
                state.earlier = []
            }
            return state
        }
        guard let taken, let current = taken.current else { return }
        exchanges.connections.endWatch()
        current.quiesce()
        exchanges.streams.closeAll()
        exchanges.drain(atMost: limits.drain)
        for daemon in taken.earlier { daemon.stop() }
        current.stop()
        close(taken.socket)
        taken.context.release()
        hasStopped.trigger()
    }

    // MARK: Private

    private static func start(
        _ socket: Int32,
        _ limits: Limits,
        _ identity: TLSFiles.Identity?,
        _ context: Unmanaged<HTTPExchanges>
    ) -> Daemon? {
        // A daemon that cannot start closes the socket that it was given.
        let own = fcntl(socket, F_DUPFD_CLOEXEC, 0)
        guard own >= 0 else { return nil }
        func start(_ certificate: UnsafePointer<CChar>?, _ key: UnsafePointer<CChar>?) -> Daemon? {
            var settings = httpd_settings(
                listen_socket: own,
                connection_limit: UInt32(clamping: max(1, limits.connections)),
                address_limit: UInt32(clamping: limits.connectionsOfAnAddress),
                timeout_seconds: limits.timeout,
                stack_bytes: 2 << 20,
                pool_bytes: 128 << 10,
                certificate: certificate,
                key: key,
                handler: answerRequest,
                completed: releaseRequest,
                connected: noteConnection,
                context: context.toOpaque()
            )
            return httpd_start(&settings).map { Daemon(handle: $0, socket: own) }
        }
        guard let identity else { return start(nil, nil) }
        return identity.certificate.withCString { certificate in
            identity.key.withCString { key in start(certificate, key) }
        }
    }

    /// Lets new connections have a certificate that was renewed; those that are open keep theirs.
    private func renewCertificate() {
        guard let tls else { return }
        daemons.withLock { state in
            for daemon in state.earlier where httpd_connections(daemon.handle) == 0 {
                daemon.stop()
                state.earlier.removeAll { $0.handle == daemon.handle }
            }
            guard let old = state.current, let identity = tls.renewed() else { return }
            guard let new = Self.start(state.socket, limits, identity, state.context) else {
                tls.refuse(identity)
                logger.warning(
                    "the renewed certificate does not fit its key, the earlier one stays",
                    [.path: tls.certificate]
                )
                return
            }
            tls.use(identity)
            old.quiesce()
            state.earlier.append(old)
            state.current = new
            logger.info("the renewed certificate is in use", [.path: tls.certificate])
        }
    }
}

extension HTTPServer.Limits {
    /// What libmicrohttpd takes: it multiplies by 1,000 in 32 bits.
    var timeout: UInt32 { UInt32(clamping: min(3_600, max(1, idleSeconds))) }

    /// How long a stream waits before it sends its keep-alive.
    var streamWait: Duration { .milliseconds(min(15_000, Int(timeout) * 500)) }
}

extension HTTPServer: GracefulService {
    /// Returns when the server has been stopped; when cancelled it stops the server.
    public func run() async throws {
        await hasStopped.wait()
        if Task.isCancelled { await shutdown() }
    }

    /// Stops the server.
    public func shutdown() async {
        await onNewThread { self.stop() }
    }
}

extension HTTPServerError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}
