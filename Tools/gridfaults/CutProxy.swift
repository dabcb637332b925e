internal import Foundation
internal import Synchronization
internal import TestBed

/// Passes connections on to one address, until it is told to cut them.
///
/// One thread owns all sockets; others only set what it is to do and wake it.
final class CutProxy: Sendable {
    /// What happens to connections.
    private enum Phase {
        case open
        case refusing
        case silent
        /// Open until the next commit passes, then silent.
        case armed
        /// Silent, and in the end what is connected is reset.
        case poisoned
        case ended
    }

    private struct State {
        var phase = Phase.open
        /// How often a commit's request has passed whose answer does not.
        var commits = 0
    }

    let port: Int
    private let target: Int
    private let wakeEnds: (reading: Int32, writing: Int32)
    private let state = Mutex(State())

    /// Starts to listen.
    ///
    /// - Parameters:
    ///   - port: where, on loopback.
    ///   - target: the port on loopback that connections are passed on to.
    /// - Throws: when the port is taken.
    init(port: Int, target: Int) throws {
        self.port = port
        self.target = target
        let (reading, writing) = try Sockets.pipe()
        wakeEnds = (reading, writing)
        let listener = try Sockets.listen(at: port)
        let thread = Thread { [self] in serve(from: listener) }
        thread.name = "cut-proxy"
        thread.start()
    }

    /// How often a commit's request has passed whose answer was held back for good.
    var cutCommits: Int { state.withLock { $0.commits } }

    func cut(_ cut: Cut) {
        switch cut {
        case .refused: become(.refusing)
        case .silent: become(.silent)
        case .commit: become(.armed)
        }
    }

    func mend() {
        become(.open)
    }

    func end() {
        become(.ended)
    }

    private func become(_ phase: Phase) {
        state.withLock { state in
            if state.phase != .ended { state.phase = phase }
        }
        Sockets.wake(wakeEnds.writing)
    }

    // MARK: - The thread

    private func serve(from first: Int32) {
        var listener: Int32? = first
        var pairs: [ProxiedPair] = []
        var last = Phase.open
        while true {
            let phase = state.withLock { $0.phase }
            if phase != last {
                // What lost an answer for good must not go on as if it had not.
                if phase == .refusing || last == .poisoned || phase == .ended {
                    pairs.forEach { $0.reset() }
                    pairs = []
                }
                last = phase
            }
            guard phase != .ended else { break }
            if phase == .refusing {
                listener.take().map { _ = close($0) }
            } else if listener == nil {
                listener = try? Sockets.listen(at: port)
            }
            let isPassing = phase == .open || phase == .armed
            var polled = [pollfd(fd: wakeEnds.reading, events: Int16(POLLIN), revents: 0)]
            if isPassing {
                polled.append(pollfd(fd: listener ?? -1, events: Int16(POLLIN), revents: 0))
                polled += pairs.flatMap(\.polled)
            }
            guard poll(&polled, nfds_t(polled.count), 200) > 0 else { continue }
            Sockets.drain(wakeEnds.reading)
            guard isPassing else { continue }
            pass(pairs: &pairs, polled)
            if polled[1].revents != 0, let listener, let pair = accept(from: listener) {
                pairs.append(pair)
            }
        }
        listener.map { _ = close($0) }
        Sockets.close(wakeEnds.reading)
    }

    private func pass(pairs: inout [ProxiedPair], _ polled: [pollfd]) {
        for index in pairs.indices {
            let place = 2 + index * 2
            pairs[index].receive(polled[place].revents, polled[place + 1].revents)
            // The request passes and nothing after it.
            guard pairs[index].hasCommit else { continue }
            pairs[index].hasCommit = false
            let isCut = state.withLock { state in
                guard state.phase == .armed else { return false }
                state.phase = .poisoned
                state.commits += 1
                return true
            }
            pairs[index].flush()
            guard !isCut else { break }
        }
        guard state.withLock({ $0.phase }) != .poisoned else { return }
        for index in pairs.indices { pairs[index].flush() }
        for pair in pairs where pair.isOver { pair.close() }
        pairs.removeAll(where: \.isOver)
    }

    private func accept(from listener: Int32) -> ProxiedPair? {
        guard let client = Sockets.accept(from: listener) else { return nil }
        guard let server = Sockets.connect(to: target) else {
            Sockets.reset(client)
            return nil
        }
        return ProxiedPair(client: client, server: server)
    }
}
