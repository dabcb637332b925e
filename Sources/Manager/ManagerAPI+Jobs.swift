internal import Finance
internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import HTTP
internal import Operations
internal import Synchronization
internal import TradeAnalysis

extension ManagerAPI {
    private struct JobReceipt: Encodable {
        var id: String
        var isReplay: Bool
    }

    private struct Reason: Decodable {
        var reason: String?
    }

    private struct Cancellation: Decodable {
        var ids: [String]
        var reason: String?
    }

    private struct CancelledJob: Encodable {
        var id: String
        var status: Int
        var code: String?
        var detail: String?
    }

    private struct JobStateAnswer: Encodable {
        var id: String
        var state: String
    }

    private struct Action: Encodable {
        var name: String
        var allowed: Bool
        var why: String?
    }

    private struct JobAnswer: Encodable {
        var row: JobRow
        var status: JobStatus?
        var actions: [Action]

        private enum Key: String, CodingKey {
            case missingBatches, duplicates, conflicts, late, strays, engines, actions
        }

        func encode(to encoder: any Encoder) throws {
            try row.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(actions, forKey: .actions)
            guard let status else { return }
            try container.encode(status.missingBatches, forKey: .missingBatches)
            try container.encode(status.duplicates, forKey: .duplicates)
            try container.encode(status.conflicts, forKey: .conflicts)
            try container.encode(status.late, forKey: .late)
            try container.encode(status.strays, forKey: .strays)
            try container.encode(status.engines, forKey: .engines)
        }
    }

    private static let listQuery = [
        ("state", "states, separated by commas"), ("priority", "eod or intraday"),
        ("by", "a submitter"), ("q", "words in id, portfolio, submitter or market"),
        ("from", "submitted at or after, ISO 8601"), ("to", "submitted before"),
        ("sort", "a column of the list; - before it for descending"), ("limit", "1 to 500"),
        ("cursor", "next of the page before"),
    ]

    /// Listing, submitting and controlling jobs, and what the aggregator knows of them.
    var jobRoutes: [Route] {
        let own = [
            Route(
                method: "GET",
                path: "/jobs",
                access: .right(.see),
                summary: "Jobs, filtered, sorted and paged here.",
                query: Self.listQuery,
                answer: list
            ),
            Route(
                method: "GET",
                path: "/jobs/counts",
                access: .right(.see),
                summary: "How many jobs are in each state.",
                answer: { (_) throws(Problem) in try .value(self.table.counts()) }
            ),
            Route(
                method: "POST",
                path: "/jobs",
                access: .right(.submit),
                summary: "Checks the files and queues a job; with an Idempotency-Key, or the same "
                    + "content, asking again is the same job.",
                fields: [
                    ("id", "1 to 64 of A-Z a-z 0-9 . _ -; by default made of the content"),
                    (
                        "portfolio",
                        "an upload's or example's id, or {\"generate\": {\"trades\": N}}"
                    ),
                    ("market", "ids of one JSON file, or of the CSV files of a snapshot"),
                    ("metrics", "NPV by default"), ("priority", "eod or intraday"),
                    ("deadline", "as 12h, or none"), ("batchSize", "1 to 100"),
                    ("name", "what the portfolio is called"),
                ],
                success: 202,
                answer: submit
            ),
            Route(
                method: "POST",
                path: "/jobs/cancel",
                access: .right(.control),
                summary: "Cancels jobs by their ids, at most 100.",
                fields: [("ids", "job ids"), ("reason", "why")],
                success: 207,
                answer: cancelAll
            ),
            Route(
                method: "GET",
                path: "/jobs/{id}",
                access: .right(.see),
                summary: "How a job stands, and what may be done to it.",
                answer: job
            ),
        ]
        let actions = JobAction.allCases.map { action in
            Route(
                method: "POST",
                path: "/jobs/{id}/\(action.rawValue)",
                access: .right(.control),
                summary: "\(action.rawValue.capitalized)s a job.",
                fields: [("reason", "why; for jobs of others it must be said")],
                success: 202,
                answer: { (call) throws(Problem) in try self.control(call, action) }
            )
        }
        return own + actions + passedRoutes
    }

