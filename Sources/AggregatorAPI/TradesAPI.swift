internal import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
public import Reports

/// Answers `GET /v1/jobs/ID/` with `trades`, `trades/TRADE` and `failures`.
public struct TradesAPI: Sendable {
    private let core: AggregatorCore
    private let indexes: TradeIndexes

    /// Makes the routes.
    public init(core: AggregatorCore, indexes: TradeIndexes) {
        self.core = core
        self.indexes = indexes
    }

    /// Returns the answer to a request; nil when the path matches none of these routes.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(
        to request: HTTPRequest,
        at time: Int64 = WireClock.now()
    ) -> HTTPResponse? {
        guard let path = JobPath(request), path.name == "trades" || path.name == "failures" else {
            return nil
        }
        guard request.method == "GET" else { return .methodNotAllowed(allow: ["GET"]) }
        guard let progress = core.progress(of: path.job, at: time) else {
            return .unknownJob(path.job.rawValue)
        }
        switch indexes.index(of: progress) {
        case .building(let done): return .indexBuilding(of: path.job, done)
        case .failed(let error):
            return answer(APIFailure(code: error.code.rawValue, message: error.reason), status: 500)
        case .ready(let index):
            guard path.name == "trades" else {
                return path.rest == nil ? failures(index, request.query) : nil
            }
            guard let trade = path.rest else { return trades(index, request.query) }
            return self.trade(trade, progress, index)
        }
    }

    // MARK: Private

    private static let orders: [String: TradeIndex.Order] = [
        "position": .position, "id": .id, "-size": .size, "value": .value,
        "-value": .highestValue,
    ]

    private func trades(_ index: TradeIndex, _ query: [String: String]) -> HTTPResponse {
        guard let range = PageRange(query) else { return PageRange.refusal }
        guard let order = Self.orders[query["sort"] ?? "position"] else {
            return .badRequest("sort is not one of position, id, -size, value, -value")
        }
        var filter = TradeFilter()
        filter.status = query["status"]
        filter.book = query["book"]
        filter.product = query["product"]
        filter.counterparty = query["counterparty"]
        filter.code = query["code"]
        filter.text = query["q"].flatMap { $0.isEmpty ? nil : $0 }
        if let status = filter.status, !["ok", "error", "expired", "missing"].contains(status) {
            return .badRequest("status is not one of ok, error, expired, missing")
        }
        let page = index.page(of: filter, by: order, from: range.first, limit: range.limit)
        return answer(
            PagedList(
                items: page.rows,
                next: page.next.map(String.init),
                total: page.total,
                asOf: ReportTime.text(index.builtAt)
            )
        )
    }

    private func failures(_ index: TradeIndex, _ query: [String: String]) -> HTTPResponse {
        guard let range = PageRange(query) else { return PageRange.refusal }
        let groups = index.failures.sorted { $0.trades > $1.trades }
        return answer(range.page(of: groups, asOf: index.builtAt))
    }

    private func trade(
        _ id: String,
        _ progress: JobProgress,
        _ index: TradeIndex
    ) -> HTTPResponse {
        guard let position = index.position(of: id) else {
            return answer(
                APIFailure(
                    code: "unknown_trade",
                    message: "job \(progress.job) has no trade `\(id)`"
                ),
                status: 404
            )
        }
        do throws(AggregationError) {
            return answer(
                try TradeDetail(index, position, of: progress, ledgerPath: core.store.path)
            )
        } catch {
            return answer(APIFailure(code: error.code.rawValue, message: error.reason), status: 500)
        }
    }
}
