internal import Finance
internal import GridProtocol
internal import Ledger

/// A batch with its result, decoded for a report.
///
/// What the lines of its trades have in common is
/// rendered once.
final class ReportBatch {
    let index: UInt32
    let names: [String]
    let headers: [TradeHeader]
    let result: BatchResult?
    let joinedAt: Int64
    /// The parts of the result.
    let parts: [PricedBatch]
    /// Why the trades have no result, when there is none.
    let missing: FailureReason?
    /// `names` as JSON strings.
    let jsonNames: [UTF8Builder]
    /// What ends each trade's line in results.jsonl.
    let tail: UTF8Builder
    /// The metrics of each part, by position of their names.
    let metrics: [[MetricName?]]

    /// A metric's name, ready for a line.
    struct MetricName {
        var name: String
        var json: UTF8Builder
        var unit: Metric.Unit?
    }

    /// `absence`: why batches without a result have none; nil where nobody asks for it.
    init(_ row: LedgerReader.Row, absence: MissingTradeReason?) throws(AggregationError) {
        index = row.index
        do {
            let batch = try Batch.decode(row.batch)
            names = batch.names
            headers = batch.headers
            let result = try row.result.map { try BatchResult.decode($0) }
            let parts = try result?.readableParts() ?? []
            let trades = parts.reduce(0) { $0 + $1.trades.count }
            if result != nil, trades != batch.headers.count {
                missing = FailureReason(
                    code: .missing,
                    message: "the result of batch \(row.index) has \(trades) trades, "
                        + "the batch \(batch.headers.count)"
                )
                self.result = nil
                self.parts = []
            } else {
                missing = result == nil ? absence?.batch(queuedAt: batch.queuedAt) : nil
                self.result = result
                self.parts = parts
            }
        } catch {
            throw AggregationError.corrupt("batch \(row.index)")
        }
        joinedAt = row.joinedAt
        jsonNames = names.map { name in
            var text = UTF8Builder()
            text.append(json: name)
            return text
        }
        metrics = parts.map { part in
            part.names.map { name in
                var json = UTF8Builder()
                json.append(json: name)
                return MetricName(name: name, json: json, unit: Metric(rawValue: name)?.unit)
            }
        }
        tail = Self.tail(index, result, parts.first, joinedAt)
    }

    /// Calls `body` with each trade: its header, what pricing gave, and its part.
    func forEachTrade(
        _ body: (TradeHeader, PricedTrade?, Int) throws(AggregationError) -> Void
    ) throws(AggregationError) {
        var position = 0
        for (part, priced) in parts.enumerated() {
            for trade in priced.trades {
                try body(headers[position], trade, part)
                position += 1
            }
        }
        for header in headers[position...] { try body(header, nil, 0) }
    }

    private static func tail(
        _ index: UInt32,
        _ result: BatchResult?,
        _ part: PricedBatch?,
        _ joinedAt: Int64
    ) -> UTF8Builder {
        var text = UTF8Builder()
        text.append(",\"batch\":")
        text.append(index)
        if let result {
            text.append(",\"engineId\":")
            text.append(json: result.engineID)
            text.append(",\"attempt\":")
            text.append(result.attempt)
            text.append(",\"snapshot\":")
            text.append(json: result.snapshotID)
            text.append(",\"versions\":{\"valgrid\":")
            text.append(json: valgridVersion(result, part))
            text.append(",\"quantlib\":")
            text.append(json: quantlibVersion(part))
            text.append("},\"stages\":{\"queued\":\"")
            text.append(text: ReportTime.text(result.queuedAt))
            text.append("\",\"taken\":\"")
            text.append(text: ReportTime.text(result.takenAt))
            text.append("\",\"priced\":\"")
            text.append(text: ReportTime.text(result.pricedAt))
            text.append("\",\"joined\":\"")
            text.append(text: ReportTime.text(joinedAt))
            text.append("\"}")
        }
        text.append("}\n")
        return text
    }

    /// The version of the pricer, or of the engine when no pricer answered.
    static func valgridVersion(_ result: BatchResult, _ part: PricedBatch?) -> String {
        guard let version = part?.pricerVersion, !version.isEmpty else {
            return result.engineVersion
        }
        return version
    }

    /// The version of QuantLib, `1.29`.
    static func quantlibVersion(_ part: PricedBatch?) -> String {
        let version = part?.libraryVersion ?? ""
        return version.hasPrefix("QuantLib ") ? String(version.dropFirst(9)) : version
    }
}
