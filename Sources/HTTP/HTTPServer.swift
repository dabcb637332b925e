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
/// A request is read whole before the handler is called, on the connection's thread, so a slow
/// handler does not delay other requests; when all connections are taken, further ones are closed.
///
/// It answers until it is stopped or the process ends: releasing the object does not stop it.
public final class HTTPServer: Sendable {
    /// The resource limits of a server.
    public struct Limits: Hashable, Sendable {
        /// Connections at a time, idle ones included.
        public var connections = 128
        /// Bytes of a request's body; a larger one is answered with 413.
        public var bodyBytes = 16 << 20
        /// Seconds until an idle connection is closed.
        public var idleSeconds = 30
        /// How long ``HTTPServer/stop()`` waits for requests that are being answered.
        public var drain: Duration = .seconds(3)

        /// The defaults.
        public init() {}
    }

    /// The port it listens on, the system's choice when 0 was asked for.
    public let port: Int
    private let exchanges: HTTPExchanges
    private let daemon: Mutex<Running?>
    private let limits: Limits
    private let hasStopped = ShutdownSignal()

    /// Sendable: libmicrohttpd's calls are thread-safe, and one caller takes it to stop it.
    private struct Running: @unchecked Sendable {
        var daemon: OpaquePointer
        var context: Unmanaged<HTTPExchanges>
    }

    /// Starts to listen and to answer.
    ///
    /// - Parameters:
    ///   - host: a name or address; `0.0.0.0` for all.
    ///   - port: 0 for any free one.
    ///   - limits: its resource limits.
    ///   - logger: gets each request at level trace.
    ///   - handler: called on many threads at a time; nil is answered with 404.
    /// - Throws: ``HTTPServerError`` when it cannot listen there.
    public init(
        host: String = "127.0.0.1",
        port: Int = 0,
        limits: Limits = Limits(),
        logger: Logger,
        handler: @escaping HTTPRoute
    ) throws(HTTPServerError) {
        let socket = try ListeningSocket(host: host, port: port)
        self.port = socket.port
        self.limits = limits
        exchanges = HTTPExchanges(limits: limits, logger: logger, handler: handler)
        let context = Unmanaged.passRetained(exchanges)
        let started = httpd_start(
            socket.descriptor,
            UInt32(clamping: max(1, limits.connections)),
            UInt32(clamping: max(1, limits.idleSeconds)),
            2 << 20,
            answerRequest,
            releaseRequest,
            context.toOpaque()
        )
        guard let started else {
            context.release()
            close(socket.descriptor)
            throw HTTPServerError(reason: "cannot serve HTTP on \(host):\(socket.port)")
        }
        daemon = Mutex(Running(daemon: started, context: context))
    }

    /// Stops: no new connections; open requests are finished, for a limited time.
    ///
    /// Blocks the caller; ``shutdown()`` does not.
    public func stop() {
        guard
            let running = daemon.withLock({ daemon in
                defer { daemon = nil }
                return daemon
            })
        else { return }
        let listening = MHD_quiesce_daemon(running.daemon)
        exchanges.drain(atMost: limits.drain)
        MHD_stop_daemon(running.daemon)
        if listening >= 0 { close(listening) }
        running.context.release()
        hasStopped.trigger()
    }
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
