internal import Foundation
internal import GridAPI
internal import HTTP
internal import Operations
internal import Scaling

extension ManagerAPI {
    private struct PulseAnswer: Encodable {
        struct Engines: Encodable {
            var live: Int
            var silent: Int
            var draining: Int
        }

        struct Pricers: Encodable {
            var busy: Int
            var all: Int
        }

        struct Reach: Encodable {
            var reachable: Bool
            var since: String
            var reason: String?
        }

        var engines: Engines
        var pricers: Pricers
        var tradesPerSecond: Double
        var waiting: GridPulse.Waiting?
        var jobs: [String: Int]
        var ledger: GridPulse.Ledger?
        var scale: ScaleStatus
        var aggregator: Reach
    }

    private struct Limits: Encodable {
        var uploadBytes: Int64
        var batchSize = 100
        var metrics: [String]
        var priorities = ["eod", "intraday"]
        var streamsPerUser = EventHub.mostOfAUser
        var generatedTrades = JobMaker.mostGenerated
    }

    /// The grid as a whole: engines, scaling, logs, events.
    var gridRoutes: [Route] {
        [
            Route(
                method: "GET",
                path: "/grid",
                access: .right(.see),
                summary: "The grid's pulse.",
                answer: pulse
            ),
            Route(
                method: "GET",
                path: "/limits",
                access: .signedIn,
                summary: "What may be sent and asked for.",
                answer: limits
            ),
            Route(
                method: "GET",
                path: "/engines",
                access: .right(.see),
                summary: "Every engine that was heard in the last day.",
                answer: { (_) throws(Problem) in try self.engineList() }
            ),
            Route(
                method: "GET",
                path: "/engines/{id}",
                access: .right(.see),
                summary: "One engine.",
                answer: engine
            ),
            Route(
                method: "POST",
                path: "/engines/{id}/end",
                access: .right(.endEngine),
                summary: "Ends an engine of this grid.",
                fields: [("how", "drain or now"), ("reason", "why")],
                success: 202,
                answer: endEngine
            ),
            Route(
                method: "GET",
                path: "/cluster",
                access: .right(.see),
                summary: "What the engines run on.",
                answer: { (_) throws(Problem) in try .value(self.cluster.cluster()) }
            ),
            Route(
                method: "GET",
                path: "/pods/{pod}/log",
                access: .right(.see),
                summary: "The log of a pod or a local engine.",
                query: [("tail", "lines"), ("previous", "true for the one before the restart")],
                answer: podLog
            ),
            Route(
                method: "GET",
                path: "/scale",
                access: .right(.see),
                summary: "How many engines there are and may be.",
                answer: { (_) throws(Problem) in
                    let status = self.scaler.scale()
                    var response = try HTTPResponse.value(status)
                    response.headers["ETag"] = "\"\(status.etag)\""
                    return response
                }
            ),
            Route(
                method: "PUT",
                path: "/scale",
                access: .right(.scale),
                summary: "Scales the engines; with If-Match only if nobody did meanwhile.",
                fields: [
                    ("count", "engines"), ("least", "bounds of the autoscaler"), ("most", ""),
                    ("giveBack", "true gives the autoscaler its earlier bounds"), ("reason", "why"),
                ],
                success: 202,
                answer: scale
            ),
            Route(
                method: "GET",
                path: "/events",
                access: .right(.see),
                summary: "What changes, as server-sent events.",
                query: [("topics", "of grid, jobs, engines, logs, job:ID, separated by commas")],
                answer: events
            ),
        ]
    }

    private func pulse(_ call: Call) throws(Problem) -> HTTPResponse {
        let engines = follower.engines
        let reach = follower.reachability
        let pulse = follower.pulse
        let working = engines.filter { $0.state == "live" || $0.state == "draining" }
        return try .value(
            PulseAnswer(
                engines: PulseAnswer.Engines(
                    live: engines.count { $0.state == "live" },
                    silent: engines.count { $0.state == "silent" },
                    draining: engines.count { $0.state == "draining" }
                ),
                pricers: PulseAnswer.Pricers(
                    busy: working.reduce(0) { $0 + $1.busyPricers },
                    all: working.reduce(0) { $0 + $1.pricers }
                ),
                tradesPerSecond: working.reduce(0) { $0 + $1.tradesPerSecond },
                waiting: pulse?.waiting,
                jobs: table.counts(),
                ledger: pulse?.ledger,
                scale: scaler.scale(),
                aggregator: PulseAnswer.Reach(
                    reachable: reach.isReachable,
                    since: Timestamp.iso8601(reach.since),
                    reason: reach.isReachable ? nil : reach.reason
                )
            )
        )
    }

