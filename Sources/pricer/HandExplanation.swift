internal import Finance
internal import GridProtocol
internal import Operations
internal import PortfolioFiles
internal import Pricing

/// Shows what the NPV of one trade of a file is made of.
struct HandExplanation {
    var input: HandInput
    /// The trade's id.
    var trade: String

    /// Prints JSON, or tables where standard output is a terminal.
    ///
    /// - Returns: 0; 3 when the trade has no value, 2 when there is no such trade or a file cannot
    ///   be used.
    func run() -> ExitCode {
        do {
            let session = try PricingSession(snapshot: input.snapshot())
            let (batch, ids) = try input.trades()
            guard let position = ids.firstIndex(where: { $0.isExactly(trade) }) else {
                standardError("pricer: \(input.batch) has no trade `\(trade)`")
                return .usage
            }
            guard case .product(let product) = try batch.terms(at: position),
                let id = TradeID(rawValue: trade)
            else {
                standardError("pricer: trade `\(trade)` exists for tests only")
                return .usage
            }
            let explanation = session.explain(product)
            if StandardOutput.terminalWidth != nil {
                try StandardOutput.write(
                    ExplanationTable(trade, product, explanation).lines.joined(separator: "\n")
                )
            } else {
                let terms = try encodedPortfolio(
                    Portfolio(name: "", trades: [Trade(id: id, product: product)]),
                    format: .jsonLines
                )
                let fields = Self.fields(
                    trade,
                    product,
                    terms: String(decoding: terms.dropLast(), as: UTF8.self),
                    explanation
                )
                try StandardOutput.write(json: fields.text + "\n")
            }
            if case .failed = explanation.result.outcome { return .failedTrades }
            return .success
        } catch {
            return input.report(error)
        }
    }

    // MARK: Private

    private static func fields(
        _ trade: String,
        _ product: Product,
        terms: String,
        _ explanation: PriceExplanation
    ) -> JSONFields {
        var fields = JSONFields()
        fields.add("trade", trade)
        fields.add("product", product.type.rawValue)
        fields.add("method", explanation.result.engine)
        fields.add("npv", explanation.npv)
        fields.add("currency", product.currency.rawValue)
        fields.add("terms", json: terms)
        if case .failed(let reason) = explanation.result.outcome {
            var failure = JSONFields()
            failure.add("code", reason.code.rawValue)
            failure.add("field", reason.field)
            failure.add("message", reason.message)
            fields.add("failure", json: failure.text)
        }
        fields.add("curves", explanation.curves.map(Self.fields))
        fields.add("fixings", explanation.fixings.map(Self.fields))
        fields.add("cashFlows", explanation.cashFlows.map { Self.fields($0, product.currency) })
        if let inputs = explanation.inputs { fields.add("option", json: Self.fields(inputs).text) }
        fields.add("notes", explanation.notes)
        return fields
    }

    private static func fields(_ use: PriceExplanation.CurveUse) -> JSONFields {
        var fields = JSONFields()
        fields.add("role", use.role)
        fields.add("id", use.curve.id)
        fields.add("dayCount", use.curve.dayCount.rawValue)
        fields.add("interpolation", use.curve.interpolation.rawValue)
        return fields
    }

    private static func fields(_ use: PriceExplanation.FixingUse) -> JSONFields {
        var fields = JSONFields()
        fields.add("index", use.index.name)
        fields.add("date", use.date.description)
        fields.add("value", use.value)
        return fields
    }

    private static func fields(
        _ flow: PriceExplanation.CashFlow,
        _ currency: Currency
    ) -> JSONFields {
        var fields = JSONFields()
        fields.add("leg", flow.leg)
        fields.add("paymentDate", flow.paymentDate.description)
        fields.add("accrualStart", flow.accrualStart.description)
        fields.add("accrualEnd", flow.accrualEnd.description)
        fields.add("fixingDate", flow.fixingDate?.description)
        fields.add("days", flow.days)
        fields.add("yearFraction", flow.yearFraction)
        fields.add("rate", flow.rate)
        fields.add("forecastRate", flow.indexRate)
        fields.add("amount", flow.amount)
        fields.add("currency", currency.rawValue)
        fields.add("discountFactor", flow.discountFactor)
        fields.add("presentValue", flow.presentValue)
        fields.add("isFixed", flow.isFixed)
        fields.add("isPast", flow.isPast)
        return fields
    }

    private static func fields(_ inputs: PriceExplanation.OptionInputs) -> JSONFields {
        var fields = JSONFields()
        fields.add("spot", inputs.spot)
        fields.add("forward", inputs.forward)
        fields.add("discountFactor", inputs.discountFactor)
        fields.add("dividendFactor", inputs.dividendFactor)
        fields.add("volatility", inputs.volatility)
        fields.add("years", inputs.years)
        fields.add("deviation", inputs.deviation)
        fields.add("d1", inputs.d1)
        fields.add("d2", inputs.d2)
        return fields
    }
}

extension PriceExplanation {
    /// The trade's NPV; nil when it has none.
    var npv: Double? {
        guard case .priced(let values) = result.outcome else { return nil }
        return values.first?.value
    }
}
