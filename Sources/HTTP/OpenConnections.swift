internal import Dispatch
internal import Glibc
internal import Operations
internal import Synchronization

/// The connections of a server, and what each is at.
///
/// libmicrohttpd's own limit counts a connection as busy with every byte; what comes too slowly to
/// be meant is shut here.
final class OpenConnections: Sendable {
    /// A connection; its thread and the sweep share it.
    final class Connection: Sendable {
        struct State {
            var socket: Int32
            /// What is waited for, and since when.
            var phase = Phase.head
            /// Whether no request has come yet.
            var isFirst = true
            var since = ContinuousClock.now
            var bytes = 0
        }

        enum Phase {
            case head
            case body
            case answer
        }

        let state: Mutex<State>

        init(socket: Int32) {
            state = Mutex(State(socket: socket))
        }

        func enter(_ phase: Phase) {
            state.withLock { state in
                state.phase = phase
                state.since = .now
                state.bytes = 0
                state.isFirst = false
            }
        }

        func add(_ count: Int) {
            state.withLock { $0.bytes += count }
        }
    }

    private struct Table {
        var connections: [ObjectIdentifier: Connection] = [:]
        var isWatched = false
    }

    private let table = Mutex(Table())
    private let ended = DispatchSemaphore(value: 0)

    /// How many there are.
    var count: Int { table.withLock { $0.connections.count } }

    func add(_ connection: Connection) {
        table.withLock { $0.connections[ObjectIdentifier(connection)] = connection }
    }

    /// Removes a connection; its socket is not touched afterwards.
    func remove(_ connection: Connection) {
        _ = table.withLock { $0.connections.removeValue(forKey: ObjectIdentifier(connection)) }
    }

    /// Shuts what is too slow, about every second, on a thread of its own, and has the certificate
    /// looked at as often as the limits say.
    func watch(_ limits: HTTPServer.Limits, renew: @escaping @Sendable () -> Void) {
        table.withLock { $0.isWatched = true }
        startNewThread { [weak self] in
            var turn = 0
            while let self, self.ended.wait(timeout: .now() + .seconds(1)) == .timedOut {
                self.shutSlow(limits, at: .now)
                turn += 1
                if turn % max(1, limits.certificateSeconds) == 0 { renew() }
            }
        }
    }

    /// Ends the watch.
    func endWatch() {
        let isWatched = table.withLock { table in
            defer { table.isWatched = false }
            return table.isWatched
        }
        if isWatched { ended.signal() }
    }

    private func shutSlow(_ limits: HTTPServer.Limits, at time: ContinuousClock.Instant) {
        // The table's lock keeps the sockets open while they are shut.
        table.withLock { table in
            for connection in table.connections.values {
                connection.state.withLock { state in
                    let passed = state.since.duration(to: time)
                    switch state.phase {
                    case .head:
                        // Between requests a connection may be idle first.
                        let idle = state.isFirst ? 0 : Int(limits.timeout)
                        guard passed > .seconds(limits.headSeconds + idle) else { return }
                    case .body:
                        guard limits.leastBodyRate > 0, passed > limits.bodyWindow else { return }
                        let least = Double(limits.leastBodyRate) * (passed / .seconds(1))
                        let isSlow = Double(state.bytes) < least
                        state.since = time
                        state.bytes = 0
                        guard isSlow else { return }
                    case .answer: return
                    }
                    shutdown(state.socket, Int32(SHUT_RDWR))
                }
            }
        }
    }
}
