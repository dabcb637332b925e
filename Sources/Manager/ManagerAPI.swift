internal import Foundation
internal import GridAPI
internal import HTTP
internal import Operations
internal import Scaling
internal import Synchronization
internal import TradeAnalysis

/// Answers `/api/v1`, as far as it needs neither sockets nor Kafka.
final class ManagerAPI: Sendable {
    let users: UserStore
    let gate: Gate
    let uploads: UploadStore
    let maker: JobMaker
    let desk: SubmissionDesk
    let grid: any GridAccess
    let jobs: any JobsSource
    let follower: AggregatorSource
    let table: JobTable
    let hub: EventHub
    let audit: AuditLog
    let logs: LogRing
    let scaler: any Scaler
    let cluster: any ClusterSource
    /// Asks a pricer about trades; nil where there is none.
    let analyst: TradeAnalyst?
    let logger: Logger
    /// What the page calls this grid; nil for nothing.
    let environment: String?

    init(
        users: UserStore,
        gate: Gate,
        uploads: UploadStore,
        maker: JobMaker,
        desk: SubmissionDesk,
        grid: any GridAccess,
        jobs: AggregatorSource,
        table: JobTable,
        hub: EventHub,
        audit: AuditLog,
        logs: LogRing,
        scaler: any Scaler,
        cluster: any ClusterSource,
        analyst: TradeAnalyst?,
        logger: Logger,
        environment: String?
    ) {
        self.users = users
        self.gate = gate
        self.uploads = uploads
        self.maker = maker
        self.desk = desk
        self.grid = grid
        self.jobs = jobs
        follower = jobs
        self.table = table
        self.hub = hub
        self.audit = audit
        self.logs = logs
        self.scaler = scaler
        self.cluster = cluster
        self.analyst = analyst
        self.logger = logger
        self.environment = environment
    }

    private let known = Mutex<RouteTable?>(nil)

    static let prefix = "/api/v1"

    /// Every address, once; made at the first request and kept, with this object, for good.
    var routes: [Route] { routeTable.routes }

    private var routeTable: RouteTable {
        known.withLock { known in
            if let known { return known }
            let made = RouteTable(
                sessionRoutes + userRoutes + uploadRoutes + jobRoutes + jobDetailRoutes
                    + repricingRoutes + gridRoutes + logRoutes + letterRoutes
                    + snapshotRoutes
            )
            known = made
            return made
        }
    }

    /// Answers a request; nil when it is for another part of the program.
    func response(to request: HTTPRequest) -> HTTPResponse? {
        if let problem = gate.hostProblem(request) { return problem.response(to: request.path) }
        if request.path == "/openapi.json" {
            return OpenAPI.response(of: routes)
        }
        guard request.path.hasPrefix(Self.prefix + "/") else { return explanation(request) }
        let id = (try? Secrets.random(9)).map(Base64URL.text) ?? "-"
        var response: HTTPResponse
        do throws(Problem) {
            response = try answer(request, id)
        } catch {
            if error.status >= 500 {
                logger.warning(
                    "a request failed",
                    [.url: "\(request.method) \(request.path)", .error: error.detail]
                )
            }
            response = error.response(to: request.path)
        }
        response.headers["X-Request-Id"] = id
        return response
    }

    /// Decides by the head of a request what is done with its body.
    func reception(of request: HTTPRequest) -> HTTPReception {
        guard request.path.hasPrefix(Self.prefix + "/uploads"),
            let route = try? route(of: request).route,
            route.method == "POST" || route.method == "PATCH"
        else { return .whole }
        do throws(Problem) {
            if let problem = gate.hostProblem(request) { throw problem }
            return .upload(try upload(request))
        } catch {
            return .refusal(error.response(to: request.path))
        }
    }

    // MARK: Audit

