import Finance
import GridProtocol

/// The rows of the page's table, as JSON lists in portfolio order.
struct TableRows {
    /// What the page embeds.
    struct Embedded {
        /// The rows: a JSON list.
        var json: UTF8Builder
        /// How many.
        var count: Int
        /// Whether they are all trades of the job.
        var isWhole: Bool
    }

    private struct Candidate {
        var size: Double
        var position: Int
        var json: UTF8Builder
    }

    private let isWhole: Bool
    private let limit: Int
    private var position = 0
    private var failed: [Candidate] = []
    private var largest: [Candidate] = []
    private var threshold = -1.0
    private var whole = UTF8Builder()
    private var count = 0

    /// `isWhole`: whether all trades are kept; else half of `limit` may be failed trades,
    ///   and a tenth the largest by value.
    init(limit: Int, isWhole: Bool) {
        self.limit = limit
        self.isWhole = isWhole
    }

    mutating func add(_ trade: ReportTrade, metric: String) {
        position += 1
        let value = metric.isEmpty ? nil : trade.metric(metric)
        if isWhole {
            whole.append(count == 0 ? "\n" : ",\n")
            count += 1
            Self.append(trade, value?.value, value?.baseValue, to: &whole)
        } else if trade.failure != nil {
            guard failed.count < limit / 2 else { return }
            failed.append(candidate(trade, value?.value, value?.baseValue))
        } else {
            let size = abs(value?.baseValue ?? 0)
            guard size > threshold else { return }
            largest.append(candidate(trade, value?.value, value?.baseValue))
            if largest.count >= 2 * max(1, limit / 10) { prune() }
        }
    }

    mutating func finish() -> Embedded {
        var json = UTF8Builder()
        json.append("[")
        if isWhole {
            json.append(whole)
        } else {
            prune()
            let rows = (failed + largest).sorted { $0.position < $1.position }
            count = rows.count
            for (position, row) in rows.enumerated() {
                json.append(position == 0 ? "\n" : ",\n")
                json.append(row.json)
            }
        }
        json.append("]")
        return Embedded(json: json, count: count, isWhole: isWhole)
    }

    // MARK: Private

    private mutating func prune() {
        largest.sort { ($0.size, -$0.position) > ($1.size, -$1.position) }
        let kept = max(1, limit / 10)
        guard largest.count > kept else { return }
        largest.removeSubrange(kept...)
        threshold = largest.last?.size ?? -1
    }

    private func candidate(_ trade: ReportTrade, _ value: Double?, _ base: Double?) -> Candidate {
        var json = UTF8Builder()
        Self.append(trade, value, base, to: &json)
        return Candidate(size: abs(base ?? 0), position: position, json: json)
    }

    /// Id, status, type, book, counterparty, currency, value, base value, reason.
    private static func append(
        _ trade: ReportTrade,
        _ value: Double?,
        _ base: Double?,
        to text: inout UTF8Builder
    ) {
        text.append("[")
        text.append(json: trade.header.tradeID)
        text.append(",\"")
        text.append(text: trade.outcome.rawValue)
        text.append("\",")
        for name in [
            trade.header.type, trade.header.book, trade.header.counterparty, trade.header.currency,
        ] {
            text.append(trade.batch.jsonNames[Int(name)])
            text.append(",")
        }
        text.append(json: value)
        text.append(",")
        text.append(json: base)
        text.append(",")
        if let failure = trade.failure {
            let field = failure.field.isEmpty ? "" : "\(failure.field): "
            text.append(json: "\(field)\(failure.message) (\(failure.code.rawValue))")
        } else {
            text.append("\"\"")
        }
        text.append("]")
    }
}
