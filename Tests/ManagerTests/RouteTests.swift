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