    /// What the aggregator answers as it is.
    private var passedRoutes: [Route] {
        let known: [(path: String, summary: String, query: [(String, String)])] = [
            ("totals", "Sums by book, currency, product or counterparty.", [("by", "book")]),
            (
                "trades", "Trades of a job.",
                [
                    ("status", "ok, error, expired, missing"), ("book", ""), ("product", ""),
                    ("counterparty", ""), ("code", "of the error"), ("q", "in the id"),
                    ("sort", ""), ("limit", "1 to 500"), ("cursor", ""),
                ]
            ),
            ("trades/{trade}", "One trade with everything that its result records.", []),
            ("failures", "Failed trades, grouped by cause.", []),
            ("batches", "Batches of a job.", [("limit", "1 to 500"), ("cursor", "")]),
            ("batches/{batch}", "One batch.", []),
            ("timeline", "What each engine did when.", [("bins", "1 to 600")]),
            ("proof", "That nothing is lost: counts and hashes.", []),
            ("record", "The job's record, and how to run it again.", []),
        ]
        let routes = known.map { path, summary, query in
            Route(
                method: "GET",
                path: "/jobs/{id}/\(path)",
                access: .right(.see),
                summary: summary,
                query: query.map { (name: $0.0, meaning: $0.1) },
                answer: pass
            )
        }
        return routes + [
            Route(
                method: "GET",
                path: "/jobs/{id}/trades/{trade}/explain",
                access: .right(.see),
                summary: "A trade's cash flows, curves and fixings, priced again.",
                answer: explain
            ),
            Route(
                method: "GET",
                path: "/jobs/{id}/files/{name}",
                access: .right(.download),
                summary: "A file of the report; ranges of it too.",
                query: [("partial", "true for what there is of a job that runs")],
                answer: file
            ),
            Route(
                method: "GET",
                path: "/comparisons/{pair}",
                access: .right(.download),
                summary: "What differs between two jobs, A..B.",
                answer: pass
            ),
            Route(
                method: "GET",
                path: "/comparisons/{pair}/movers",
                access: .right(.download),
                summary: "Trades by how much they moved.",
                query: [("limit", "1 to 500"), ("cursor", "")],
                answer: pass
            ),
            Route(
                method: "GET",
                path: "/comparisons/{pair}/books",
                access: .right(.download),
                summary: "How much each book moved.",
                answer: pass
            ),
        ]
    }

    // MARK: Lists

    private func list(_ call: Call) throws(Problem) -> HTTPResponse {
        let given = call.request.query
        var query = JobTable.Query()
        for state in (given["state"] ?? "").split(separator: ",") {
            guard let phase = JobPhase.allCases.first(where: { $0.rawValue == state }) else {
                let known = JobPhase.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(400, "bad_filter", "\(state) is no state; there are \(known)")
            }
            query.states.insert(phase.rawValue)
        }
        query.priority = given["priority"]
        query.submitter = given["by"]
        query.words = (given["q"] ?? "").lowercased().split(separator: " ").prefix(4)
            .map(String.init)
        query.from = given["from"]
        query.to = given["to"]
        if let text = given["sort"] {
            query.isDescending = text.hasPrefix("-")
            guard let sort = JobTable.Sort(rawValue: String(text.drop { $0 == "-" })) else {
                let known = JobTable.Sort.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(400, "bad_filter", "\(text) is no column; there are \(known)")
            }
            query.sort = sort
        }
        var place: JobTable.Place?
        if let cursor = given["cursor"] {
            guard let text = gate.sessions.text(signed: cursor),
                let found = JobTable.Place(text: text)
            else { throw Problem(400, "bad_filter", "the cursor was not made here") }
            place = found
        }
        let page = table.page(query, after: place, most: try call.limit())
        let next =
            page.hasMore
            ? page.rows.last.map { last in
                gate.sessions.signed(JobTable.Place(key: last.key, id: last.row.id).text)
            } : nil
        return try .value(
            ListAnswer(
                items: page.rows.map(\.row),
                next: next,
                total: page.total,
                isExact: follower.reachability.isReachable,
                asOf: Timestamp.iso8601(Timestamp.now)
            )
        )
    }

