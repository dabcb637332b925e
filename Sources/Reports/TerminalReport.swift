public import GridAPI
internal import Operations

/// Returns a report for a terminal: totals by book, currency and product in base currency, the
/// first failed trades with their reasons, counts and times.
///
/// `width` is the columns of the terminal, 40 and up: longer lines are cut with an ellipsis; nil for
/// what is no terminal: nothing is cut.
/// `failures` is the most failed trades to show.
public func terminalReport(
    _ summary: ReportSummary,
    width: Int? = nil,
    failures: Int = 10
) -> String {
    var lines = TerminalLines(width: width.map { max(40, $0) })
    lines.add("\(summary.portfolio.isEmpty ? summary.job : summary.portfolio): \(summary.state)")
    lines.add(
        "job \(summary.job), valued on \(summary.valuationDate), market \(summary.snapshot.name)"
    )
    for (title, totals) in [
        ("book", summary.totals.book), ("currency", summary.totals.currency),
        ("product", summary.totals.product),
    ] {
        lines.add("")
        lines.add(totals, by: title, summary)
    }
    if !summary.failedTrades.isEmpty, failures > 0 {
        lines.add("")
        lines.add("Trades without a value")
        let shown = summary.failedTrades.prefix(failures)
        let idWidth = min(
            width == nil ? .max : 24,
            shown.map { TerminalText.escaped($0.tradeId).count }.max() ?? 0
        )
        for trade in shown {
            let id =
                trade.tradeId.isEmpty
                ? "(batch \(trade.batch))" : TerminalText.escaped(trade.tradeId)
            let field = trade.field.isEmpty ? "" : "\(trade.field): "
            lines.add(
                "  \(TerminalLines.fit(id, idWidth))  \(field)\(trade.message) (\(trade.code))"
            )
        }
        let more = summary.errors + summary.missing - shown.count
        if more > 0 { lines.add("  and \(ReportNumber.grouped(more)) more, in errors.csv") }
    }
    lines.add("")
    var counts = "trades \(ReportNumber.grouped(summary.trades))"
    counts += " = results \(ReportNumber.grouped(summary.results))"
    counts += " + errors \(ReportNumber.grouped(summary.errors))"
    if summary.missing != 0 { counts += " + missing \(ReportNumber.grouped(summary.missing))" }
    if summary.expired > 0 {
        counts += " (\(ReportNumber.grouped(summary.expired)) of the results had matured)"
    }
    lines.add(counts)
    lines.add(
        "\(ReportNumber.fixed(summary.seconds, 2)) s, "
            + "\(ReportNumber.fixed(summary.tradesPerSecond, 0)) trades/s, "
            + "\(ReportNumber.fixed(summary.cpuSeconds, 2)) s of CPU in pricing"
    )
    if !summary.completeness.matches {
        lines.add("not complete: \(summary.completeness.reason)")
    }
    return lines.text
}

/// Lines of a terminal, cut to its width; what a terminal would obey is escaped.
private struct TerminalLines {
    let width: Int?
    private(set) var text = ""

    init(width: Int?) {
        self.width = width
    }

    mutating func add(_ line: String) {
        let clean = TerminalText.escaped(line)
        if let width, clean.count > width {
            text += "\(clean.prefix(width - 1))\u{2026}"
        } else {
            text += clean
        }
        text += "\n"
    }

    mutating func add(_ totals: [ReportSummary.Total], by title: String, _ summary: ReportSummary) {
        let longest = totals.map { TerminalText.escaped($0.name).count }.max() ?? 0
        let names = max(12, width.map { min($0 - 46, longest) } ?? longest)
        let metric = summary.totalMetric.isEmpty ? "" : "\(summary.totalMetric) "
        add(
            "\(Self.fit("By \(title)", names)) \(Self.right("trades", 9)) \(Self.right("errors", 8))"
                + " \(Self.right("\(metric)\(summary.baseCurrency)", 22))"
        )
        for total in totals {
            let shown = total.name.isEmpty ? "(none)" : TerminalText.escaped(total.name)
            let name = Self.fit(shown, names)
            let value = total.value.map { ReportNumber.fixed($0, 2) } ?? "-"
            add(
                "\(name) \(Self.right(ReportNumber.grouped(total.trades), 9))"
                    + " \(Self.right(ReportNumber.grouped(total.errors + total.missing), 8))"
                    + " \(Self.right(value, 22))"
            )
        }
        let sum = summary.total.map { ReportNumber.fixed($0, 2) } ?? "-"
        add(
            "\(Self.fit("Total", names)) \(Self.right(ReportNumber.grouped(summary.trades), 9))"
                + " \(Self.right(ReportNumber.grouped(summary.errors + summary.missing), 8))"
                + " \(Self.right(sum, 22))"
        )
    }

    static func fit(_ text: String, _ width: Int) -> String {
        text.count <= width
            ? text + String(repeating: " ", count: width - text.count)
            : "\(text.prefix(max(0, width - 1)))\u{2026}"
    }

    static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }
}
