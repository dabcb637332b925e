internal import Finance
internal import Pricing

/// What an NPV is made of, for a terminal.
struct ExplanationTable {
    let lines: [String]

    init(_ trade: String, _ product: Product, _ explanation: PriceExplanation) {
        var lines = ["\(trade): \(product.type.rawValue), \(explanation.result.engine)"]
        switch explanation.result.outcome {
        case .priced: lines.append("NPV \(explanation.npv ?? 0) \(product.currency)")
        case .expired: break
        case .failed(let reason): lines.append("no value: \(reason.message)")
        }
        for use in explanation.curves {
            lines.append(
                "\(use.role) curve \(use.curve.id), \(use.curve.dayCount.rawValue), "
                    + use.curve.interpolation.rawValue
            )
        }
        for use in explanation.fixings {
            lines.append("fixing of \(use.index) on \(use.date): \(Self.text(use.value))")
        }
        if let inputs = explanation.inputs {
            lines.append(
                "spot \(inputs.spot), forward \(inputs.forward), volatility \(inputs.volatility), "
                    + "years \(inputs.years), discount factor \(inputs.discountFactor), "
                    + "d1 \(Self.text(inputs.d1)), d2 \(Self.text(inputs.d2))"
            )
        }
        if !explanation.cashFlows.isEmpty { lines += Self.table(of: explanation.cashFlows) }
        self.lines = lines + explanation.notes
    }

    // MARK: Private

    private static func table(of flows: [PriceExplanation.CashFlow]) -> [String] {
        let head = [
            "leg", "paid", "from", "to", "fixing", "years", "rate", "index rate", "amount",
            "factor", "present value", "",
        ]
        let rows =
            [head]
            + flows.map { flow in
                [
                    flow.leg, "\(flow.paymentDate)", "\(flow.accrualStart)", "\(flow.accrualEnd)",
                    flow.fixingDate?.description ?? "-", text(flow.yearFraction), text(flow.rate),
                    text(flow.indexRate), text(flow.amount), text(flow.discountFactor),
                    text(flow.presentValue), flow.isPast ? "past" : flow.isFixed ? "fixed" : "",
                ]
            }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            .joined(separator: "  ")
        }
    }

    /// Ten digits are enough to read.
    private static func text(_ number: Double?) -> String {
        guard let number else { return "-" }
        let scale = abs(number) >= 1_000 ? 100.0 : 100_000_000
        return "\((number * scale).rounded() / scale)"
    }
}
