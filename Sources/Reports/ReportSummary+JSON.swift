internal import FoundationEssentials
public import GridAPI
public import Ledger

extension ReportSummary {
    /// Reads summary.json.
    ///
    /// - Throws: ``AggregationError/Code/invalidSummary`` for anything else.
    public init(json: [UInt8]) throws(AggregationError) {
        do {
            self = try JSONDecoder().decode(ReportSummary.self, from: Data(json))
        } catch {
            throw AggregationError(
                code: .invalidSummary,
                reason: "this is not a report's summary: "
                    + ((error as? DecodingError)?.reason ?? "\(error)")
            )
        }
    }

    /// The bytes of summary.json, with a line for each field; doubles read back to the same bits.
    public var json: [UInt8] {
        var text = JSONWriter()
        text.begin("{")
        text.field("job", job)
        text.field("state", state)
        text.field("portfolio", portfolio)
        text.field("submitter", submitter)
        text.field("valuationDate", valuationDate)
        text.field(
            "snapshot",
            inline: [("id", .text(snapshot.id)), ("name", .text(snapshot.name))]
        )
        text.field("baseCurrency", baseCurrency)
        text.field("metrics", metrics)
        text.field("totalMetric", totalMetric)
        text.field("trades", trades)
        text.field("results", results)
        text.field("errors", errors)
        text.field("expired", expired)
        text.field("missing", missing)
        text.field("total", total)
        text.key("totals")
        text.begin("{")
        text.field("book", totals.book.map(\.fields))
        text.field("currency", totals.currency.map(\.fields))
        text.field("product", totals.product.map(\.fields))
        text.field("counterparty", totals.counterparty.map(\.fields))
        text.end("}")
        text.field("seconds", seconds)
        text.field("tradesPerSecond", tradesPerSecond)
        text.field("cpuSeconds", cpuSeconds)
        text.field("submittedAt", submittedAt)
        text.field(
            "versions",
            inline: [("valgrid", .text(versions.valgrid)), ("quantlib", .text(versions.quantlib))]
        )
        text.field("engines", engines.map(\.fields))
        text.field("pricingEngines", pricingEngines.map(\.fields))
        text.field("failedTrades", failedTrades.map(\.fields))
        text.key("completeness")
        text.begin("{")
        text.field("expectedTrades", completeness.expectedTrades)
        text.field("actualTrades", completeness.actualTrades)
        text.field("expectedHash", completeness.expectedHash)
        text.field("actualHash", completeness.actualHash)
        text.field("matches", completeness.matches)
        text.field("reason", completeness.reason)
        text.end("}")
        text.end("}")
        text.text.append("\n")
        return text.text.bytes
    }
}

extension ReportSummary.Total {
    fileprivate var fields: [(StaticString, JSONWriter.Value)] {
        var fields: [(StaticString, JSONWriter.Value)] = [
            ("name", .text(name)), ("trades", .integer(trades)), ("results", .integer(results)),
            ("errors", .integer(errors)), ("missing", .integer(missing)), ("value", .number(value)),
        ]
        if let localValue { fields.append(("localValue", .number(localValue))) }
        return fields
    }
}

extension ReportSummary.Share {
    fileprivate var fields: [(StaticString, JSONWriter.Value)] {
        [("name", .text(name)), ("trades", .integer(trades))]
    }
}

extension ReportSummary.FailedTrade {
    fileprivate var fields: [(StaticString, JSONWriter.Value)] {
        [
            ("tradeId", .text(tradeId)), ("status", .text(status)), ("code", .text(code)),
            ("field", .text(field)), ("message", .text(message)), ("batch", .integer(Int(batch))),
        ]
    }
}
