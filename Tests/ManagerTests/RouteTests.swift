import Foundation
import GridAPI
import GridProtocol
import GridSubmission
import GridTopics
import HTTP
import KafkaClient
import KafkaEmbedded
import Operations
import Scaling
import Synchronization
import Testing

@testable import Manager

/// A grid that takes every job, and remembers them.
private final class FakeGrid: GridAccess {
    let submitted = Mutex<[JobID: Int]>([:])

    func submit(_ job: PlannedJob) throws(Problem) -> JobSubmitter.Outcome {
        let count = submitted.withLock { submitted in
            submitted[job.jobID, default: 0] += 1
            return submitted[job.jobID] ?? 0
        }
        return count == 1 ? .submitted : .alreadySubmitted
    }

    func control(_ job: JobID, _ action: JobAction) throws(Problem) {}

    func letters(_ filter: LetterFilter, most: Int) throws(Problem) -> (
        letters: [StoredLetter], total: Int
    ) { ([], 0) }

    func terms(
        of record: RecordPlaceDescription,
        on snapshot: String
    ) throws(Problem) -> (batch: [UInt8], snapshot: [UInt8])? { nil }

    func letter(at place: LetterPlace) throws(Problem) -> StoredLetter? { nil }

    func redrive(
        _ selection: LetterSelection,
        id: JobID?,
        submitter: String,
        isDry: Bool
    ) throws(Problem) -> (jobs: [RedrivenJob], refusals: [RedriveRefusal]) { ([], []) }
}

/// The API on an embedded broker, which keeps the audit; without sockets.
private struct TestAPI: Sendable {
    let cluster: EmbeddedCluster
    let directory: Directory
    let api: ManagerAPI
    let grid = FakeGrid()
    let users: UserStore
    let sessions: SessionKeeper
    let table = JobTable()

    init() throws {
        cluster = try EmbeddedCluster()
        let topics = Topics()
        try cluster.createTopic(topics.audit, partitions: 1)
        directory = try Directory()
        users = try UserStore(path: directory.path + "/users.json", cost: 10)
        sessions = try SessionKeeper(keyFile: directory.path + "/key")
        let uploads = try UploadStore(
            directory: directory.path + "/uploads",
            limit: 1 << 20,
            room: 4 << 20
        )
        let kafka = KafkaConfiguration(
            bootstrapServers: cluster.bootstrapServers,
            clientID: "test"
        )
        let hub = EventHub(boot: "boot")
        let nothing = NoCluster(limits: try #require(ScaleLimits("1..4")), reason: "a test")
        api = ManagerAPI(
            users: users,
            gate: Gate(users: users, sessions: sessions, isSecure: false, hosts: ["127.0.0.1"]),
            uploads: uploads,
            maker: JobMaker(uploads: uploads, examples: Self.examples),
            desk: SubmissionDesk(grid: grid, logger: .silent),
            grid: grid,
            jobs: AggregatorSource(
                base: "http://127.0.0.1:9",
                client: HTTPClient(),
                table: table,
                hub: hub,
                logger: .silent
            ),
            table: table,
            hub: hub,
            audit: try AuditLog(configuration: kafka, topic: topics.audit, logger: .silent),
            logs: LogRing(),
            scaler: nothing,
            cluster: nothing,
            analyst: nil,
            logger: .silent,
            environment: nil
        )
    }

    static var examples: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path + "/examples"
    }

    /// A token of somebody with a role.
    func token(_ role: Role) throws -> String {
        let name = "u-\(role.rawValue)"
        if users.user(name) == nil { _ = try users.add(name, role: role) }
        return try users.makeToken("t", of: name, role: role, days: 1).secret
    }

    func call(
        _ method: String,
        _ path: String,
        _ headers: [String: String] = [:],
        body: String = "{}"
    ) throws -> HTTPResponse {
        var all = headers
        all["host"] = "127.0.0.1:8080"
        return try #require(
            api.response(
                to: HTTPRequest(
                    method: method,
                    path: "/api/v1" + path,
                    headers: all,
                    body: Array(body.utf8),
                    peer: "127.0.0.1"
                )
            )
        )
    }
}

