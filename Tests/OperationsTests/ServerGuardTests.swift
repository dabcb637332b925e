import Foundation
import HTTP
import Operations
import RawHTTP
import Synchronization
import Testing

/// What a server does with requests and connections that are not as they should be.
@Suite(.timeLimit(.minutes(1))) struct ServerGuardTests {
    private func server(
        _ limits: HTTPServer.Limits = .init(),
        receptionist: @escaping HTTPReceptionist = { _ in .whole },
        handler: @escaping HTTPRoute = { .text("body \($0.body.count)") }
    ) throws -> HTTPServer {
        try HTTPServer(
            limits: limits,
            logger: .silent,
            receptionist: receptionist,
            handler: handler
        )
    }

    @Test(arguments: [
        "Content-Length: 2\r\nContent-Length: 3",
        "Content-Length: 2\r\nContent-Length: 2",
        "Content-Length: 2\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Content-Length : 2",
        "Transfer-Encoding\t: chunked",
        "Content-Length: 2\r\n 0",
        "Transfer-Encoding:\r\n chunked",
        "X: y\r\n Content-Length: 2",
        "X: y\rContent-Length: 2",
        "Content-Length: 0x2",
        "Content-Length: +2",
    ])
    func aHeadThatCanBeReadInTwoWaysIsRefusedAndTheConnectionClosed(headers: String) async throws {
        let server = try server()
        let client = try RawClient(port: server.port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\n\(headers)\r\n\r\n")
        let answer = client.read()
        #expect(answer.text.hasPrefix("HTTP/1.1 400"))
        #expect(answer.isClosed)
        await server.shutdown()
    }

    @Test func chunksInHTTP1_0AreRefused() async throws {
        let server = try server()
        let client = try RawClient(port: server.port)
        client.send(
            "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n\r\n"
        )
        let answer = client.read()
        #expect(answer.text.contains(" 400 "))
        #expect(answer.isClosed)
        await server.shutdown()
    }

    @Test(arguments: [
        ("GET / HTTP/1.1\r\n\r\n", " 400 "),
        ("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", " 400 "),
        ("GET / HTTP/1.0\r\n\r\n", " 200 "),
        ("GET /\r\n\r\n", ""),
        ("G\u{0}T / HTTP/1.1\r\nHost: a\r\n\r\n", ""),
        ("GET / HTTP/9.9\r\nHost: a\r\n\r\n", ""),
    ])
    func aRequestNamesItsHostOnce(head: String, status: String) async throws {
        let server = try server()
        let client = try RawClient(port: server.port)
        client.send(head)
        let answer = client.read(until: status.isEmpty ? nil : status).text
        #expect(status.isEmpty ? !answer.contains(" 200 ") : answer.contains(status), "\(answer)")
        await server.shutdown()
    }

    @Test func aHeadThatIsTooLargeIsRefusedAndOthersAreAnswered() async throws {
        let server = try server()
        let huge = [
            "GET /\(String(repeating: "a", count: 1 << 20)) HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "b", count: 1 << 20))\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: a\r\n"
                + (0..<50_000).map { "X-\($0): c\r\n" }.joined() + "\r\n",
        ]
        for head in huge {
            let client = try RawClient(port: server.port)
            client.send(head)
            let answer = client.read()
            #expect(answer.isClosed)
            #expect(!answer.text.contains(" 200 "), "\(answer.text.prefix(200))")
        }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.read(until: "body 0").text.contains(" 200 "))
        await server.shutdown()
    }

    /// A byte a second resets an idle time, but neither the head's nor the body's.
    @Test func aHeadThatTricklesIsGivenUp() async throws {
        var limits = HTTPServer.Limits()
        limits.headSeconds = 1
        let server = try server(limits)
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\n")
        let begun = ContinuousClock.now
        while client.send("X"), begun.duration(to: .now) < .seconds(10) {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(begun.duration(to: .now) < .seconds(5))
        await server.shutdown()
    }

    @Test func soundHeadsAreAnsweredOnOneConnection() async throws {
        let server = try server()
        let client = try RawClient(port: server.port)
        for _ in 0..<2 {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab")
            #expect(client.read(until: "body 2").text.hasPrefix("HTTP/1.1 200"))
        }
        client.send(
            "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
        )
        #expect(client.read(until: "body 3").text.hasPrefix("HTTP/1.1 200"))
        await server.shutdown()
    }

    @Test func everyAnswerHasTheServersHeadersUnlessItHasItsOwn() async throws {
        let server = try HTTPServer(logger: .silent, headers: ["Cache-Control": "no-store"]) {
            $0.path == "/own"
                ? HTTPResponse(
                    contentType: "text/plain",
                    headers: ["Cache-Control": "public"],
                    body: .bytes([])
                ) : .text("plain")
        }
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(client.read(until: "plain").text.contains("Cache-Control: no-store"))
        client.send("GET /own HTTP/1.1\r\nHost: a\r\n\r\n")
        let own = client.read(until: "\r\n\r\n").text
        #expect(own.contains("Cache-Control: public"))
        #expect(!own.contains("no-store"))
        client.send("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n")
        #expect(client.read().text.contains("Cache-Control: no-store"))
        await server.shutdown()
    }

    @Test func aLengthBeyondTheLimitIsRefusedAtTheHead() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyBytes = 1_000
        let server = try server(limits)
        let client = try RawClient(port: server.port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n")
        #expect(client.read(until: "exceeds").text.hasPrefix("HTTP/1.1 413"))
        await server.shutdown()
    }

    @Test func aHeadThatDoesNotComeIsGivenUp() async throws {
        var limits = HTTPServer.Limits()
        limits.headSeconds = 1
        let server = try server(limits)
        let client = try RawClient(port: server.port)
        client.send("GET / HTTP/1.1\r\nHo")
        #expect(client.read().isClosed)
        await server.shutdown()
    }

    @Test func aBodyThatTricklesIsGivenUp() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyWindow = .seconds(1)
        let server = try server(limits)
        let client = try RawClient(port: server.port)
        client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\nabc")
        #expect(client.read().isClosed)
        await server.shutdown()
    }

    @Test func withTooManyConnectionsTheNextIsToldToComeAgain() async throws {
        var limits = HTTPServer.Limits()
        limits.busyConnections = 2
        let server = try server(limits)
        let clients = try (0..<2).map { _ in try RawClient(port: server.port) }
        for client in clients {
            client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n1")
            #expect(client.read(until: "body 1").text.hasPrefix("HTTP/1.1 200"))
        }
        let third = try RawClient(port: server.port)
        third.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        let answer = third.read(until: "connections").text
        #expect(answer.hasPrefix("HTTP/1.1 503"))
        #expect(answer.contains("Retry-After: 5"))
        // Whether the program lives is said all the same.
        let fourth = try RawClient(port: server.port)
        fourth.send("GET /livez HTTP/1.1\r\nHost: a\r\n\r\n")
        #expect(fourth.read(until: "body").text.hasPrefix("HTTP/1.1 200"))
        await server.shutdown()
    }

    @Test func aFileIsAnsweredWholeInPartAndNotTwice() async throws {
        let path = FileManager.default.temporaryDirectory.path + "/range-\(UUID().uuidString)"
        try writeAtomically(Array("ghijklmnop".utf8), to: path)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let server = try server(handler: { _ in
            HTTPResponse(contentType: "text/plain", body: .file(path: path, deleteAfter: false))
        })
        let client = try RawClient(port: server.port)
        func get(_ header: String, until end: String) -> String {
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\(header)\r\n")
            return client.read(until: end).text
        }
        let whole = get("", until: "ghijklmnop")
        #expect(whole.hasPrefix("HTTP/1.1 200"))
        let tag = try #require(
            whole.split(separator: "ETag: ").last?.split(separator: "\r\n").first
        )
        let part = get("Range: bytes=2-4\r\n", until: "ijk")
        #expect(part.hasPrefix("HTTP/1.1 206"))
        #expect(part.contains("Content-Range: bytes 2-4/10"))
        #expect(get("Range: bytes=-3\r\n", until: "nop").contains("Content-Range: bytes 7-9/10"))
        #expect(get("Range: bytes=8-\r\n", until: "op").contains("Content-Range: bytes 8-9/10"))
        #expect(get("Range: bytes=10-\r\n", until: "\r\n\r\n").hasPrefix("HTTP/1.1 416"))
        #expect(get("If-None-Match: \(tag)\r\n", until: "\r\n\r\n").hasPrefix("HTTP/1.1 304"))
        await server.shutdown()
    }
}
