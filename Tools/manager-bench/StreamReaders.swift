internal import Foundation
internal import Glibc
internal import Operations
internal import Synchronization
internal import TestBed

/// Streams of events that are read on one thread, and what came on each.
final class StreamReaders: Sendable {
    private struct Stream {
        var socket: Int32
        var rest: [UInt8] = []
        var head = ""
        var isOpen = false
        var seen: Set<String> = []
        /// What came before it was noted.
        var early: [String: ContinuousClock.Instant] = [:]
    }

    private struct State {
        var streams: [Int32: Stream] = [:]
        /// When each job was sent, by id.
        var sent: [String: ContinuousClock.Instant] = [:]
        var delays: [Double] = []
    }

    private let state = Mutex(State())
    private let isOver = ShutdownSignal()

    /// Opens a stream; returns the answer's first line and whether it says when to try again.
    func open(port: Int, token: String) throws -> (status: String, retry: Bool) {
        let socket = try Self.connect(port)
        let request =
            "GET /api/v1/events?topics=jobs HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\n"
            + "Authorization: Bearer \(token)\r\n\r\n"
        let bytes = Array(request.utf8)
        guard send(socket, bytes, bytes.count, 0) == bytes.count else {
            throw TestBedError("a stream cannot be asked for")
        }
        var head: [UInt8] = []
        while !head.contains(subsequence: Array("\r\n\r\n".utf8)) {
            var part = [UInt8](repeating: 0, count: 4_096)
            let count = recv(socket, &part, part.count, 0)
            guard count > 0 else { throw TestBedError("a stream ended before its head") }
            head += part[..<count]
            guard head.count < 65_536 else { throw TestBedError("a head of 64 KiB") }
        }
        let text = String(decoding: head, as: UTF8.self)
        let status = String(text.prefix { $0 != "\r\n" })
        guard status.contains(" 200 ") else {
            close(socket)
            return (status, text.lowercased().contains("retry-after:"))
        }
        state.withLock { $0.streams[socket] = Stream(socket: socket, isOpen: true) }
        return (status, false)
    }

    /// Reads all streams until ``stop()``.
    func read() {
        while !isOver.isTriggered {
            var polls = state.withLock { state in
                state.streams.keys.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            }
            guard poll(&polls, nfds_t(polls.count), 100) > 0 else { continue }
            let now = ContinuousClock.now
            for entry in polls where entry.revents != 0 { take(entry.fd, at: now) }
        }
    }

    func stop() {
        isOver.trigger()
    }

    func closeAll() {
        state.withLock { state in
            for socket in state.streams.keys { close(socket) }
            state.streams = [:]
        }
    }

    /// Notes when a job began to be added.
    func note(_ job: String, at time: ContinuousClock.Instant) {
        state.withLock { state in
            state.sent[job] = time
            // Who was faster than this note has it already.
            for (socket, stream) in state.streams where stream.early[job] != nil {
                if let early = stream.early[job] {
                    state.delays.append(time.duration(to: early) / .milliseconds(1))
                }
                state.streams[socket]?.early[job] = nil
            }
        }
    }

    /// Events that did not come on a stream, and the delays in milliseconds of those that did.
    var result: (lost: Int, delays: [Double], open: Int) {
        state.withLock { state in
            let jobs = Set(state.sent.keys)
            let lost = state.streams.values.reduce(0) { $0 + jobs.subtracting($1.seen).count }
            return (lost, state.delays, state.streams.values.count(where: \.isOpen))
        }
    }

    private func take(_ socket: Int32, at now: ContinuousClock.Instant) {
        var part = [UInt8](repeating: 0, count: 65_536)
        let count = recv(socket, &part, part.count, Int32(MSG_DONTWAIT))
        state.withLock { state in
            guard var stream = state.streams[socket] else { return }
            guard count > 0 else {
                if count == 0 { state.streams[socket]?.isOpen = false }
                return
            }
            stream.rest += part[..<count]
            // Only whole lines are looked at.
            guard let end = stream.rest.lastIndex(of: 0x0A) else {
                state.streams[socket] = stream
                return
            }
            let text = String(decoding: stream.rest[...end], as: UTF8.self)
            stream.rest.removeSubrange(...end)
            for line in text.split(separator: "\n") where line.hasPrefix("data: {\"items\":") {
                // A line has the rows of one job.
                guard let start = line.range(of: "\"id\":\"event-") else { continue }
                let id = String(
                    line[line.index(start.lowerBound, offsetBy: 6)...].prefix { $0 != "\"" }
                )
                guard stream.seen.insert(id).inserted else { continue }
                if let sent = state.sent[id] {
                    state.delays.append(sent.duration(to: now) / .milliseconds(1))
                } else {
                    stream.early[id] = now
                }
            }
            state.streams[socket] = stream
        }
    }

    static func connect(_ port: Int) throws -> Int32 {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard socket >= 0, status == 0 else { throw TestBedError("cannot connect to port \(port)") }
        return socket
    }
}

extension [UInt8] {
    func contains(subsequence: [UInt8]) -> Bool {
        guard count >= subsequence.count else { return false }
        return (0...count - subsequence.count).contains { self[$0...].starts(with: subsequence) }
    }
}
