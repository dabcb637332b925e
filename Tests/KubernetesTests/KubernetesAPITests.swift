import Operations
import Synchronization
import Testing

@testable import Kubernetes

@Suite(.timeLimit(.minutes(1))) struct KubernetesAPITests {
    private func api(
        _ server: FakeServer,
        token: @escaping @Sendable () -> String?
    ) -> KubernetesAPI {
        KubernetesAPI(
            transport: server,
            tokens: TokenCache(read: token),
            namespace: "valgrid"
        )
    }

    @Test func aQueryIsEncoded() {
        let path = KubernetesAPI.path(nil, "nodes", ["a": "x=y/z &", "b": "~1-2_3.é"])
        #expect(path == "/api/v1/nodes?a=x%3Dy%2Fz%20%26&b=~1-2_3.%C3%A9")
    }

    @Test func aTokenThatWasReplacedIsReadAtOnce() async throws {
        let server = FakeServer()
        let token = Mutex("good")
        let api = api(server) { token.withLock { $0 } }
        let _: ScaleObject = try await api.get(Recorded.scalePath)
        server.setToken("better")
        token.withLock { $0 = "better" }
        let _: ScaleObject = try await api.get(Recorded.scalePath)
        #expect(server.requests.map(\.token) == ["good", "good", "better"])
        // One that is the same is not sent again.
        server.setToken("best")
        let refused = await #expect(throws: KubernetesError.self) {
            let _: ScaleObject = try await api.get(Recorded.scalePath)
        }
        #expect(refused?.status == 401)
        #expect(server.requests.count == 4)
    }

    @Test func aTokenIsReadEachMinute() {
        let count = Mutex(0)
        let cache = TokenCache {
            count.withLock { count in
                count += 1
                return "\(count)"
            }
        }
        let start = ContinuousClock.now
        #expect(cache.token(at: start) == "1")
        #expect(cache.token(at: start + .seconds(59)) == "1")
        #expect(cache.token(at: start + .seconds(60)) == "2")
    }

    @Test func aRefusalIsInTheServersWords() async throws {
        let server = FakeServer()
        server.failNext("GET", 403, Recorded.forbidden)
        let refused = await #expect(throws: KubernetesError.self) {
            let _: ScaleObject = try await api(server) { "good" }.get(Recorded.scalePath)
        }
        #expect(refused?.status == 403)
        #expect(refused?.reason.hasSuffix("User \"viewer\" cannot patch resource") == true)
        server.failNext("GET", 500, "<html>")
        let failed = await #expect(throws: KubernetesError.self) {
            let _: ScaleObject = try await api(server) { "good" }.get(Recorded.scalePath)
        }
        #expect(failed == KubernetesError(status: 500, reason: "HTTP status 500"))
    }

    @Test func anAnswerThatIsNoneIsSaid() async throws {
        let server = FakeServer()
        server.set("/api/v1/nodes", "[]")
        let failed = await #expect(throws: KubernetesError.self) {
            let _: ObjectList<NodeObject> = try await api(server) { "good" }.get("/api/v1/nodes")
        }
        #expect(failed?.reason.hasPrefix("the answer is not understood: ") == true)
        let none: ScaleObject? = try await api(server) { "good" }.getIfThere("/apis/none")
        #expect(none == nil)
    }

    @Test func aPodFindsItsServer() throws {
        let directory = try TemporaryDirectory(prefix: "valgrid-kube-")
        let variables = ["KUBERNETES_SERVICE_HOST": "fd00::1", "KUBERNETES_SERVICE_PORT": "443"]
        #expect(KubernetesAddress.ofPod(environment: variables, folder: directory.path) == nil)
        try writeAtomically("secret\n", to: directory.path + "/token")
        try writeAtomically("valgrid", to: directory.path + "/namespace")
        #expect(
            KubernetesAddress.ofPod(environment: variables, folder: directory.path)
                == KubernetesAddress(
                    url: "https://[fd00::1]:443",
                    caFile: directory.path + "/ca.crt",
                    tokenFile: directory.path + "/token",
                    namespace: "valgrid"
                )
        )
        #expect(KubernetesAddress.ofPod(environment: [:], folder: directory.path) == nil)
    }
}