@Suite(.timeLimit(.minutes(1))) struct RouteTests {
    /// A request to a route, its open parts filled in.
    private func path(_ route: Route) -> String {
        route.path.split(separator: "/").map { $0.first == "{" ? "x" : String($0) }
            .reduce("") { $0 + "/" + $1 }
    }

    @Test func everyRouteIsForItsRolesAlone() async throws {
        try await onThread {
            let test = try TestAPI()
            let tokens = try Role.allCases.map { ($0, try test.token($0)) }
            for route in test.api.routes where route.access != .open {
                let what = "\(route.method) \(route.path)"
                #expect(try test.call(route.method, path(route)).status == 401, "\(what) as nobody")
                guard case .right(let right) = route.access else { continue }
                for (role, token) in tokens where !role.may(right) {
                    let answer = try test.call(
                        route.method,
                        path(route),
                        ["authorization": "Bearer \(token)"]
                    )
                    #expect(answer.status == 403, "\(what) as \(role.rawValue)")
                }
                // Whoever may is refused for other reasons only: there is no such thing, or no body.
                if let (_, token) = tokens.last(where: { $0.0.may(right) }), !route.isChange {
                    let answer = try test.call(
                        route.method,
                        path(route),
                        ["authorization": "Bearer \(token)"]
                    )
                    #expect(![401, 403].contains(answer.status), "\(what): \(answer.status)")
                }
            }
        }
    }

    @Test func aChangeWithACookieNeedsItsOwnPage() async throws {
        try await onThread {
            let test = try TestAPI()
            _ = try test.users.add("omar", role: .operator_)
            let user = try #require(test.users.user("omar"))
            let session = try test.sessions.begin(user, at: Timestamp.now)
            let cookie = ["cookie": "valgrid=\(test.sessions.cookie(of: session))"]
            let csrf = ["x-csrf": test.sessions.changeToken(of: session)]
            for route in test.api.routes where route.isChange && route.access != .open {
                func status(_ headers: [String: String]) throws -> Int {
                    try test.call(route.method, path(route), cookie.merging(headers) { $1 }).status
                }
                #expect(try status([:]) == 403, "\(route.path) without X-CSRF")
                #expect(try status(["x-csrf": "wrong"]) == 403, "\(route.path)")
                let foreign = csrf.merging(["sec-fetch-site": "cross-site"]) { $1 }
                #expect(try status(foreign) == 403, "\(route.path) from another site")
                let origin = csrf.merging(["origin": "http://evil.example"]) { $1 }
                #expect(try status(origin) == 403, "\(route.path) of another origin")
            }
            let own = csrf.merging(["sec-fetch-site": "same-origin"]) { $1 }.merging(cookie) { $1 }
            #expect(try test.call("DELETE", "/session", own).status == 204)
            #expect(try test.call("GET", "/session", cookie).status == 401)
        }
    }

    @Test func anotherNameOfThePageIsRefused() throws {
        let test = try TestAPI()
        let answer = test.api.response(
            to: HTTPRequest(path: "/api/v1/session", headers: ["host": "evil.example"])
        )
        #expect(answer?.status == 421)
    }

    @Test func whoTriesTooOftenWaits() async throws {
        try await onThread {
            let test = try TestAPI()
            let body = "{\"user\":\"admin\",\"password\":\"wrong\"}"
            var statuses: [Int] = []
            for _ in 0..<6 { statuses.append(try test.call("POST", "/session", body: body).status) }
            #expect(statuses == [401, 401, 401, 401, 401, 429])
            #expect(try test.call("POST", "/session", body: body).headers["Retry-After"] != nil)
        }
    }

    @Test func theDescriptionHasEveryRouteOnce() throws {
        let test = try TestAPI()
        let document = OpenAPI.document(of: test.api.routes)
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        let described = paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } }
        let routes = test.api.routes.map { "\($0.method.lowercased()) /api/v1\($0.path)" }
        #expect(described.sorted() == routes.sorted())
        #expect(Set(routes).count == routes.count)
        let operations = paths.values.flatMap { $0.values.compactMap { $0 as? [String: Any] } }
        let ids = operations.compactMap { $0["operationId"] as? String }
        #expect(Set(ids).count == routes.count)
        let answer = try #require(test.api.response(to: HTTPRequest(path: "/openapi.json")))
        guard case .bytes(let bytes) = answer.body else { return #expect(Bool(false)) }
        #expect(try JSONSerialization.jsonObject(with: Data(bytes)) is [String: Any])
    }

    @Test func theSameOrderFiftyTimesAtOnceIsOneJob() async throws {
        let test = try TestAPI()
        let token = try test.token(.operator_)
        let body = """
            {"portfolio":"example:portfolio.json","market":["example:market.json"]}
            """
        let answers = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let key = number % 2 == 0 ? ["idempotency-key": "k"] : [:]
                    let answer = try await onThread {
                        try test.call(
                            "POST",
                            "/jobs",
                            key.merging(["authorization": "Bearer \(token)"]) { $1 },
                            body: body
                        )
                    }
                    guard case .bytes(let bytes) = answer.body else { return "no body" }
                    return "\(answer.status) \(String(decoding: bytes, as: UTF8.self))"
                }
            }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(answers.allSatisfy { $0.hasPrefix("202") }, "\(answers.first ?? "")")
        #expect(answers.count { $0.contains("\"isReplay\" : false") } == 1)
        #expect(test.grid.submitted.withLock { $0.count } == 1)
    }

    @Test func aFileWithProblemsIsNamedLineByLineAndNothingIsQueued() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try test.token(.operator_)
            let sink = try test.api.uploads.begin(
                "bad.csv",
                of: "u-operator",
                whole: nil,
                length: 20
            )
            let text = Array("tradeId,type\nA,Nothing\n".utf8)
            #expect(text.withUnsafeBufferPointer { sink.receive($0) })
            guard case .bytes(let bytes) = sink.finish().body else { return #expect(Bool(false)) }
            let upload = try APIJSON.decoded(UploadAnswer.self, from: bytes)
            let answer = try test.call(
                "POST",
                "/jobs",
                ["authorization": "Bearer \(token)"],
                body: "{\"portfolio\":\"\(upload.id)\",\"market\":[\"example:market.json\"]}"
            )
            #expect(answer.status == 422)
            guard case .bytes(let problem) = answer.body else { return #expect(Bool(false)) }
            let said = String(decoding: problem, as: UTF8.self)
            #expect(said.contains("\"file\" : \"bad.csv\""))
            #expect(said.contains("\"line\" : 2"))
            #expect(said.contains("nothing was queued"))
            #expect(test.grid.submitted.withLock { $0.isEmpty })
        }
    }
}
