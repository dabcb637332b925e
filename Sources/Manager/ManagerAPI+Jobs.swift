internal import Finance
internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import HTTP
internal import Operations
internal import Synchronization

extension ManagerAPI {
    private struct JobReceipt: Encodable {
        var id: String
        var isReplay: Bool
        var trades: Int
        var batches: Int
    }

    struct Reason: Decodable {
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
        ("needs", "someone: only jobs that somebody has to look at"),
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
                        "an upload's or example's id, {\"generate\": {\"trades\": N}}, or of an "
                            + #"earlier job {"job": ID, "only": "failed"} or {"job": ID, "#
                            + #""sample": N}"#
                    ),
                    ("market", "ids of one JSON file, or of the CSV files of a snapshot"),
                    ("snapshot", "or the hash of one that was sent; an earlier job's by default"),
                    ("metrics", "NPV by default, or an earlier job's"),
                    ("priority", "eod or intraday"),
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
        return own + actions
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
        if let needs = given["needs"] {
            guard needs == "someone" else {
                throw Problem(400, "bad_filter", "needs is someone, or left out")
            }
            query.needsSomeone = true
        }
        query.from = try call.time("from")
        query.to = try call.time("to")
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
        return try .compact(
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
            let answer = try jobs.get("/jobs/\(id.percentEncoded)", headers: [:])
            if case .bytes(let bytes) = answer.body { status = try? APIJSON.decoded(from: bytes) }
        } catch {
            problem = error
        }
        // A job that was queued this moment is known to the aggregator a little later.
        guard let row = table.row(id) ?? status.map(JobRow.init) ?? desk.queuedRow(id) else {
            throw problem ?? Problem(404, "unknown_job", "there is no job \(id)")
        }
        return try .value(JobAnswer(row: row, status: status, actions: actions(row, call.caller)))
    }

    private func actions(_ row: JobRow, _ caller: Caller) -> [Action] {
        let may = caller.role.may(.control)
        let why = may ? nil : "you are \(caller.role.rawValue)"
        let mayPrice = caller.role.may(.submit)
        let whyNot = mayPrice ? nil : "you are \(caller.role.rawValue)"
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
            Action(
                name: "verify",
                allowed: mayPrice && row.isFinal,
                why: whyNot ?? (row.isFinal ? nil : "it has not ended")
            ),
            Action(name: "again", allowed: mayPrice, why: whyNot),
            action("acknowledge", row.needsSomeone && row.isFinal, "nothing of it needs someone"),
        ]
    }

    // MARK: Changes

    private func submit(_ call: Call) throws(Problem) -> HTTPResponse {
        try queue(try call.body(), call, "jobs.submit")
    }

    /// Makes a job and queues it.
    func queue(
        _ order: JobOrder,
        _ call: Call,
        _ action: String
    ) throws(Problem) -> HTTPResponse {
        let job = try maker.job(order, for: call.caller.user)
        let key = call.request.headers["idempotency-key"]
        let receipt = try audited(
            call,
            action,
            job.jobID.rawValue,
            reason: order.note
        ) { () throws(Problem) in
            let receipt = try desk.submit(job, key: key, user: call.caller.user)
            return (receipt, "\(job.tradeCount) trades")
        }
        var response = try HTTPResponse.value(
            JobReceipt(
                id: receipt.id.rawValue,
                isReplay: receipt.isReplay,
                trades: job.tradeCount,
                batches: job.batches.count
            ),
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
