internal import GridAPI
internal import GridProtocol
internal import HTTP

extension ManagerAPI {
    private struct Verification: Decodable {
        var trades: Int?
        var reason: String?
    }

    private struct Repetition: Decodable {
        var only: JobOrder.Earlier.Part?
        var metrics: [String]?
        var snapshot: String?
        var reason: String?
    }

    /// The action of the audit that marks a job as seen.
    static let acknowledgement = "jobs.acknowledge"

    /// Pricing trades of a job again, and saying that one has seen how it ended.
    var repricingRoutes: [Route] {
        [
            Route(
                method: "POST",
                path: "/jobs/{id}/verify",
                access: .right(.submit),
                summary: "Prices a random sample of a job again, as a job to compare with it.",
                fields: [("trades", "1 to 100,000; 100 by default"), ("reason", "why")],
                success: 202,
                answer: verify
            ),
            Route(
                method: "POST",
                path: "/jobs/{id}/again",
                access: .right(.submit),
                summary: "Prices trades of a job again, on its market or another, as a job of "
                    + "their own.",
                fields: [
                    ("only", "failed, or all by default"), ("metrics", "the job's by default"),
                    ("snapshot", "another's hash; the job's by default"), ("reason", "why"),
                ],
                success: 202,
                answer: again
            ),
            Route(
                method: "POST",
                path: "/jobs/{id}/acknowledge",
                access: .right(.control),
                summary: "Says that somebody has seen how a job ended.",
                fields: [("reason", "what is done about it")],
                success: 202,
                answer: acknowledge
            ),
        ]
    }

    private func verify(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: Verification = try call.body()
        let source = call.parameter("id")
        let id = try freeID(source, "verify")
        let order = JobOrder(
            id: id,
            portfolio: .earlier(
                JobOrder.Earlier(job: source, sample: body.trades ?? 100, seed: id)
            ),
            note: body.reason
        )
        return try queue(order, call, "jobs.verify")
    }

    private func again(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: Repetition = try call.body()
        let source = call.parameter("id")
        let order = JobOrder(
            id: try freeID(source, "again"),
            portfolio: .earlier(JobOrder.Earlier(job: source, only: body.only)),
            snapshot: body.snapshot,
            metrics: body.metrics,
            note: body.reason
        )
        return try queue(order, call, "jobs.again")
    }

    private func acknowledge(_ call: Call) throws(Problem) -> HTTPResponse {
        let body: Reason = call.request.body.isEmpty ? Reason() : try call.body()
        let id = call.parameter("id")
        guard let row = table.row(id) else {
            throw Problem(404, "unknown_job", "there is no job \(id)")
        }
        guard row.isFinal else {
            throw Problem(409, "not_possible", "job \(id) has not ended: it is \(row.state)")
        }
        // The table learns of it from the audit, as every replica does.
        try audited(call, Self.acknowledgement, id, reason: body.reason) { () throws(Problem) in
            ((), nil)
        }
        return try .value(["id": id], status: 202)
    }

    /// Returns the first of the ids `JOB-again-1`, `JOB-again-2` and so on that no job has.
    ///
    /// Of a job that has such an id itself, a sibling. Asking twice at a time is the same job.
    private func freeID(_ source: String, _ mark: String) throws(Problem) -> String {
        guard JobID(rawValue: source) != nil else {
            throw Problem(404, "unknown_job", "there is no job \(source)")
        }
        let middle = "-\(mark)-"
        var parts = source.split(separator: "-", omittingEmptySubsequences: false)
        if parts.count > 2, parts[parts.count - 2] == mark, Int(parts[parts.count - 1]) != nil {
            parts.removeLast(2)
        }
        let base = parts.joined(separator: "-")
        for number in 1...10_000 {
            let tail = middle + String(number)
            let id = base.prefix(JobID.mostCharacters - tail.count) + tail
            if table.row(String(id)) == nil { return String(id) }
        }
        throw Problem(409, "not_possible", "job \(source) was priced again 10,000 times")
    }
}