    private func limits(_ call: Call) throws(Problem) -> HTTPResponse {
        try .value(Limits(uploadBytes: uploads.limit, metrics: JobMaker.metricNames))
    }

    private func engineList() throws(Problem) -> HTTPResponse {
        let engines = follower.engines
        return try .value(
            ListAnswer(
                items: engines,
                total: engines.count,
                isExact: follower.reachability.isReachable,
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func engine(_ call: Call) throws(Problem) -> HTTPResponse {
        let id = call.parameter("id")
        guard let engine = follower.engines.first(where: { $0.engine == id }) else {
            throw Problem(404, "not_found", "no engine \(id) was heard in the last day")
        }
        return try .value(engine)
    }

    private func endEngine(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: EngineEnding = try call.body()
        let id = call.parameter("id")
        let scaler = scaler
        let change = try audited(call, "engines.end", id, reason: body.reason) {
            () throws(Problem) in
            let change = try Self.scaling { () async throws(ScalingError) in
                try await scaler.endEngine(id, how: body.how)
            }
            return (change, change.after)
        }
        return try .value(change, status: 202)
    }

    private func scale(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: ScaleRequest = try call.body()
        let match = call.request.headers["if-match"].map { tag in
            String(tag.drop { $0 == "\"" }.prefix { $0 != "\"" })
        }
        let mayGoBeyond = call.caller.role.may(.scaleBeyond)
        let scaler = scaler
        let change = try audited(call, "scale", "engines", reason: body.reason) {
            () throws(Problem) in
            let change = try Self.scaling { () async throws(ScalingError) in
                try await scaler.change(to: body, ifMatch: match, beyond: mayGoBeyond)
            }
            return (change, change.after)
        }
        return try .value(change, status: 202)
    }

    private func podLog(_ call: Call) throws(Problem) -> HTTPResponse {
        let pod = call.parameter("pod")
        let lines = call.request.query["tail"].flatMap { Int($0) } ?? 500
        guard (1...LogBounds.lines).contains(lines) else {
            throw Problem(400, "bad_filter", "tail is 1 to \(LogBounds.lines)")
        }
        let cluster = cluster
        let isPrevious = call.request.query["previous"] == "true"
        let bytes = try Self.scaling { () async throws(ScalingError) in
            try await cluster.log(ofPod: pod, tail: lines, previous: isPrevious)
        }
        return HTTPResponse(contentType: "text/plain; charset=utf-8", body: .bytes(bytes))
    }

    private static func scaling<Value: Sendable>(
        _ body: @escaping @Sendable () async throws(ScalingError) -> Value
    ) throws(Problem) -> Value {
        let result = blocking(atMost: .seconds(30)) { () async -> Result<Value, ScalingError> in
            do throws(ScalingError) {
                return .success(try await body())
            } catch {
                return .failure(error)
            }
        }
        switch result {
        case .success(let value): return value
        case .failure(let error):
            throw Problem(error.status, error.code.rawValue, error.reason)
        case nil: throw Problem(503, "cluster_away", "the cluster did not answer within 30 s")
        }
    }

    private func events(_ call: Call) throws(Problem) -> HTTPResponse {
        let topics = Set(
            (call.request.query["topics"] ?? "grid,jobs").split(separator: ",").map(String.init)
        )
        let known: Set = ["grid", "jobs", "engines", "logs"]
        guard topics.count <= 20, topics.allSatisfy({ known.contains($0) || $0.hasPrefix("job:") })
        else {
            throw Problem(400, "bad_filter", "topics are grid, jobs, engines, logs and job:ID")
        }
        let stream = hub.stream(
            of: topics,
            for: call.caller.user,
            after: call.request.headers["last-event-id"]
        )
        guard let stream else {
            throw Problem(
                503,
                "streams_full",
                "you watch \(EventHub.mostOfAUser) streams already",
                retryAfter: 30
            )
        }
        return .events(stream)
    }
}
