internal import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
public import Reports
internal import Synchronization

/// Answers `GET /v1/comparisons/A..B`, `/movers` and `/books`.
public final class ComparisonsAPI: Sendable {
    private struct Key: Hashable {
        var a: JobID
        var b: JobID
        var builtA: Int64
        var builtB: Int64
    }

    private static let mostKept = 2

    private let core: AggregatorCore
    private let indexes: TradeIndexes
    private let row: @Sendable (LedgerView, JobID, Int64) -> JobRow?
    /// The one asked for last at the end.
    private let kept = Mutex<[(key: Key, comparison: TradeComparison)]>([])

    /// Makes the routes.
    public init(core: AggregatorCore, indexes: TradeIndexes) {
        self.core = core
        self.indexes = indexes
        row = { view, job, time in
            guard let progress = view.ledger.current(job, clock: time),
                let record = view.ledger.record(of: job)
            else { return nil }
            var row = progress.row(
                of: record,
                waitingFor: progress.reason,
                tradesPerSecond: view.ledger.tradesPerSecond(of: job, at: time)
            )
            row.total = indexes.knownTotal(of: job)
            return row
        }
    }

    /// Returns the answer to a request; nil when the path matches none of these routes.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(
        to request: HTTPRequest,
        at time: Int64 = WireClock.now()
    ) -> HTTPResponse? {
        let parts = request.pathComponents
        guard parts.count == 3 || parts.count == 4, parts[0] == "v1", parts[1] == "comparisons",
            parts.count == 3 || parts[3] == "movers" || parts[3] == "books"
        else { return nil }
        guard request.method == "GET" else { return .methodNotAllowed(allow: ["GET"]) }
        let view = core.view
        guard let (a, b) = jobs(in: parts[2], view) else {
            return .badRequest("\(parts[2]) is not two jobs of the ledger, A..B")
        }
        guard let progressA = view.ledger.current(a, clock: time),
            let progressB = view.ledger.current(b, clock: time)
        else { return .unknownJob(parts[2]) }
        switch (indexes.index(of: progressA), indexes.index(of: progressB)) {
        case (.ready(let indexA), .ready(let indexB)):
            let comparison = comparison(
                Key(a: a, b: b, builtA: indexA.builtAt, builtB: indexB.builtAt),
                indexA,
                indexB
            )
            let built = min(indexA.builtAt, indexB.builtAt)
            switch parts.count == 4 ? parts[3] : "" {
            case "movers": return movers(comparison, request.query, built)
            case "books":
                guard let range = PageRange(request.query) else { return PageRange.refusal }
                return answer(range.page(of: comparison.books, asOf: built))
            default: return whole(a, b, indexA, indexB, comparison, view, time)
            }
        case (.failed(let error), _), (_, .failed(let error)):
            return answer(APIFailure(code: error.code.rawValue, message: error.reason), status: 500)
        case (.building(let done), .building(let other)):
            return .indexBuilding(of: a, (done + other) / 2)
        case (.building(let done), .ready): return .indexBuilding(of: a, (done + 1) / 2)
        case (.ready, .building(let done)): return .indexBuilding(of: b, (done + 1) / 2)
        }
    }

    // MARK: Private

    /// A job's id may have dots itself: the parts are those that the ledger knows.
    private func jobs(in text: String, _ view: LedgerView) -> (JobID, JobID)? {
        var rest = text[...]
        while let dots = rest.firstRange(of: "..") {
            if let a = JobID(rawValue: String(text[..<dots.lowerBound])),
                let b = JobID(rawValue: String(text[dots.upperBound...])),
                view.ledger.contains(a), view.ledger.contains(b)
            {
                return (a, b)
            }
            rest = text[text.index(after: dots.lowerBound)...]
        }
        return nil
    }

    private func comparison(_ key: Key, _ a: TradeIndex, _ b: TradeIndex) -> TradeComparison {
        if let known = kept.withLock({ $0.last { $0.key == key }?.comparison }) { return known }
        let comparison = TradeComparison(a, b)
        kept.withLock { kept in
            kept.removeAll { $0.key.a == key.a && $0.key.b == key.b }
            kept.append((key, comparison))
            if kept.count > Self.mostKept { kept.removeFirst() }
        }
        return comparison
    }

    private func movers(
        _ comparison: TradeComparison,
        _ query: [String: String],
        _ built: Int64
    ) -> HTTPResponse {
        guard let range = PageRange(query) else { return PageRange.refusal }
        guard query["sort"] ?? "-size" == "-size" else { return .badRequest("sort is not -size") }
        let total = comparison.moveCount
        let end = min(total, range.first + range.limit)
        return answer(
            PagedList(
                items: comparison.moves(from: range.first, limit: range.limit),
                next: end < total ? String(end) : nil,
                total: total,
                asOf: ReportTime.text(built)
            )
        )
    }

    private func whole(
        _ a: JobID,
        _ b: JobID,
        _ indexA: TradeIndex,
        _ indexB: TradeIndex,
        _ comparison: TradeComparison,
        _ view: LedgerView,
        _ time: Int64
    ) -> HTTPResponse {
        guard let rowA = row(view, a, time), let rowB = row(view, b, time),
            let recordA = view.ledger.record(of: a), let recordB = view.ledger.record(of: b)
        else { return .unknownJob("\(a)..\(b)") }
        var differs: [JobComparison.Difference] = []
        func compare(_ what: String, _ a: String, _ b: String) {
            if !a.utf8.elementsEqual(b.utf8) {
                differs.append(JobComparison.Difference(what: what, a: a, b: b))
            }
        }
        compare("market", recordA.snapshotID, recordB.snapshotID)
        compare(
            "metrics",
            recordA.metrics.joined(separator: ", "),
            recordB.metrics.joined(separator: ", ")
        )
        compare(
            "version",
            indexA.versions.joined(separator: ", "),
            indexB.versions.joined(separator: ", ")
        )
        compare("portfolio", recordA.portfolioName, recordB.portfolioName)
        compare("trades", recordA.tradeIdsHash.hexadecimal, recordB.tradeIdsHash.hexadecimal)
        // Amounts of two base currencies have no difference.
        var change: Double?
        if let before = indexA.total, let after = indexB.total,
            recordA.baseCurrency == recordB.baseCurrency
        {
            change = after - before
        }
        return answer(
            JobComparison(
                a: rowA,
                b: rowB,
                differs: differs,
                totals: JobComparison.Totals(a: indexA.total, b: indexB.total, change: change),
                counts: comparison.counts
            )
        )
    }
}