    /// Does something that people answer for: a line before it, and one after.
    func audited<Value>(
        _ call: Call,
        _ action: String,
        _ object: String,
        reason: String? = nil,
        _ body: () throws(Problem) -> (value: Value, after: String?)
    ) throws(Problem) -> Value {
        func entry(_ phase: String, outcome: String? = nil, after: String? = nil) -> AuditEntry {
            AuditEntry(
                at: Timestamp.iso8601(Timestamp.now),
                who: call.caller.user,
                role: call.caller.role.rawValue,
                how: call.caller.way.rawValue,
                address: call.caller.address,
                request: call.id,
                action: action,
                object: object,
                after: after,
                reason: reason.map { String($0.prefix(1_000)) },
                phase: phase,
                outcome: outcome
            )
        }
        try audit.append(entry("intent"))
        do throws(Problem) {
            let done = try body()
            noteOutcome(entry("outcome", outcome: "done", after: done.after))
            return done.value
        } catch {
            noteOutcome(entry("outcome", outcome: error.code))
            throw error
        }
    }

    /// What was done cannot be undone when its second line cannot be written; the first names it.
    private func noteOutcome(_ entry: AuditEntry) {
        do throws(Problem) {
            try audit.append(entry)
        } catch {
            logger.error(
                "the outcome of an act is not in the audit",
                [.url: entry.request, .error: error.detail]
            )
        }
    }

    // MARK: Private

    private func route(
        of request: HTTPRequest
    ) throws(Problem) -> (route: Route, parameters: [String: String]) {
        switch routeTable.find(request.method, Array(request.pathComponents.dropFirst(2))) {
        case .route(let route, let parameters): return (route, parameters)
        case .otherMethods(let methods):
            throw Problem(
                405,
                "method_not_allowed",
                "\(request.path) is there for \(methods.joined(separator: ", "))"
            )
        case .nothing: throw Problem(404, "not_found", "there is nothing at \(request.path)")
        }
    }

    private func answer(_ request: HTTPRequest, _ id: String) throws(Problem) -> HTTPResponse {
        let (route, parameters) = try route(of: request)
        let caller = try gate.admit(request, to: route)
        let call = Call(request: request, parameters: parameters, caller: caller, id: id)
        var response = try route.answer(call)
        if let session = caller.session,
            let renewed = gate.sessions.renewed(session, at: Timestamp.now),
            response.headers["Set-Cookie"] == nil
        {
            response.headers["Set-Cookie"] = gate.cookie(renewed)
        }
        return response
    }

    /// The page that explains a problem's code.
    private func explanation(_ request: HTTPRequest) -> HTTPResponse? {
        let parts = request.pathComponents
        guard parts.count == 3, parts[0] == "api", parts[1] == "problems" else { return nil }
        guard let text = Problem.catalogue[parts[2]] else {
            return .text("There is no problem \(parts[2]).\n", status: 404)
        }
        return .text("\(parts[2])\n\n\(text)\n")
    }

    private func upload(_ request: HTTPRequest) throws(Problem) -> UploadSink {
        let (route, parameters) = try route(of: request)
        let caller = try gate.admit(request, to: route)
        let length = request.headers["content-length"].flatMap { Int64($0) }
        if route.method == "POST" {
            guard length != nil else {
                throw Problem(411, "bad_request", "an upload says its Content-Length")
            }
            let whole = request.query["length"].map { Int64($0) ?? 0 }
            guard whole ?? 1 > 0 else {
                throw Problem(400, "bad_request", "?length= is the file's bytes in all")
            }
            return try uploads.begin(
                request.query["name"] ?? "",
                of: caller.user,
                whole: whole,
                length: length
            )
        }
        guard let offset = request.headers["upload-offset"].flatMap({ Int64($0) }) else {
            throw Problem(400, "bad_request", "Upload-Offset says where the body begins")
        }
        return try uploads.resume(
            parameters["id"] ?? "",
            of: caller.user,
            at: offset,
            length: length
        )
    }
}

extension Call {
    /// `?limit=`, from 1 to 500.
    func limit() throws(Problem) -> Int {
        guard let text = request.query["limit"] else { return 100 }
        guard let limit = Int(text), (1...500).contains(limit) else {
            throw Problem(400, "bad_filter", "limit is 1 to 500")
        }
        return limit
    }
}
