import Foundation
import GridProtocol
import HTTP
import KafkaClient
import KafkaEmbedded
import Operations
import RawHTTP
import Scaling
import Synchronization
import Testing

@testable import Manager

/// compute-manager as a server, within this process.
@Suite(.timeLimit(.minutes(2))) struct ServiceTests {
    private struct Running {
        var cluster: EmbeddedCluster
        var directory: Directory
        var manager: ManagerService
        /// A user's each.
        var tokens: [String]

        init(hosts: Set<String> = []) throws {
            cluster = try EmbeddedCluster()
            for topic in Topics().all {
                try cluster.createTopic(topic.name, partitions: topic.partitions)
            }
            directory = try Directory()
            var configuration = ManagerService.Configuration(
                kafka: KafkaConfiguration(bootstrapServers: cluster.bootstrapServers),
                topics: Topics(),
                aggregator: "http://127.0.0.1:9",
                directory: directory.path,
                web: URL(fileURLWithPath: TestAPI.examples).deletingLastPathComponent().path
                    + "/web"
            )
            // All connections of the test come from one address.
            configuration.isBehindProxy = true
            configuration.publicHosts = hosts
            // Users first: the service reads them when it is made.
            let users = try UserStore(path: directory.path + "/users.json", cost: 10)
            var tokens: [String] = []
            for number in 0..<64 {
                let name = "u\(number)"
                _ = try users.add(name, role: .viewer)
                tokens.append(try users.makeToken("t", of: name, role: .viewer, days: 1).secret)
            }
            self.tokens = tokens
            let nothing = NoCluster(limits: try #require(ScaleLimits("1..4")), reason: "a test")
            manager = try ManagerService(
                configuration,
                scaler: nothing,
                cluster: nothing,
                logger: .silent,
                registry: MetricsRegistry()
            )
        }

        func request(_ user: Int, _ path: String) -> String {
            "GET /api/v1\(path) HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer \(tokens[user])\r\n\r\n"
        }
    }

    @Test func theFiveHundredAndFirstStreamIsRefusedAndSixHundredRequestsAreAnswered()
        async throws
    {
        try await onThread {
            let running = try Running()
            let port = running.manager.port
            var streams: [RawClient] = []
            for number in 0..<500 {
                let client = try RawClient(port: port)
                client.send(running.request(number / 8, "/events?topics=grid"))
                streams.append(client)
            }
            for stream in streams {
                #expect(stream.read(until: "event: hello").text.contains(" 200 "))
            }
            let late = try RawClient(port: port)
            late.send(running.request(63, "/events?topics=grid"))
            let refused = late.read(until: "\r\n\r\n").text
            #expect(refused.contains(" 503 "), "\(refused)")
            #expect(refused.contains("Retry-After: "))
            #expect(refused.contains("streams") || late.read(until: "streams").text != "")
            // All at once; the one above is kept.
            var clients: [RawClient] = []
            for number in 0..<599 {
                let client = try RawClient(port: port)
                client.send(running.request(number % 64, "/jobs/counts"))
                clients.append(client)
            }
            let answers = clients.map { $0.read(until: "\r\n\r\n").text }
            #expect(answers.count { $0.contains(" 200 ") } == 599, "\(answers.last ?? "")")
            late.send(running.request(63, "/jobs/counts"))
            #expect(late.read(until: "\"all\"").text.contains(" 200 "))
            #expect(streams.count == 500)
        }
    }

    @Test func aNinthStreamOfAUserIsRefused() async throws {
        try await onThread {
            let running = try Running()
            let streams = try (0..<8).map { _ in
                let client = try RawClient(port: running.manager.port)
                client.send(running.request(0, "/events"))
                #expect(client.read(until: "hello").text.contains(" 200 "))
                return client
            }
            let ninth = try RawClient(port: running.manager.port)
            ninth.send(running.request(0, "/events"))
            let text = ninth.read(until: "already").text
            #expect(text.contains(" 503 "))
            #expect(text.contains("Retry-After: 30"))
            #expect(streams.count == 8)
        }
    }

    @Test(arguments: ["-1", "0", "x", "9223372036854775808"])
    func anUploadWhoseLengthIsNoneIsRefused(length: String) async throws {
        try await onThread {
            let test = try TestAPI()
            let request = HTTPRequest(
                method: "POST",
                path: "/api/v1/uploads",
                query: ["name": "a.csv", "length": length],
                headers: [
                    "host": "127.0.0.1", "content-length": "1",
                    "authorization": "Bearer \(try test.token(.operator_))",
                ]
            )
            guard case .refusal(let refusal) = test.api.reception(of: request) else {
                Issue.record("it was taken")
                return
            }
            #expect(refusal.status == 400)
        }
    }

    /// A file must not be taken from a page of another name either.
    @Test func whatNamesAnotherHostIsRefusedBeforeItsBody() async throws {
        try await onThread {
            let running = try Running(hosts: ["grid.example"])
            for path in ["/uploads?name=a.csv", "/jobs"] {
                for (host, status) in [("evil.example", " 421 "), ("grid.example", " 403 ")] {
                    let client = try RawClient(port: running.manager.port)
                    client.send(
                        "POST /api/v1\(path) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 2\r\n"
                            + "Authorization: Bearer \(running.tokens[0])\r\n\r\n{}"
                    )
                    let text = client.read(until: "\"code\"").text
                    #expect(text.contains(status), "\(path) \(host): \(text)")
                }
            }
        }
    }
}
