internal import GridAPI
internal import GridProtocol
internal import HTTP
internal import Ledger
internal import Reports

/// A path `/v1/jobs/ID/NAME` or `/v1/jobs/ID/NAME/REST`.
struct JobPath {
    let job: JobID
    let name: String
    /// What follows the name, slashes included; nil when nothing does.
    let rest: String?

    init?(_ request: HTTPRequest) {
        let parts = request.path.split(
            separator: "/",
            maxSplits: 4,
            omittingEmptySubsequences: true
        )
        guard parts.count >= 4, parts[0] == "v1", parts[1] == "jobs",
            let job = JobID(rawValue: String(parts[2]))
        else { return nil }
        self.job = job
        name = String(parts[3])
        rest = parts.count > 4 ? String(parts[4]) : nil
    }
}

/// What part of a list a request asks for: `?limit=1...500&cursor=PLACE`.
struct PageRange {
    let first: Int
    let limit: Int

    init?(_ query: [String: String]) {
        guard let limit = Int(query["limit"] ?? "100"), (1...500).contains(limit),
            let first = Int(query["cursor"] ?? "0"), first >= 0
        else { return nil }
        self.first = first
        self.limit = limit
    }

    static var refusal: HTTPResponse {
        .badRequest("limit is not a number in 1...500, or cursor not one that a page ended with")
    }

    /// A page of what is in memory.
    func page<Item>(of items: [Item], asOf time: Int64) -> PagedList<Item> {
        let end = min(items.count, first + limit)
        return PagedList(
            items: first < end ? Array(items[first..<end]) : [],
            next: end < items.count ? String(end) : nil,
            total: items.count,
            asOf: ReportTime.text(time)
        )
    }
}

extension HTTPResponse {
    static func badRequest(_ message: String) -> HTTPResponse {
        answer(APIFailure(code: "bad_request", message: message), status: 400)
    }

    static func unknownJob(_ id: String) -> HTTPResponse {
        answer(APIFailure(code: "unknown_job", message: "there is no job \(id)"), status: 404)
    }

    /// That a trade index is not there yet.
    static func indexBuilding(of job: JobID, _ done: Double) -> HTTPResponse {
        answer(
            IndexBuilding(
                error: APIFailure.Cause(
                    code: "index_building",
                    message: "the trades of job \(job) are being indexed"
                ),
                progress: done
            ),
            status: 409
        )
    }
}

/// The answer while an index is built.
struct IndexBuilding: Codable {
    var error: APIFailure.Cause
    /// The part that is done, within 0...1.
    var progress: Double
}
