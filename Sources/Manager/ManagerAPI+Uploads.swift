internal import Finance
internal import Foundation
internal import GridAPI
internal import GridSubmission
internal import HTTP
internal import Operations
internal import TradeAnalysis

extension ManagerAPI {
    private struct CheckAnswer: Encodable {
        var state: String
        var trades: Int
        var batches: Int
        var valuationDate: String?
        var baseCurrency: String?
        var problems: [FileProblemAnswer]
        /// Market data without which trades will fail; nil when it was not looked for.
        var missing: [MissingMarketData]?
        /// What pricing will cost; nil when nothing was read.
        var estimate: Estimate?
        var detail: String?
    }

    private struct Estimate: Encodable {
        /// From measured costs of each product and metric.
        var cpuSeconds: Double
        /// On the engines that are live; nil without any.
        var seconds: Double?
        /// What `seconds` comes from, as part of a sentence.
        var basis: String?
    }

    /// For larger portfolios the check would take minutes.
    private static let mostCheckedTrades = 100_000

    private struct Example: Encodable {
        var id: String
        var name: String
        var kind: String
        var bytes: Int
    }

    /// Files that are sent, and checking them.
    var uploadRoutes: [Route] {
        [
            Route(
                method: "POST",
                path: "/uploads",
                access: .right(.submit),
                summary: "Takes a file as the raw body; with length it may come in several parts.",
                query: [
                    ("name", "the file's name, as portfolio.csv"), ("length", "its bytes in all"),
                ],
                success: 201,
                answer: taken
            ),
            Route(
                method: "PATCH",
                path: "/uploads/{id}",
                access: .right(.submit),
                summary: "Takes the next part of a file, at the header Upload-Offset.",
                success: 204,
                answer: taken
            ),
            Route(
                method: "GET",
                path: "/uploads/{id}",
                access: .right(.submit),
                summary: "How much of a file has come.",
                answer: { (call) throws(Problem) in
                    let upload = try self.uploads.upload(
                        call.parameter("id"),
                        of: call.caller.user
                    )
                    var response = try HTTPResponse.value(self.uploads.answer(upload))
                    response.headers["Upload-Offset"] = "\(upload.bytes)"
                    return response
                }
            ),
            Route(
                method: "DELETE",
                path: "/uploads/{id}",
                access: .right(.submit),
                summary: "Removes a file.",
                success: 204,
                answer: { (call) throws(Problem) in
                    try self.uploads.remove(call.parameter("id"), of: call.caller.user)
                    return .done
                }
            ),
            Route(
                method: "POST",
                path: "/checks",
                access: .right(.submit),
                summary: "Reads the files of an order and says what is wrong; nothing is queued.",
                fields: [
                    ("portfolio", "as of POST /jobs"), ("market", "as of POST /jobs"),
                    ("metrics", "as of POST /jobs"),
                ],
                answer: check
            ),
            Route(
                method: "GET",
                path: "/examples",
                access: .right(.see),
                summary: "Files whose ids may stand where an upload's does.",
                answer: { (_) throws(Problem) in try self.examples() }
            ),
        ]
    }

    /// The body was taken as it came, before any route is asked.
    private func taken(_ call: Call) throws(Problem) -> HTTPResponse {
        throw Problem(411, "bad_request", "an upload is a body with a Content-Length")
    }

    private func check(_ call: Call) throws(Problem) -> HTTPResponse {
        let order: JobOrder = try call.body()
        do throws(Problem) {
            var trades: [Trade] = []
            let job = try maker.job(order, for: call.caller.user) { trade in
                if trades.count < Self.mostCheckedTrades { trades.append(trade) }
            }
            return try .value(
                CheckAnswer(
                    state: "done",
                    trades: job.tradeCount,
                    batches: job.batches.count,
                    valuationDate: "\(job.request.snapshot.valuationDate)",
                    baseCurrency: job.request.snapshot.baseCurrency.rawValue,
                    problems: [],
                    missing: job.tradeCount <= Self.mostCheckedTrades
                        ? missing(for: trades, in: job.request.snapshot, job.request.metrics) : nil,
                    estimate: estimate(of: job)
                )
            )
        } catch {
            guard error.code == "bad_file" else { throw error }
            return try .value(
                CheckAnswer(
                    state: "failed",
                    trades: 0,
                    batches: 0,
                    problems: error.problems,
                    detail: error.detail
                )
            )
        }
    }

    /// What a job will cost: by the last one of its portfolio for the same metrics where there is
    /// one, else by the CPU time and the pricers that there are.
    private func estimate(of job: PlannedJob) -> Estimate {
        var estimate = Estimate(cpuSeconds: job.predictedMicroseconds / 1e6)
        let metrics = job.request.metrics.map(\.rawValue)
        if let last = table.lastEnded(job.request.portfolioName, metrics: metrics),
            last.tradesPerSecond > 0
        {
            estimate.seconds = Double(job.tradeCount) / last.tradesPerSecond
            estimate.basis = "as job \(last.id) went"
            return estimate
        }
        let pricers = follower.engines.filter { $0.state == "live" }.reduce(0) { $0 + $1.pricers }
        guard pricers > 0 else { return estimate }
        estimate.seconds = estimate.cpuSeconds / Double(pricers)
        estimate.basis = "on \(pricers) pricers, when nothing else is priced"
        return estimate
    }

    /// What pricing will lack, by what is lacking; nil when it cannot be found out.
    private func missing(
        for trades: [Trade],
        in snapshot: MarketSnapshot,
        _ metrics: [Metric]
    ) -> [MissingMarketData]? {
        guard let analyst else { return nil }
        let found = blocking(atMost: .seconds(130)) { () async -> [MissingMarketData]? in
            do throws(TradeAnalysisError) {
                return try await analyst.requirements(of: trades, in: snapshot, metrics: metrics)
            } catch {
                self.logger.warning("market data was not checked", [.error: error.description])
                return nil
            }
        }
        return found ?? nil
    }

    private func examples() throws(Problem) -> HTTPResponse {
        var items: [Example] = []
        for name in ExampleFiles.names {
            guard let directory = maker.examples,
                let size =
                    (try? FileManager.default.attributesOfItem(
                        atPath: "\(directory)/\(name)"
                    ))?[.size] as? Int
            else { continue }
            items.append(
                Example(
                    id: "example:\(name)",
                    name: name,
                    kind: name.hasPrefix("market") ? "market" : "portfolio",
                    bytes: size
                )
            )
        }
        return try .value(
            ListAnswer(items: items, total: items.count, asOf: Timestamp.iso8601(Timestamp.now))
        )
    }
}
