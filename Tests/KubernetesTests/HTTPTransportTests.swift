import HTTP
import Operations
import Synchronization
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(1))) struct HTTPTransportTests {
    private func withTransport(
        to handler: @escaping HTTPRoute,
        _ body: (HTTPTransport) async throws -> Void
    ) async throws {
        let server = try HTTPServer(logger: .silent, handler: handler)
        try await body(
            HTTPTransport(
                KubernetesAddress(
                    url: "http://127.0.0.1:\(server.port)",
                    caFile: nil,
                    tokenFile: "/none",
                    namespace: "valgrid"
                )
            )
        )
        await server.shutdown()
    }

    @Test func itSendsChangesWithTheToken() async throws {
        let seen = Mutex<[HTTPRequest]>([])
        try await withTransport(to: { request in
            seen.withLock { $0.append(request) }
            return .json("{\"kind\":\"Status\"}", status: 409)
        }) { transport in
            let response = try await transport.send(
                KubernetesRequest(
                    method: "PATCH",
                    path: "/apis/x?limit=5",
                    body: Array("{}".utf8),
                    contentType: "application/merge-patch+json",
                    token: "secret"
                )
            )
            #expect(response.status == 409)
            #expect(response.body == Array("{\"kind\":\"Status\"}".utf8))
            let request = try #require(seen.withLock { $0.first })
            #expect(request.method == "PATCH")
            #expect(request.path == "/apis/x")
            #expect(request.query == ["limit": "5"])
            #expect(request.headers["authorization"] == "Bearer secret")
            #expect(request.headers["content-type"] == "application/merge-patch+json")
            #expect(request.body == Array("{}".utf8))
        }
    }

    @Test func anAnswerThatIsTooLargeIsRefused() async throws {
        try await withTransport(to: { _ in .text(String(repeating: "x", count: 5_000)) }) {
            transport in
            var request = KubernetesRequest(method: "GET", path: "/", maximumBytes: 5_000)
            let whole = try await transport.send(request)
            #expect(whole.body.count == 5_000)
            request.maximumBytes = 4_999
            let refused = await #expect(throws: KubernetesError.self) {
                try await transport.send(request)
            }
            #expect(refused?.reason == "the answer has more than 4999 bytes")
        }
    }

    @Test func onlyASuccessIsStreamed() async throws {
        try await withTransport(to: { request in
            request.path == "/gone"
                ? .json("{\"code\":410}", status: 410) : .text("one\ntwo\n")
        }) { transport in
            let parts = Mutex<[UInt8]>([])
            let streamed = try await transport.stream(
                KubernetesRequest(method: "GET", path: "/watch")
            ) { part in parts.withLock { $0 += part } }
            #expect(streamed == KubernetesResponse(status: 200, body: []))
            #expect(parts.withLock { $0 } == Array("one\ntwo\n".utf8))
            let gone = try await transport.stream(
                KubernetesRequest(method: "GET", path: "/gone")
            ) { _ in Issue.record("it was streamed") }
            #expect(gone == KubernetesResponse(status: 410, body: Array("{\"code\":410}".utf8)))
        }
    }

    @Test func aServerThatIsNotThereIsSaid() async throws {
        let server = try HTTPServer(logger: .silent) { _ in nil }
        let port = server.port
        await server.shutdown()
        let transport = HTTPTransport(
            KubernetesAddress(
                url: "http://127.0.0.1:\(port)",
                caFile: nil,
                tokenFile: "/none",
                namespace: "valgrid"
            )
        )
        let away = await #expect(throws: KubernetesError.self) {
            try await transport.send(KubernetesRequest(method: "GET", path: "/"))
        }
        #expect(away?.status == 0)
        #expect(away?.reason.contains("127.0.0.1:\(port)") == true)
    }
}
