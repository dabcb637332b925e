import Dispatch
import Foundation
import HTTP
import Operations
import RawHTTP
import Synchronization
import Testing

/// A source of numbered events.
private final class Numbers: Sendable {
    private struct State {
        var next = 0
        var isClosed = false
    }

    private let limit: Int
    private let pause: Duration
    private let state = Mutex(State())
    private let closed = DispatchSemaphore(value: 0)

    init(limit: Int, pause: Duration = .zero) {
        self.limit = limit
        self.pause = pause
    }

    var isClosed: Bool { state.withLock { $0.isClosed } }

    var stream: HTTPStream {
        HTTPStream(keepAlive: Array(":\n\n".utf8)) { limit in
            let wait = min(limit, self.pause)
            let seconds = wait / .seconds(1)
            if self.pause > .zero, self.closed.wait(timeout: .now() + seconds) == .success {
                return .end
            }
            guard self.pause <= limit else { return .nothing }
            return self.state.withLock { state in
                guard !state.isClosed, state.next < self.limit else { return .end }
                state.next += 1
                return .bytes(Array("data: \(state.next)\n\n".utf8))
            }
        } close: {
            self.state.withLock { $0.isClosed = true }
            self.closed.signal()
        }
    }
}

@Suite(.timeLimit(.minutes(1))) struct StreamTests {
    private let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test func partsComeInOrderAndTheStreamIsClosedAtItsEnd() async throws {
        let numbers = Numbers(limit: 3)
        let server = try HTTPServer(logger: .silent) { _ in .events(numbers.stream) }
        let client = try RawClient(port: server.port)
        client.send(get)
        let text = client.read(until: "data: 3\n\n\r\n0\r\n").text
        #expect(text.contains("Content-Type: text/event-stream"))
        #expect(text.contains("data: 1\n\n"))
        #expect(text.contains("data: 2\n\n"))
        await server.shutdown()
        #expect(numbers.isClosed)
    }

    @Test func aBodyThatBreaksOffIsNotTakenForTheWhole() async throws {
        let parts = Mutex<[HTTPStream.Part]>([.bytes(Array("half".utf8)), .failure])
        let server = try HTTPServer(logger: .silent) { _ in
            HTTPResponse(
                contentType: "application/x-ndjson",
                body: .stream(
                    HTTPStream(keepAlive: []) { _ in
                        parts.withLock { $0.isEmpty ? .end : $0.removeFirst() }
                    } close: {
                    }
                )
            )
        }
        let error = await thrown(HTTPClientError.self) {
            _ = try await HTTPClient().get("http://127.0.0.1:\(server.port)/")
        }
        #expect(error?.code == .interrupted)
        await server.shutdown()
    }

    @Test func withoutEventsTheKeepAliveIsSent() async throws {
        var limits = HTTPServer.Limits()
        limits.idleSeconds = 1
        let numbers = Numbers(limit: 1, pause: .seconds(100))
        let server = try HTTPServer(limits: limits, logger: .silent) { _ in
            .events(numbers.stream)
        }
        let client = try RawClient(port: server.port)
        client.send(get)
        #expect(client.read(until: ":\n\n").text.contains(":\n\n"))
        #expect(client.read(until: ":\n\n").text.contains(":\n\n"))
        await server.shutdown()
    }

    @Test func aStreamBeyondTheLimitIsRefusedAndOthersAreAnswered() throws {
        var limits = HTTPServer.Limits()
        limits.streams = 2
        let numbers = Mutex<[Numbers]>([])
        let server = try HTTPServer(limits: limits, logger: .silent) { request in
            guard request.path == "/events" else { return .text("plain") }
            let made = Numbers(limit: .max, pause: .milliseconds(50))
            numbers.withLock { $0.append(made) }
            return .events(made.stream)
        }
        let events = "GET /events HTTP/1.1\r\nHost: a\r\n\r\n"
        let clients = try (0..<3).map { _ in try RawClient(port: server.port) }
        for client in clients.prefix(2) {
            client.send(events)
            #expect(client.read(until: "data: 1\n").text.contains("data: 1\n"))
        }
        clients[2].send(events)
        #expect(clients[2].read(until: "streams").text.hasPrefix("HTTP/1.1 503"))
        clients[2].send(get)
        #expect(clients[2].read(until: "plain").text.hasPrefix("HTTP/1.1 200"))
        let start = ContinuousClock.now
        server.stop()
        #expect(start.duration(to: .now) < .seconds(3))
        #expect(numbers.withLock { $0.allSatisfy(\.isClosed) })
    }

    @Test func twoHundredReadersLoseNothing() async throws {
        var limits = HTTPServer.Limits()
        limits.connections = 300
        limits.streams = 200
        let server = try HTTPServer(limits: limits, logger: .silent) { _ in
            .events(Numbers(limit: 20, pause: .milliseconds(5)).stream)
        }
        let clients = try (0..<200).map { _ in try RawClient(port: server.port) }
        for client in clients { client.send(get) }
        for client in clients {
            let text = client.read(until: "data: 20\n\n").text
            #expect(text.split(separator: "data: ").count == 21)
        }
        await server.shutdown()
    }
}

/// Counts what it is given.
private final class Counting: HTTPUpload {
    private var count = 0
    private let end: @Sendable (String) -> Void

    init(_ end: @escaping @Sendable (String) -> Void) { self.end = end }

    func receive(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        count += bytes.count
        return true
    }

    func finish() -> HTTPResponse {
        end("finished")
        return .text("\(count) bytes", status: 201)
    }

    func abort() { end("aborted") }
}

@Suite(.timeLimit(.minutes(1))) struct UploadTests {
    @Test func aBodyIsTakenAsItComesAndOneThatBreaksOffIsAborted() throws {
        let ends = Mutex<[String]>([])
        let hasEnded = DispatchSemaphore(value: 0)
        let server = try HTTPServer(
            logger: .silent,
            receptionist: { request in
                if request.path == "/no" { return .refusal(.failure("no room", status: 507)) }
                return .upload(
                    Counting { end in
                        ends.withLock { $0.append(end) }
                        hasEnded.signal()
                    }
                )
            },
            handler: { _ in nil }
        )
        let client = try RawClient(port: server.port)
        let length = 64 << 20
        let before = try residentBytes()
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
        let part = [UInt8](repeating: 7, count: 1 << 20)
        for _ in 0..<64 { #expect(client.send(part)) }
        #expect(client.read(until: "bytes").text.contains("\(length) bytes"))
        #expect(try residentBytes() - before < 20 << 20)
        client.send("POST /no HTTP/1.1\r\nHost: a\r\nContent-Length: \(length)\r\n\r\n")
        #expect(client.read(until: "room").text.hasPrefix("HTTP/1.1 507"))
        do {
            let broken = try RawClient(port: server.port)
            broken.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc")
        }
        for _ in 0..<2 { #expect(hasEnded.wait(timeout: .now() + 10) == .success) }
        server.stop()
        #expect(ends.withLock { $0 } == ["finished", "aborted"])
    }

    private func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        return (Int(text.split(separator: " ")[1]) ?? 0) * 4_096
    }
}
