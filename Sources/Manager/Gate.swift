internal import HTTP
internal import Operations

/// Finds out who asks, and whether they may.
struct Gate: Sendable {
    let users: UserStore
    let sessions: SessionKeeper
    /// Whether browsers reach the page over TLS.
    let isSecure: Bool
    /// The names that a browser may use for the page; empty for any.
    let hosts: Set<String>
    private let requests = RateLimiter(rate: 50, burst: 100)
    private let signIns = RateLimiter(rate: 5.0 / 60, burst: 5, isDoubling: true)
    private let addresses = RateLimiter(rate: 20.0 / 60, burst: 20, isDoubling: true)

    init(users: UserStore, sessions: SessionKeeper, isSecure: Bool, hosts: Set<String>) {
        self.users = users
        self.sessions = sessions
        self.isSecure = isSecure
        self.hosts = hosts
    }

    // MARK: Sessions

    /// The name of the cookie; browsers take the first one over TLS only, for this host only.
    var cookieName: String { isSecure ? "__Host-valgrid" : "valgrid" }

    /// The header that sets the cookie; without a session it is removed.
    func cookie(_ session: Session?) -> String {
        let value = session.map { sessions.cookie(of: $0) } ?? ""
        var text = "\(cookieName)=\(value); Path=/; HttpOnly; SameSite=Strict"
        if isSecure { text += "; Secure" }
        if session == nil { text += "; Max-Age=0" }
        return text
    }

    /// The user whose name and password these are.
    func signIn(
        _ name: String,
        _ password: String,
        from address: String
    ) throws(Problem) -> (user: User, session: Session) {
        for (limiter, key) in [(addresses, address), (signIns, name)] {
            if let wait = limiter.take(key) {
                throw Problem(
                    429,
                    "too_many_tries",
                    "too many sign-ins; try again in \(wait) s",
                    retryAfter: wait
                )
            }
        }
        guard let user = users.user(name, password: password) else {
            throw Problem(401, "wrong_credentials", "user or password is wrong")
        }
        do throws(ManagerError) {
            return (user, try sessions.begin(user, at: Timestamp.now))
        } catch {
            throw Problem(500, "internal", error.description)
        }
    }

    // MARK: Requests

    /// Who asks; nil when they have not signed in.
    func caller(of request: HTTPRequest) -> Caller? {
        if let header = request.headers["authorization"] {
            guard header.hasPrefix("Bearer "), let (token, user) = users.token(header.dropFirst(7))
            else { return nil }
            return Caller(
                user: user.name,
                role: min(token.role, user.role),
                way: .token,
                address: request.peer
            )
        }
        guard let cookie = cookieValue(request),
            let session = sessions.session(cookie, at: Timestamp.now),
            let user = users.user(session.user), user.generation == session.generation
        else { return nil }
        return Caller(
            user: user.name,
            role: user.role,
            way: .session,
            address: request.peer,
            session: session,
            mustChangePassword: user.mustChangePassword
        )
    }

    /// Lets a request to a route pass, or says why not.
    func admit(_ request: HTTPRequest, to route: Route) throws(Problem) -> Caller {
        let caller = caller(of: request)
        if case .open = route.access {
            try demandSameSite(request, route, nil)
            return caller ?? Caller(user: "", role: .viewer, way: .session, address: request.peer)
        }
        guard let caller else {
            throw Problem(401, "sign_in", "sign in, or send Authorization: Bearer TOKEN")
        }
        if let wait = requests.take(caller.user) {
            throw Problem(
                429,
                "too_many_requests",
                "more than 50 requests a second",
                retryAfter: wait
            )
        }
        try demandSameSite(request, route, caller)
        if case .right(let right) = route.access, !caller.role.may(right) {
            throw Problem(
                403,
                "forbidden",
                "\(caller.user) is \(caller.role.rawValue); \(right.rawValue) needs "
                    + right.role.rawValue
            )
        }
        return caller
    }

    /// Refuses a change that another site makes through a browser that has signed in.
    private func demandSameSite(
        _ request: HTTPRequest,
        _ route: Route,
        _ caller: Caller?
    ) throws(Problem) {
        guard route.isChange, caller?.way != .token else { return }
        let isForeign =
            switch (request.headers["sec-fetch-site"], request.headers["origin"]) {
            case (let site?, _): site != "same-origin" && site != "none"
            case (nil, let origin?): origin != own(request)
            case (nil, nil): false
            }
        if isForeign, isSecure, let host = request.headers["host"],
            request.headers["origin"] == "http://" + host
        {
            // A browser would not keep the cookie either.
            throw Problem(
                403,
                "cross_site",
                "the page was opened over plain http: open https://\(host)/"
            )
        }
        guard !isForeign else {
            throw Problem(403, "cross_site", "the change comes from another site")
        }
        guard let session = caller?.session else { return }
        guard request.headers["x-csrf"] == sessions.changeToken(of: session) else {
            throw Problem(403, "cross_site", "the X-CSRF header is missing or wrong")
        }
    }

    private func own(_ request: HTTPRequest) -> String {
        (isSecure ? "https://" : "http://") + (request.headers["host"] ?? "")
    }

    /// Why the name that a request calls the page by is refused; nil when it is not.
    ///
    /// A page of another name that leads here could read what is answered.
    func hostProblem(_ request: HTTPRequest) -> Problem? {
        guard !hosts.isEmpty else { return nil }
        guard let host = request.headers["host"] else {
            return Problem(400, "bad_request", "the request names no host")
        }
        let name = host.hasPrefix("[") ? host.prefix { $0 != "]" } + "]" : host.prefix { $0 != ":" }
        return hosts.contains(String(name)) || hosts.contains(host)
            ? nil : Problem(421, "bad_request", "this is not \(host)")
    }

    private func cookieValue(_ request: HTTPRequest) -> String? {
        for part in (request.headers["cookie"] ?? "").split(separator: ";") {
            let text = part.drop { $0 == " " }
            if text.hasPrefix(cookieName + "=") {
                return String(text.dropFirst(cookieName.count + 1))
            }
        }
        return nil
    }
}
