internal import GridAPI
internal import HTTP
internal import TradeAnalysis

extension ManagerAPI {
    /// What the aggregator knows of a job, and its files.
    var jobDetailRoutes: [Route] {
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

    private func pass(_ call: Call) throws(Problem) -> HTTPResponse {
        let parts = call.request.pathComponents.dropFirst(2).map(\.percentEncoded)
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
            "/v1/jobs/\(call.parameter("id").percentEncoded)/trades/\(id.percentEncoded)",
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
        let path = "/jobs/\(call.parameter("id").percentEncoded)/\(name.percentEncoded)"
        var response = try jobs.stream(
            path + Self.query(call.request.query.filter { $0.key == "partial" }),
            headers: headers
        )
        guard response.status < 400 else { return response }
        response.contentType = Self.type(of: name)
        let isPage = name.hasSuffix(".html")
        if isPage { response.headers["Content-Security-Policy"] = PageHeaders.ofReports }
        let kind = isPage ? "inline" : "attachment"
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

    private static func query(_ values: [String: String]) -> String {
        guard !values.isEmpty else { return "" }
        return "?"
            + values.sorted { $0.key < $1.key }.map {
                "\($0.key.percentEncoded)=\($0.value.percentEncoded)"
            }
            .joined(separator: "&")
    }
}
