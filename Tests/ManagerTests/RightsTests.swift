import GridAPI
import GridProtocol
import HTTP
import KafkaClient
import KafkaEmbedded
import Operations
import Testing

@testable import Manager

/// Who may what: the table of rights, and the lines that changes leave in the audit.
@Suite(.timeLimit(.minutes(2))) struct RightsTests {
    /// The least role for each address; `all` is everybody who has signed in, `open` everybody.
    ///
    /// Written down by hand: an address that is not here, or has another right, fails the test.
    private static let table = """
        all GET /session, DELETE /session, PUT /session/password
        all GET /tokens, POST /tokens, DELETE /tokens/{id}, GET /limits
        open POST /session
        viewer GET /grid, GET /engines, GET /engines/{id}, GET /cluster, GET /pods/{pod}/log
        viewer GET /scale, GET /events, GET /logs, GET /examples, GET /audit
        viewer GET /jobs, GET /jobs/counts, GET /jobs/{id}, GET /jobs/{id}/totals
        viewer GET /jobs/{id}/trades, GET /jobs/{id}/trades/{trade}
        viewer GET /jobs/{id}/trades/{trade}/explain, GET /jobs/{id}/failures
        viewer GET /jobs/{id}/batches, GET /jobs/{id}/batches/{batch}, GET /jobs/{id}/timeline
        viewer GET /jobs/{id}/proof, GET /jobs/{id}/record, GET /jobs/{id}/files/{name}
        viewer GET /comparisons/{pair}, GET /comparisons/{pair}/movers
        viewer GET /comparisons/{pair}/books, GET /deadletters, GET /deadletters/{place}
        viewer GET /deadletters/{place}/bytes, GET /snapshots, GET /snapshots/{hash}
        viewer GET /snapshots/{hash}/file
        operator POST /uploads, PATCH /uploads/{id}, GET /uploads/{id}, DELETE /uploads/{id}
        operator POST /checks, POST /jobs, POST /jobs/cancel, POST /jobs/{id}/cancel
        operator POST /jobs/{id}/pause, POST /jobs/{id}/resume, POST /jobs/{id}/verify
        operator POST /jobs/{id}/again, POST /jobs/{id}/acknowledge
        operator POST /deadletters/redrive, PUT /scale
        admin POST /engines/{id}/end, GET /users, POST /users, PATCH /users/{name}
        admin DELETE /users/{name}, GET /audit.csv
        """

    private static let least: [String: String] = table.split(separator: "\n").reduce(into: [:]) {
        let parts = $1.split(separator: " ", maxSplits: 1)
        for route in parts[1].split(separator: ", ") { $0[String(route)] = String(parts[0]) }
    }

    private func path(_ route: Route) -> String {
        route.path.split(separator: "/").map { $0.first == "{" ? "x" : String($0) }
            .reduce("") { $0 + "/" + $1 }
    }

    /// What is answered, `200` or `403 forbidden`, by the way that the server asks.
    private func answer(
        _ test: TestAPI,
        _ route: Route,
        _ headers: [String: String]
    ) throws -> String {
        var headers = headers
        headers["content-length"] = "2"
        let request = HTTPRequest(
            method: route.method,
            path: "/api/v1" + path(route),
            query: ["name": "a.csv"],
            headers: headers.merging(["host": "127.0.0.1"]) { $1 },
            body: Array("{}".utf8),
            peer: "127.0.0.1"
        )
        let response: HTTPResponse
        switch test.api.reception(of: request) {
        case .whole: response = try #require(test.api.response(to: request))
        case .refusal(let refusal): response = refusal
        case .upload(let sink):
            response = sink.finish()
        }
        guard response.status >= 400, case .bytes(let bytes) = response.body else {
            return "\(response.status)"
        }
        let code = try APIJSON.decoded(Code.self, from: bytes).code
        return "\(response.status) \(code)"
    }

    private struct Code: Decodable { var code: String }

    @Test func everyAddressIsInTheTable() throws {
        let routes = try TestAPI().api.routes.map { "\($0.method) \($0.path)" }
        #expect(routes.sorted() == Self.least.keys.sorted())
    }

    @Test func everyAddressAnswersByTheTable() async throws {
        try await onThread {
            let test = try TestAPI()
            for (number, route) in test.api.routes.enumerated() {
                let what = "\(route.method) \(route.path)"
                let least = try #require(Self.least[what], "\(what) is not in the table")
                guard least != "open" else {
                    let foreign = ["origin": "http://evil.example"]
                    #expect(try answer(test, route, foreign) == "403 cross_site", "\(what)")
                    #expect(try answer(test, route, [:]) == "400 bad_request", "\(what)")
                    continue
                }
                #expect(try answer(test, route, [:]) == "401 sign_in", "\(what) as nobody")
                let forged = ["cookie": "valgrid=a.b.1.9.9.c"]
                #expect(try answer(test, route, forged) == "401 sign_in", "\(what) forged")
                for role in Role.allCases {
                    // A user a case: none is slowed down for asking too often.
                    let name = "u\(number)-\(role.rawValue)"
                    _ = try test.users.add(name, role: role)
                    let user = try #require(test.users.user(name))
                    let session = try test.sessions.begin(user, at: Timestamp.now)
                    let cookie = ["cookie": "valgrid=\(test.sessions.cookie(of: session))"]
                    let csrf = cookie.merging(
                        ["x-csrf": test.sessions.changeToken(of: session)]
                    ) { $1 }
                    let foreign = csrf.merging(["origin": "http://evil.example"]) { $1 }
                    let site = csrf.merging(["sec-fetch-site": "same-site"]) { $1 }
                    let may = least == "all" || Role(rawValue: least).map { $0 <= role } == true
                    let says = "\(what) as \(role.rawValue)"
                    // Other sites cannot read an answer, so that they may ask.
                    for headers in [cookie, foreign, site] + (route.isChange ? [] : [csrf]) {
                        let said = try answer(test, route, headers)
                        let expected = route.isChange ? "403 cross_site" : "403 forbidden"
                        #expect((said == expected) == (route.isChange || !may), "\(says): \(said)")
                        #expect(
                            may && !route.isChange ? !isRefused(said) : true,
                            "\(says): \(said)"
                        )
                    }
                    guard route.isChange else { continue }
                    let said = try answer(test, route, csrf)
                    #expect((said == "403 forbidden") == !may, "\(says): \(said)")
                    #expect(!may || !isRefused(said), "\(says): \(said)")
                }
            }
        }
    }

    private func isRefused(_ answer: String) -> Bool {
        ["401 sign_in", "403 forbidden", "403 cross_site"].contains(answer)
    }

    /// Without TLS a browser drops the cookie: what to do is said, not that another site asked.
    @Test func aPageThatWasOpenedWithoutTLSIsToldSo() throws {
        let test = try TestAPI()
        let gate = Gate(
            users: test.users,
            sessions: test.sessions,
            isSecure: true,
            hosts: []
        )
        let route = try #require(
            test.api.routes.first { $0.method == "POST" && $0.path == "/session" }
        )
        func problem(_ origin: String) -> Problem? {
            let request = HTTPRequest(
                method: "POST",
                path: "/api/v1/session",
                headers: ["host": "grid.example:8080", "origin": origin]
            )
            do throws(Problem) {
                _ = try gate.admit(request, to: route)
                return nil
            } catch {
                return error
            }
        }
        #expect(problem("https://grid.example:8080") == nil)
        let plain = try #require(problem("http://grid.example:8080"))
        #expect(plain.status == 403)
        #expect(plain.detail.contains("open https://grid.example:8080/"))
        #expect(problem("http://evil.example")?.detail == "the change comes from another site")
    }

    // MARK: Audit

    /// Changes that nobody answers for: a file is seen by its sender alone, and a check by nobody.
    private static let unaudited: Set = [
        "POST /uploads", "PATCH /uploads/{id}", "DELETE /uploads/{id}", "POST /checks",
    ]

    private struct Change {
        var route: String
        var path: String
        var body: String
        var action: String
        var object: String
        var outcome = "done"
    }

    private static let changes: [Change] = [
        Change(
            route: "POST /jobs",
            path: "/jobs",
            body: """
                {"id":"eod","portfolio":"example:portfolio.json","market":["example:market.json"]}
                """,
            action: "jobs.submit",
            object: "eod"
        ),
        Change(
            route: "POST /jobs/{id}/pause",
            path: "/jobs/eod/pause",
            body: "{}",
            action: "jobs.pause",
            object: "eod"
        ),
        Change(
            route: "POST /jobs/{id}/resume",
            path: "/jobs/eod/resume",
            body: "{}",
            action: "jobs.resume",
            object: "eod"
        ),
        Change(
            route: "POST /jobs/{id}/cancel",
            path: "/jobs/eod/cancel",
            body: "{}",
            action: "jobs.cancel",
            object: "eod"
        ),
        Change(
            route: "POST /jobs/cancel",
            path: "/jobs/cancel",
            body: "{\"ids\":[\"other\"]}",
            action: "jobs.cancel",
            object: "other"
        ),
        Change(
            route: "POST /jobs/{id}/verify",
            path: "/jobs/eod/verify",
            body: "{\"trades\":2}",
            action: "jobs.verify",
            object: "eod-verify-1"
        ),
        Change(
            route: "POST /jobs/{id}/again",
            path: "/jobs/eod/again",
            body: "{}",
            action: "jobs.again",
            object: "eod-again-1"
        ),
        Change(
            route: "POST /jobs/{id}/acknowledge",
            path: "/jobs/ended/acknowledge",
            body: "{}",
            action: "jobs.acknowledge",
            object: "ended"
        ),
        Change(
            route: "POST /deadletters/redrive",
            path: "/deadletters/redrive",
            body: "{\"letters\":[\"0-1\"]}",
            action: "deadletters.redrive",
            object: "1 letters"
        ),
        Change(
            route: "PUT /scale",
            path: "/scale",
            body: "{\"count\":2}",
            action: "scale",
            object: "engines",
            outcome: "no_cluster"
        ),
        Change(
            route: "POST /engines/{id}/end",
            path: "/engines/e-1/end",
            body: "{\"how\":\"drain\"}",
            action: "engines.end",
            object: "e-1",
            outcome: "not_ours"
        ),
        Change(
            route: "POST /users",
            path: "/users",
            body: "{\"name\":\"vera\",\"role\":\"viewer\"}",
            action: "user.add",
            object: "vera"
        ),
        Change(
            route: "PATCH /users/{name}",
            path: "/users/vera",
            body: "{\"role\":\"operator\"}",
            action: "user.change",
            object: "vera"
        ),
        Change(
            route: "DELETE /users/{name}",
            path: "/users/vera",
            body: "",
            action: "user.remove",
            object: "vera"
        ),
        Change(
            route: "POST /tokens",
            path: "/tokens",
            body: "{\"name\":\"t\",\"role\":\"viewer\",\"days\":1}",
            action: "token.make",
            object: "t"
        ),
        Change(
            route: "DELETE /tokens/{id}",
            path: "/tokens/nothing",
            body: "",
            action: "token.remove",
            object: "nothing",
            outcome: "not_found"
        ),
        Change(
            route: "POST /session",
            path: "/session",
            body: "{\"user\":\"anna\",\"password\":\"PASSWORD\"}",
            action: "session.begin",
            object: "anna"
        ),
        Change(
            route: "PUT /session/password",
            path: "/session/password",
            body: "{\"old\":\"PASSWORD\",\"new\":\"a long enough word\"}",
            action: "user.password",
            object: "anna"
        ),
        Change(
            route: "DELETE /session",
            path: "/session",
            body: "",
            action: "session.end",
            object: "SESSION"
        ),
    ]

    @Test func everyChangeIsOnceInTheAuditWithIntentAndOutcome() async throws {
        let test = try TestAPI()
        let routes = Set(test.api.routes.filter(\.isChange).map { "\($0.method) \($0.path)" })
        #expect(routes == Self.unaudited.union(Self.changes.map(\.route)))
        let session = try await onThread {
            let password = try test.users.add("anna", role: .admin)
            test.table.set(JobRow.ended("ended"))
            var session: Session?
            for change in Self.changes {
                let user = try #require(test.users.user("anna"))
                let begun = try test.sessions.begin(user, at: Timestamp.now)
                session = begun
                let answer = try test.call(
                    String(change.route.prefix { $0 != " " }),
                    change.path,
                    [
                        "cookie": "valgrid=\(test.sessions.cookie(of: begun))",
                        "x-csrf": test.sessions.changeToken(of: begun),
                    ],
                    body: change.body.replacing("PASSWORD", with: password)
                )
                #expect((answer.status < 300) == (change.outcome == "done"), "\(change.route)")
            }
            return try #require(session)
        }
        let kafka = KafkaConfiguration(bootstrapServers: test.cluster.bootstrapServers)
        let entries = try await auditEntries(kafka, Topics().audit)
        try #require(entries.count == 2 * Self.changes.count)
        for (number, change) in Self.changes.enumerated() {
            let (intent, outcome) = (entries[2 * number], entries[2 * number + 1])
            #expect(intent.phase == "intent")
            #expect(intent.outcome == nil)
            #expect(outcome.phase == "outcome")
            #expect(outcome.outcome == change.outcome, "\(change.route)")
            #expect(intent.request == outcome.request)
            for entry in [intent, outcome] {
                #expect(entry.action == change.action)
                #expect(entry.object == change.object.replacing("SESSION", with: session.id))
                #expect(entry.who == "anna")
                #expect(entry.role == "admin")
            }
        }
        #expect(Set(entries.map(\.request)).count == Self.changes.count)
        let finding = try await AuditVerifier(configuration: kafka, topic: Topics().audit).verify()
        #expect(finding.breakCount == 0)
    }
}
