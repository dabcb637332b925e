internal import Foundation
internal import TestBed

/// Two connected sockets and what is on its way between them.
struct ProxiedPair {
    /// What was read from one socket and is not yet written to the other.
    private struct Flow {
        var bytes: [UInt8] = []
        var isAtEnd = false
    }

    private let client: Int32
    private let server: Int32
    private var requests = Flow()
    private var answers = Flow()
    private var scanner = RequestScanner()
    /// Whether a transaction's end was asked for since this was last set to `false`.
    var hasCommit = false

    init(client: Int32, server: Int32) {
        self.client = client
        self.server = server
    }

    /// Whether nothing more can pass.
    var isOver: Bool {
        requests.isAtEnd && requests.bytes.isEmpty || answers.isAtEnd && answers.bytes.isEmpty
    }

    /// What to wait for: at the client, then at the server.
    var polled: [pollfd] {
        [
            pollfd(fd: client, events: Self.events(requests, answers), revents: 0),
            pollfd(fd: server, events: Self.events(answers, requests), revents: 0),
        ]
    }

    /// Reads what there is; a flow that is not written yet is not read on.
    mutating func receive(_ atClient: Int16, _ atServer: Int16) {
        if atClient & ~Int16(POLLOUT) != 0, requests.bytes.isEmpty, !requests.isAtEnd {
            Self.read(client, into: &requests)
            if scanner.finds(RequestScanner.endTransaction, in: requests.bytes) { hasCommit = true }
        }
        if atServer & ~Int16(POLLOUT) != 0, answers.bytes.isEmpty, !answers.isAtEnd {
            Self.read(server, into: &answers)
        }
    }

    /// Writes what is on its way, as far as the sockets take it.
    mutating func flush() {
        Self.write(&requests, to: server)
        Self.write(&answers, to: client)
    }

    func close() {
        Sockets.close(client)
        Sockets.close(server)
    }

    func reset() {
        Sockets.reset(client)
        Sockets.reset(server)
    }

    // MARK: - Private

    private static func events(_ incoming: Flow, _ outgoing: Flow) -> Int16 {
        let reads = incoming.bytes.isEmpty && !incoming.isAtEnd
        return Int16(reads ? POLLIN : 0) | Int16(outgoing.bytes.isEmpty ? 0 : POLLOUT)
    }

    private static func read(_ socket: Int32, into flow: inout Flow) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = Foundation.read(socket, &buffer, buffer.count)
        if count > 0 {
            flow.bytes = Array(buffer[..<count])
        } else if count == 0 || errno != EAGAIN && errno != EINTR {
            flow.isAtEnd = true
        }
    }

    private static func write(_ flow: inout Flow, to socket: Int32) {
        guard !flow.bytes.isEmpty else { return }
        let count = flow.bytes.withUnsafeBytes {
            send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count > 0 {
            flow.bytes.removeFirst(count)
        } else if errno != EAGAIN && errno != EINTR {
            flow.bytes = []
            flow.isAtEnd = true
        }
    }
}