    private func job(_ call: Call) throws(Problem) -> HTTPResponse {
        let id = call.parameter("id")
        var status: JobStatus?
        var problem: Problem?
        do throws(Problem) {
            let answer = try jobs.get("/jobs/\(Self.escaped(id))", headers: [:])
            if case .bytes(let bytes) = answer.body { status = try? APIJSON.decoded(from: bytes) }
        } catch {
            problem = error
        }
        // A job that was queued this moment is known to the aggregator a little later.
        guard let row = table.row(id) ?? status.map(JobRow.init) else {
            throw problem ?? Problem(404, "unknown_job", "there is no job \(id)")
        }
        return try .value(JobAnswer(row: row, status: status, actions: actions(row, call.caller)))
    }

    private func actions(_ row: JobRow, _ caller: Caller) -> [Action] {
        let may = caller.role.may(.control)
        let why = may ? nil : "you are \(caller.role.rawValue)"
        func action(_ name: String, _ isPossible: Bool, _ reason: String) -> Action {
            Action(name: name, allowed: may && isPossible, why: why ?? (isPossible ? nil : reason))
        }
        return [
            action("cancel", !row.isFinal, "it has ended"),
            action(
                "pause",
                row.state == "running",
                row.isFinal ? "it has ended" : "it is \(row.state)"
            ),
            action("resume", row.state == "paused", "it is not paused"),
        ]
    }

    // MARK: Changes

    private func submit(_ call: Call) throws(Problem) -> HTTPResponse {
        let order: JobOrder = try call.body()
        let job = try maker.job(order, for: call.caller.user)
        let key = call.request.headers["idempotency-key"]
        let receipt = try audited(
            call,
            "jobs.submit",
            job.jobID.rawValue,
            reason: order.note
        ) { () throws(Problem) in
            let receipt = try desk.submit(job, key: key, user: call.caller.user)
            return (receipt, "\(job.tradeCount) trades")
        }
        var response = try HTTPResponse.value(
            JobReceipt(id: receipt.id.rawValue, isReplay: receipt.isReplay),
            status: 202
        )
        response.headers["Location"] = "\(Self.prefix)/jobs/\(receipt.id)"
        return response
    }

    private func control(_ call: Call, _ action: JobAction) throws(Problem) -> HTTPResponse {
        let body: Reason = call.request.body.isEmpty ? Reason() : try call.body()
        let state = try control(call, action, call.parameter("id"), body.reason)
        return try .value(JobStateAnswer(id: call.parameter("id"), state: state), status: 202)
    }

    private func control(
        _ call: Call,
        _ action: JobAction,
        _ text: String,
        _ reason: String?
    ) throws(Problem) -> String {
        guard let id = JobID(rawValue: text) else {
            throw Problem(404, "unknown_job", "there is no job \(text)")
        }
        if let row = table.row(text) {
            guard !row.isFinal else {
                throw Problem(409, "not_possible", "job \(id) has ended: it is \(row.state)")
            }
            guard row.submitter == call.caller.user || reason?.isEmpty == false else {
                throw Problem(
                    400,
                    "bad_request",
                    "job \(id) is \(row.submitter)'s: say why with reason"
                )
            }
        }
        return try audited(call, "jobs.\(action.rawValue)", text, reason: reason) {
            () throws(Problem) in
            try grid.control(id, action)
            let state =
                switch action {
                case .cancel: "cancelled"
                case .pause: "paused"
                case .resume: "running"
                }
            return (state, state)
        }
    }

    private func cancelAll(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: Cancellation = try call.body()
        guard (1...100).contains(body.ids.count) else {
            throw Problem(400, "bad_request", "ids names 1 to 100 jobs")
        }
        var items: [CancelledJob] = []
        for id in body.ids {
            do throws(Problem) {
                _ = try control(call, .cancel, id, body.reason)
                items.append(CancelledJob(id: id, status: 202))
            } catch {
                items.append(
                    CancelledJob(
                        id: id,
                        status: error.status,
                        code: error.code,
                        detail: error.detail
                    )
                )
            }
        }
        return try .value(["items": items], status: 207)
    }

    // MARK: The aggregator's answers

