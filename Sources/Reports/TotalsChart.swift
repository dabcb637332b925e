internal import GridAPI

/// A bar chart of totals as inline SVG, with the numbers as a table for those who cannot see it.
struct TotalsChart {
    /// The most bars; what is smaller is in the table.
    static let bars = 12
    /// The most rows of the table.
    static let tableRows = 500

    let title: String
    /// What the totals are of: `books`.
    let plural: String
    let unit: String
    let totals: [ReportSummary.Total]

    func append(to text: inout UTF8Builder) {
        text.append("<figure><figcaption>")
        text.append(html: title)
        text.append(" <small>")
        text.append(html: unit)
        text.append("</small></figcaption>\n")
        appendChart(to: &text)
        appendTable(to: &text)
        text.append("</figure>\n")
    }

    private func appendChart(to text: inout UTF8Builder) {
        let valued = totals.filter { $0.value != nil }
            .sorted { (abs($0.value ?? 0), $1.name) > (abs($1.value ?? 0), $0.name) }
        let shown = valued.prefix(Self.bars)
        guard !shown.isEmpty else {
            text.append("<p>No trade has a value.</p>\n")
            return
        }
        let values = shown.map { $0.value ?? 0 }
        let low = min(0, values.min() ?? 0)
        let high = max(0, values.max() ?? 0)
        let span = high - low > 0 ? high - low : 1
        let (left, width, rowHeight) = (130.0, 230.0, 26.0)
        let zero = left + (0 - low) / span * width
        let height = Double(shown.count) * rowHeight + 6
        text.append("<svg viewBox=\"0 0 480 ")
        text.append(text: ReportNumber.fixed(height, 0))
        text.append("\" role=\"img\" aria-label=\"")
        text.append(html: "\(title): bars of the largest totals; the table below has the numbers")
        text.append("\">\n")
        for (row, total) in shown.enumerated() {
            let value = total.value ?? 0
            let top = Double(row) * rowHeight + 4
            let length = max(1, abs(value) / span * width)
            let start = value < 0 ? zero - length : zero
            text.append("<text x=\"124\" y=\"")
            text.append(text: ReportNumber.fixed(top + 13, 1))
            text.append("\" text-anchor=\"end\">")
            text.append(html: Self.short(total.name.isEmpty ? "(none)" : total.name))
            text.append(value < 0 ? "</text><rect class=\"minus\" x=\"" : "</text><rect x=\"")
            text.append(text: ReportNumber.fixed(start, 1))
            text.append("\" y=\"")
            text.append(text: ReportNumber.fixed(top, 1))
            text.append("\" width=\"")
            text.append(text: ReportNumber.fixed(length, 1))
            text.append("\" height=\"18\" rx=\"2\"></rect><text x=\"476\" y=\"")
            text.append(text: ReportNumber.fixed(top + 13, 1))
            text.append("\" text-anchor=\"end\">")
            text.append(text: ReportNumber.fixed(value, 0))
            text.append("</text>\n")
        }
        text.append("<line x1=\"")
        text.append(text: ReportNumber.fixed(zero, 1))
        text.append("\" x2=\"")
        text.append(text: ReportNumber.fixed(zero, 1))
        text.append("\" y1=\"0\" y2=\"")
        text.append(text: ReportNumber.fixed(height, 0))
        text.append("\"></line></svg>\n")
        guard shown.count < valued.count else { return }
        text.append("<p class=\"note\">The ")
        text.append(shown.count)
        text.append(" largest of ")
        text.append(text: ReportNumber.grouped(valued.count))
        text.append(" ")
        text.append(html: plural)
        text.append(" with a value are drawn; all are under Numbers.</p>\n")
    }

    private func appendTable(to text: inout UTF8Builder) {
        let isLocal = totals.contains { $0.localValue != nil }
        text.append("<details><summary>Numbers</summary><div class=\"scroll\"><table><thead><tr>")
        text.append("<th>Name</th>")
        for name in ["Trades", "Results", "Errors", "Missing", "Total"] {
            appendHeading(name, to: &text)
        }
        if isLocal { appendHeading("In its currency", to: &text) }
        text.append("</tr></thead><tbody>\n")
        for total in totals.prefix(Self.tableRows) {
            text.append("<tr><td>")
            text.append(html: total.name.isEmpty ? "(none)" : total.name)
            text.append("</td>")
            for count in [total.trades, total.results, total.errors, total.missing] {
                appendNumber(ReportNumber.grouped(count), to: &text)
            }
            appendNumber(total.value.map { ReportNumber.fixed($0, 2) } ?? "", to: &text)
            if isLocal {
                appendNumber(total.localValue.map { ReportNumber.fixed($0, 2) } ?? "", to: &text)
            }
            text.append("</tr>\n")
        }
        text.append("</tbody></table></div>")
        if totals.count > Self.tableRows {
            text.append("<p class=\"note\">The first ")
            text.append(text: ReportNumber.grouped(Self.tableRows))
            text.append(" of ")
            text.append(text: ReportNumber.grouped(totals.count))
            text.append(" ")
            text.append(html: plural)
            text.append(" by name; all are in summary.json.</p>")
        }
        text.append("</details>\n")
    }

    private func appendHeading(_ name: String, to text: inout UTF8Builder) {
        text.append("<th class=\"number\">")
        text.append(text: name)
        text.append("</th>")
    }

    private func appendNumber(_ number: String, to text: inout UTF8Builder) {
        text.append("<td class=\"number\">")
        text.append(text: number)
        text.append("</td>")
    }

    private static func short(_ name: String) -> String {
        name.count <= 17 ? name : "\(name.prefix(16))\u{2026}"
    }
}
