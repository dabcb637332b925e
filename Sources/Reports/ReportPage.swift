internal import GridAPI

/// The page of a report: one file, without any request to elsewhere.
struct ReportPage {
    private let summary: ReportSummary
    private let rows: TableRows.Embedded

    init(_ summary: ReportSummary, rows: TableRows.Embedded) {
        self.summary = summary
        self.rows = rows
    }

    func append(to text: inout UTF8Builder) {
        text.append(Self.head)
        text.append("<title>")
        text.append(html: "\(summary.job): \(summary.state)")
        text.append("</title>\n<style>\n")
        text.append(Self.style)
        text.append("</style>\n</head>\n<body>\n<main>\n")
        appendHeader(to: &text)
        appendFailures(to: &text)
        text.append("<section><h2>Totals</h2>\n<div class=\"charts\">\n")
        let unit = "\(summary.totalMetric) in \(summary.baseCurrency)"
        for (title, plural, totals) in [
            ("book", "books", summary.totals.book),
            ("currency", "currencies", summary.totals.currency),
            ("product", "products", summary.totals.product),
            ("counterparty", "counterparties", summary.totals.counterparty),
        ] {
            TotalsChart(title: "By \(title)", plural: plural, unit: unit, totals: totals)
                .append(to: &text)
        }
        text.append("</div></section>\n")
        appendTable(to: &text)
        appendFacts(to: &text)
        text.append("</main>\n<script type=\"application/json\" id=\"rows\">")
        text.append(rows.json)
        text.append("</script>\n<script>\n")
        text.append(Self.script)
        text.append("</script>\n</body>\n</html>\n")
    }

    // MARK: Sections

    private func appendHeader(to text: inout UTF8Builder) {
        let mood =
            switch summary.state {
            case "complete": "good"
            case "complete with errors", "submitting", "running", "paused": "fair"
            default: "bad"
            }
        text.append("<header><p class=\"over\">valgrid valuation report</p><h1>")
        text.append(html: summary.portfolio.isEmpty ? summary.job : summary.portfolio)
        text.append("</h1><p><span class=\"state ")
        text.append(text: mood)
        text.append("\">")
        text.append(html: summary.state)
        text.append("</span> job <code>")
        text.append(html: summary.job)
        text.append("</code>, valued on <strong>")
        text.append(html: summary.valuationDate)
        text.append("</strong> with market <strong>")
        text.append(html: summary.snapshot.name)
        text.append("</strong></p>\n<dl class=\"tiles\">")
        appendTile("Total \(summary.totalMetric)", amount(summary.total), to: &text)
        appendTile("Trades", ReportNumber.grouped(summary.trades), to: &text)
        appendTile("Results", ReportNumber.grouped(summary.results), to: &text)
        appendTile("Errors", ReportNumber.grouped(summary.errors), to: &text)
        appendTile("Missing", ReportNumber.grouped(summary.missing), to: &text)
        appendTile("Time", "\(ReportNumber.fixed(summary.seconds, 2)) s", to: &text)
        appendTile(
            "Trades per second",
            ReportNumber.fixed(summary.tradesPerSecond, 0),
            to: &text
        )
        text.append("</dl></header>\n")
        guard !summary.completeness.matches else { return }
        text.append("<p class=\"warning\" role=\"status\">This report is not complete: ")
        text.append(html: summary.completeness.reason)
        text.append(".</p>\n")
    }

    private func appendFailures(to text: inout UTF8Builder) {
        guard !summary.failedTrades.isEmpty else { return }
        let more = summary.errors + summary.missing - summary.failedTrades.count
        text.append("<section><h2>Trades without a value</h2>\n<div class=\"scroll\"><table>")
        text.append("<thead><tr><th>Trade</th><th>Reason</th><th>Field</th><th>Code</th>")
        text.append("<th class=\"number\">Batch</th></tr></thead>\n<tbody>\n")
        for trade in summary.failedTrades {
            text.append("<tr><td>")
            text.append(html: trade.tradeId.isEmpty ? "(unknown)" : trade.tradeId)
            text.append("</td><td>")
            text.append(html: trade.message)
            text.append("</td><td>")
            text.append(html: trade.field)
            text.append("</td><td><code>")
            text.append(html: trade.code)
            text.append("</code></td><td class=\"number\">")
            text.append(trade.batch)
            text.append("</td></tr>\n")
        }
        text.append("</tbody></table></div>\n")
        if more > 0 {
            text.append("<p>And ")
            text.append(text: ReportNumber.grouped(more))
            text.append(" more: they come first in the table below, and are in errors.csv.</p>\n")
        }
        text.append("</section>\n")
    }

    private func appendTable(to text: inout UTF8Builder) {
        text.append("<section><h2>Trades</h2>\n")
        if !rows.isWhole {
            text.append("<p class=\"warning\">The job has ")
            text.append(text: ReportNumber.grouped(summary.trades))
            text.append(" trades; this table holds ")
            text.append(text: ReportNumber.grouped(rows.count))
            text.append(
                ": failed ones and those of the largest value. All are in results.jsonl.</p>"
            )
        }
        text.append(Self.table)
        text.append("</section>\n")
    }

    private func appendFacts(to text: inout UTF8Builder) {
        let proof = summary.completeness
        let facts: [(String, String)] = [
            (
                "Submitted",
                summary.submittedAt + (summary.submitter.isEmpty ? "" : " by \(summary.submitter)")
            ),
            ("Market snapshot", summary.snapshot.id),
            ("Metrics", summary.metrics.joined(separator: ", ")),
            ("Matured trades", ReportNumber.grouped(summary.expired)),
            ("CPU time of pricing", "\(ReportNumber.fixed(summary.cpuSeconds, 3)) s"),
            ("Engines", list(summary.engines)),
            ("Pricing engines", list(summary.pricingEngines)),
            (
                "Versions",
                "valgrid \(summary.versions.valgrid), QuantLib \(summary.versions.quantlib)"
            ),
            (
                "Completeness",
                proof.matches
                    ? "proven: \(ReportNumber.grouped(proof.actualTrades)) trades, "
                        + "SHA-256 of their ids \(proof.actualHash)"
                    : proof.reason
            ),
        ]
        text.append("<section><h2>How it was made</h2>\n<dl class=\"facts\">\n")
        for (name, value) in facts {
            text.append("<dt>")
            text.append(html: name)
            text.append("</dt><dd>")
            text.append(html: value)
            text.append("</dd>\n")
        }
        text.append("</dl></section>\n")
    }

    // MARK: Private

    private func appendTile(_ name: String, _ value: String, to text: inout UTF8Builder) {
        text.append("<div><dt>")
        text.append(html: name)
        text.append("</dt><dd>")
        text.append(html: value)
        text.append("</dd></div>")
    }

    private func amount(_ value: Double?) -> String {
        value.map { "\(ReportNumber.fixed($0, 0)) \(summary.baseCurrency)" } ?? "none"
    }

    private func list(_ shares: [ReportSummary.Share]) -> String {
        let shown = shares.prefix(50).map { "\($0.name) (\(ReportNumber.grouped($0.trades)))" }
        let rest = shares.count - shown.count
        let more = rest > 0 ? ["and \(ReportNumber.grouped(rest)) more, in summary.json"] : []
        return (shown + more).joined(separator: ", ")
    }
}
