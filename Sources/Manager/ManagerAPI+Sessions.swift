internal import GridAPI
internal import HTTP
internal import Operations

extension ManagerAPI {
    private struct SignIn: Decodable {
        var user: String
        var password: String
    }

    private struct SessionAnswer: Encodable {
        var user: String
        var role: Role
        var rights: [Right]
        var csrf: String?
        var ends: String?
        var environment: String?
        var mustChangePassword: Bool
    }

    private struct NewPassword: Decodable {
        var old: String
        var new: String
    }

    private struct NewToken: Decodable {
        var name: String
        var role: Role
        var days: Int
    }

    private struct TokenAnswer: Encodable {
        var id: String
        var name: String
        var user: String
        var role: Role
        var createdAt: String
        var ends: String
        var lastUsedAt: String?
        /// The secret, once.
        var token: String?

        init(_ token: AccessToken, lastUsed: Int64? = nil, secret: String? = nil) {
            id = token.id
            name = token.name
            user = token.user
            role = token.role
            createdAt = Timestamp.iso8601(token.createdAt)
            ends = Timestamp.iso8601(token.ends)
            lastUsedAt = lastUsed.map(Timestamp.iso8601)
            self.token = secret
        }
    }

    /// Signing in and out, and tokens.
    var sessionRoutes: [Route] {
        [
            Route(
                method: "POST",
                path: "/session",
                access: .open,
                summary: "Signs in; the cookie of the answer is the session.",
                fields: [("user", "the user's name"), ("password", "their password")],
                success: 204,
                answer: signIn
            ),
            Route(
                method: "GET",
                path: "/session",
                access: .signedIn,
                summary: "Who is signed in, and what they may.",
                answer: session
            ),
            Route(
                method: "DELETE",
                path: "/session",
                access: .signedIn,
                summary: "Signs out.",
                success: 204,
                answer: signOut
            ),
            Route(
                method: "PUT",
                path: "/session/password",
                access: .signedIn,
                summary: "Changes one's own password; all one's sessions end.",
                fields: [("old", "the password so far"), ("new", "12 to 256 characters")],
                success: 204,
                answer: changePassword
            ),
            Route(
                method: "GET",
                path: "/tokens",
                access: .signedIn,
                summary: "One's tokens; an admin sees all.",
                answer: tokens
            ),
            Route(
                method: "POST",
                path: "/tokens",
                access: .signedIn,
                summary: "Makes a token for scripts; its secret is shown once.",
                fields: [
                    ("name", "what it is for"),
                    ("role", "viewer, operator or admin; one's own at most"),
                    ("days", "1 to 366"),
                ],
                success: 201,
                answer: makeToken
            ),
            Route(
                method: "DELETE",
                path: "/tokens/{id}",
                access: .signedIn,
                summary: "Removes a token.",
                success: 204,
                answer: removeToken
            ),
        ]
    }

    private func signIn(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: SignIn = try call.body()
        let (user, session) = try gate.signIn(
            body.user,
            body.password,
            from: call.caller.address
        )
        var signed = call
        signed.caller.user = user.name
        signed.caller.role = user.role
        // Reading must work while Kafka is away: signing in is noted, not made dependent.
        do throws(Problem) {
            try audited(signed, "session.begin", user.name) { () throws(Problem) in ((), nil) }
        } catch {
            logger.warning("a sign-in is not in the audit", [.error: error.detail])
        }
        var response = HTTPResponse.done
        response.headers["Set-Cookie"] = gate.cookie(session)
        return response
    }

    private func session(_ call: Call) throws(Problem) -> HTTPResponse {
        let caller = call.caller
        return try .value(
            SessionAnswer(
                user: caller.user,
                role: caller.role,
                rights: caller.role.rights,
                csrf: caller.session.map { gate.sessions.changeToken(of: $0) },
                ends: caller.session.map { Timestamp.iso8601($0.ends) },
                environment: environment,
                mustChangePassword: caller.mustChangePassword
            )
        )
    }

    private func signOut(_ call: Call) throws(Problem) -> HTTPResponse {
        guard let session = call.caller.session else { return .done }
        gate.sessions.end(session.id, ends: session.ends, at: Timestamp.now)
        do throws(Problem) {
            try audited(call, "session.end", session.id) { () throws(Problem) in ((), nil) }
        } catch {
            logger.warning("a sign-out is not in the audit", [.error: error.detail])
        }
        var response = HTTPResponse.done
        response.headers["Set-Cookie"] = gate.cookie(nil)
        return response
    }

    private func changePassword(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: NewPassword = try call.body()
        guard users.user(call.caller.user, password: body.old) != nil else {
            throw Problem(401, "wrong_credentials", "the password so far is wrong")
        }
        try audited(call, "user.password", call.caller.user) { () throws(Problem) in
            do throws(ManagerError) {
                try users.setPassword(of: call.caller.user, to: body.new)
            } catch {
                throw Problem(400, "bad_request", error.description)
            }
            return ((), nil)
        }
        var response = HTTPResponse.done
        // The session of whoever changed it goes on.
        if call.caller.session != nil, let user = users.user(call.caller.user),
            let session = try? gate.sessions.begin(user, at: Timestamp.now)
        {
            response.headers["Set-Cookie"] = gate.cookie(session)
        }
        return response
    }

    private func tokens(_ call: Call) throws(Problem) -> HTTPResponse {
        let owner = call.caller.role.may(.users) ? nil : call.caller.user
        let items = users.tokens(of: owner).map { TokenAnswer($0.token, lastUsed: $0.lastUsed) }
        return try .value(
            ListAnswer(
                items: items,
                total: items.count,
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func makeToken(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: NewToken = try call.body()
        guard body.role <= call.caller.role else {
            throw Problem(403, "role_too_high", "you are \(call.caller.role.rawValue) yourself")
        }
        guard (1...366).contains(body.days), (1...100).contains(body.name.count) else {
            throw Problem(400, "bad_request", "name has 1 to 100 characters, days is 1 to 366")
        }
        let made = try audited(call, "token.make", body.name) { () throws(Problem) in
            do throws(ManagerError) {
                let made = try users.makeToken(
                    body.name,
                    of: call.caller.user,
                    role: body.role,
                    days: body.days
                )
                return (made, made.token.id)
            } catch {
                throw Problem(409, "not_possible", error.description)
            }
        }
        return try .value(TokenAnswer(made.token, secret: made.secret), status: 201)
    }

    private func removeToken(_ call: Call) throws(Problem) -> HTTPResponse {
        let id = call.parameter("id")
        let owner = call.caller.role.may(.users) ? nil : call.caller.user
        try audited(call, "token.remove", id) { () throws(Problem) in
            let isThere: Bool
            do throws(ManagerError) {
                isThere = try users.removeToken(id, of: owner)
            } catch {
                throw Problem(500, "internal", error.description)
            }
            guard isThere else { throw Problem(404, "not_found", "there is no token \(id)") }
            return ((), nil)
        }
        return .done
    }
}