    private func pass(_ call: Call) throws(Problem) -> HTTPResponse {
        let parts = call.request.pathComponents.dropFirst(2).map(Self.escaped)
        return try jobs.get(
            "/v1/" + parts.joined(separator: "/") + Self.query(call.request.query),
            headers: [:]
        )
    }

    private func explain(_ call: Call) throws(Problem) -> HTTPResponse {
        guard let analyst else {
            throw Problem(503, "not_available", "there is no pricer beside this program")
        }
        let id = call.parameter("trade")
        let answer = try jobs.get(
            "/v1/jobs/\(Self.escaped(call.parameter("id")))/trades/\(Self.escaped(id))",
            headers: [:]
        )
        guard case .bytes(let bytes) = answer.body,
            let trade = try? APIJSON.decoded(TradeDetail.self, from: bytes)
        else { throw Problem(503, "aggregator_away", "the aggregator's answer cannot be read") }
        guard let place = trade.batchRecord,
            let terms = try grid.terms(of: place, on: trade.snapshot.id)
        else {
            throw Problem(410, "terms_expired", "the batch or the market is no longer in its topic")
        }
        let found = blocking(atMost: .seconds(15)) {
            () async -> Result<[UInt8], TradeAnalysisError> in
            do throws(TradeAnalysisError) {
                return .success(
                    try await analyst.explanation(
                        of: id,
                        inBatch: terms.batch,
                        snapshot: terms.snapshot
                    )
                )
            } catch {
                return .failure(error)
            }
        }
        switch found {
        case .success(let bytes): return .json(bytes)
        case .failure(let error): throw Problem(409, "not_possible", error.description)
        case nil: throw Problem(503, "not_available", "the pricer did not answer in time")
        }
    }

    private func file(_ call: Call) throws(Problem) -> HTTPResponse {
        let name = call.parameter("name")
        var headers: [String: String] = [:]
        for header in ["range", "if-none-match", "if-range"] {
            if let value = call.request.headers[header] { headers[header] = value }
        }
        let path = "/jobs/\(Self.escaped(call.parameter("id")))/\(Self.escaped(name))"
        var response = try jobs.stream(
            path + Self.query(call.request.query.filter { $0.key == "partial" }),
            headers: headers
        )
        guard response.status < 400 else { return response }
        response.contentType = Self.type(of: name)
        let kind = name.hasSuffix(".html") ? "inline" : "attachment"
        response.headers["Content-Disposition"] =
            "\(kind); filename=\"\(call.parameter("id"))-\(name)\""
        return response
    }

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        case "jsonl": "application/x-ndjson"
        default: "application/json"
        }
    }

    /// A part of a path, as addresses carry it.
    static func escaped(_ part: String) -> String {
        part.utf8.map { byte in
            let isPlain =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || [0x2D, 0x2E, 0x5F, 0x7E].contains(byte)
            guard !isPlain else { return String(UnicodeScalar(byte)) }
            return "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }.joined()
    }

    private static func query(_ values: [String: String]) -> String {
        guard !values.isEmpty else { return "" }
        return "?"
            + values.sorted { $0.key < $1.key }.map { "\(escaped($0.key))=\(escaped($0.value))" }
            .joined(separator: "&")
    }
}

extension JobRow {
    /// What a job's status says of it.
    init(_ status: JobStatus) {
        self.init(
            id: status.job,
            state: status.state,
            priority: status.priority,
            portfolio: status.portfolio,
            submitter: status.submitter,
            snapshot: status.snapshot,
            valuationDate: "",
            baseCurrency: "",
            metrics: [],
            trades: status.trades,
            done: status.done,
            failed: status.failed,
            expired: status.expired,
            missing: status.missing,
            batches: status.batches,
            batchesPublished: status.batchesPublished,
            batchesDone: status.batchesDone,
            submittedAt: status.submittedAt,
            deadline: status.deadline,
            endedAt: status.endedAt,
            lastResultAt: status.lastResultAt,
            seconds: status.seconds,
            tradesPerSecond: status.tradesPerSecond,
            isFinal: status.isFinal,
            waitingFor: status.waitingFor,
            total: nil,
            forecast: nil
        )
    }
}
