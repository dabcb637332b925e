import Foundation
import HTTP
import Operations
import RawHTTP
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1))) struct HTTPTests {
    private let client = HTTPClient()

    private func withServer(
        limits: HTTPServer.Limits = .init(),
        _ handler: @escaping HTTPRoute,
        _ body: (String, HTTPServer) async throws -> Void
    ) async throws {
        let server = try HTTPServer(limits: limits, logger: .silent, handler: handler)
        try await body("http://127.0.0.1:\(server.port)", server)
        await server.shutdown()
    }

    @Test func handsOverPathQueryHeadersAndBody() async throws {
        let seen = Mutex<[HTTPRequest]>([])
        try await withServer({ request in
            seen.withLock { $0.append(request) }
            return .json("{}", status: 201)
        }) { url, _ in
            let body = (0..<200_000).map { UInt8(truncatingIfNeeded: $0) }
            let answer = try await client.post(url + "/jobs/a%20b?x=1&y=%C3%BC&z", body: body)
            #expect(answer.status == 201)
            #expect(answer.text == "{}")
            #expect(answer.headers["content-type"] == "application/json")
            let request = try #require(seen.withLock { $0.first })
            #expect(request.method == "POST")
            #expect(request.path == "/jobs/a b")
            #expect(request.pathComponents == ["jobs", "a b"])
            #expect(request.query == ["x": "1", "y": "ü", "z": ""])
            #expect(request.headers["content-type"] == "application/json")
            #expect(request.body == body)
        }
    }

    @Test func answersHealthAndMetrics() async throws {
        let isReady = Mutex(false)
        let health = HealthChecks()
        health.live("thread") { .ok }
        health.ready("kafka") { isReady.withLock { $0 } ? .ok : .notReady("not joined yet") }
        let metrics = MetricsRegistry()
        metrics.counter("x_total", help: "X.").increment()
        let more: HTTPRoute = { $0.path == "/more" ? .text("more") : nil }
        let routes = firstMatch(of: [operationsRoutes(health: health, metrics: metrics), more])
        try await withServer(routes) { url, _ in
            let alive = try await client.get(url + "/livez")
            #expect(alive.status == 200)
            #expect(alive.text == "[+] thread: ok\nalive\n")
            let notReady = try await client.get(url + "/readyz")
            #expect(notReady.status == 503)
            #expect(notReady.text == "[+] thread: ok\n[-] kafka: not joined yet\nnot ready\n")
            isReady.withLock { $0 = true }
            #expect(try await client.get(url + "/readyz").status == 200)
            let text = try await client.get(url + "/metrics")
            #expect(text.text.hasSuffix("x_total 1\n"))
            #expect(text.headers["content-type"]?.hasPrefix("text/plain; version=0.0.4") == true)
            #expect(try await client.get(url + "/more").text == "more")
            #expect(try await client.get(url + "/nothing").status == 404)
            let posted = try await client.post(url + "/metrics", body: [])
            #expect(posted.status == 405)
            #expect(posted.headers["allow"] == "GET, HEAD")
        }
    }

    @Test func aBodyBeyondTheLimitIsRefused() async throws {
        var limits = HTTPServer.Limits()
        limits.bodyBytes = 1000
        try await withServer(limits: limits, { .text("\($0.body.count)") }) { url, _ in
            let fitting = try await client.post(url, body: Array(repeating: 0, count: 1000))
            #expect(fitting.text == "1000")
            let larger = try await client.post(url, body: Array(repeating: 0, count: 1001))
            #expect(larger.status == 413)
        }
    }

    @Test func downloadsFilesOfAnySize() async throws {
        let directory = FileManager.default.temporaryDirectory.path + "/http-\(UUID().uuidString)"
        try makeDirectory(directory)
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
        try writeAtomically(bytes, to: directory + "/source")
        let source = directory + "/source"
        try await withServer({ request in
            if request.path == "/text" { return .text("text") }
            guard request.path == "/file" else { return .notFound() }
            return HTTPResponse(
                contentType: "application/octet-stream",
                body: .file(path: source, deleteAfter: true)
            )
        }) { url, _ in
            let status = try await client.download(url + "/file", toFile: directory + "/copy")
            #expect(status == 200)
            let copy = FileManager.default.contents(atPath: directory + "/copy")
            #expect(copy == Data(bytes))
            #expect(!FileManager.default.fileExists(atPath: source))
            #expect(try await client.get(url + "/file").status == 500)
            #expect(try await client.download(url + "/no", toFile: directory + "/none") == 404)
            #expect(!FileManager.default.fileExists(atPath: directory + "/none"))
            let error = await thrown(HTTPClientError.self) {
                try await client.download(url + "/text", toFile: "/no/such/place")
            }
            #expect(error?.code == .file)
        }
    }

    @Test func slowRequestsDoNotDelayOthersAndOutliveTheIdleLimit() async throws {
        var limits = HTTPServer.Limits()
        limits.idleSeconds = 1
        let release = DispatchSemaphore(value: 0)
        try await withServer(
            limits: limits,
            { request in
                if request.path == "/slow" { _ = release.wait(timeout: .now() + 1.5) }
                return .text(request.path)
            }
        ) { url, _ in
            async let slow = client.get(url + "/slow")
            let fast = try await client.get(url + "/fast")
            #expect(fast.text == "/fast")
            let last = try await slow
            #expect(last.text == "/slow")
        }
    }

    @Test func stoppingFinishesWhatIsBeingAnswered() async throws {
        let entered = ShutdownSignal()
        let release = DispatchSemaphore(value: 0)
        try await withServer({ _ in
            entered.trigger()
            _ = release.wait(timeout: .now() + 2)
            return .text("finished")
        }) { url, server in
            async let answer = client.get(url)
            await entered.wait()
            async let stopped: Void = server.shutdown()
            release.signal()
            let last = try await answer
            #expect(last.text == "finished")
            await stopped
            let error = await thrown(HTTPClientError.self) { _ = try await client.get(url) }
            #expect(error?.code == .unreachable)
            #expect(error?.reason == "cannot reach \(url): connection refused")
        }
    }

    @Test func isAServiceThatEndsWithItsGroup() async throws {
        let server = try HTTPServer(logger: .silent) { _ in .text("x") }
        let group = ServiceGroup(services: [server], logger: .silent, signals: [])
        async let running: Void = group.run()
        #expect(try await client.get("http://127.0.0.1:\(server.port)/").text == "x")
        group.triggerShutdown()
        try await running
        server.stop()
    }

    @Test func saysWhyItCannotListen() throws {
        let server = try HTTPServer(logger: .silent) { _ in nil }
        defer { server.stop() }
        let error = thrown(HTTPServerError.self) {
            _ = try HTTPServer(port: server.port, logger: .silent) { _ in nil }
        }
        #expect(
            error?.reason == "cannot listen on 127.0.0.1:\(server.port): Address already in use"
        )
    }

    @Test func aHeadRequestHasNoBody() async throws {
        try await withServer({ $0.method == "GET" ? .text("body") : .notFound() }) { _, server in
            let answer = try rawExchange(
                "HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                port: server.port
            )
            #expect(answer.hasPrefix("HTTP/1.1 200"))
            #expect(answer.lowercased().contains("content-length: 4"))
            #expect(!answer.contains("body"))
            let brewed = try rawExchange(
                "BREW / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                port: server.port
            )
            #expect(brewed.hasPrefix("HTTP/1.1 405"))
            let nonsense = try rawExchange("nonsense\r\n\r\n", port: server.port)
            #expect(!nonsense.contains(" 200 "))
        }
    }

    @Test(arguments: ["", "localhost", "ftp://x/", "http://"])
    func refusesWhatIsNoAddress(url: String) async {
        let error = await thrown(HTTPClientError.self) { _ = try await client.get(url) }
        #expect(error?.code == .badAddress)
    }

    @Test func givesUpOnAServerThatDoesNotAnswer() async throws {
        let release = DispatchSemaphore(value: 0)
        try await withServer({ _ in
            _ = release.wait(timeout: .now() + 10)
            return .text("late")
        }) { url, _ in
            let error = await thrown(HTTPClientError.self) {
                _ = try await client.get(url, timeout: .seconds(1))
            }
            #expect(error?.code == .timedOut)
            release.signal()
        }
    }

    @Test func refusesAnAnswerBeyondItsLimit() async throws {
        try await withServer({ _ in .text(String(repeating: "x", count: 100_000)) }) { url, _ in
            let error = await thrown(HTTPClientError.self) {
                _ = try await HTTPClient(maximumBodyBytes: 1000).get(url)
            }
            #expect(error?.code == .tooLarge)
        }
    }

    @Test func answersManyClientsAtOnce() async throws {
        try await withServer({ .text($0.query["n"] ?? "") }) { url, _ in
            let client = client
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for index in 0..<40 {
                    group.addTask { try await client.get(url + "/?n=\(index)").text == "\(index)" }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }
}
