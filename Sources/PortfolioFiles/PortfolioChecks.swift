public import Finance

/// Returns what in a snapshot a portfolio's trades lack: curves, equities, exchange rates and
/// fixings; and the trades that have matured.
///
/// These are warnings. Such a portfolio can be submitted: each of these trades ends as an error,
/// or as expired, and the others are not concerned. A trade without a warning may still fail; which
/// fixing a seasoned swap needs, for instance, is known to the pricing library only.
///
/// - Parameters:
///   - portfolio: as read from a file; its lines are named where it has them.
///   - snapshot: the market on which the trades will be valued.
/// - Returns: at most one problem a trade and kind, in the order of the trades.
public func problems(of portfolio: Portfolio, against snapshot: MarketSnapshot) -> [FileProblem] {
    let check = MarketCheck(snapshot)
    var problems: [FileProblem] = []
    for (position, trade) in portfolio.trades.enumerated() {
        for found in check.problems(of: trade.product) {
            problems.append(
                FileProblem(
                    file: portfolio.file.isEmpty ? portfolio.name : portfolio.file,
                    line: position < portfolio.lines.count ? portfolio.lines[position] : 0,
                    field: found.field,
                    problem: "\(trade.id): \(found.problem)",
                    expected: found.expected
                )
            )
        }
    }
    return problems
}

/// Looks trades up in a snapshot.
private struct MarketCheck {
    private let snapshot: MarketSnapshot
    private let equities: [ExactText: Equity]
    private let convertible: Set<Currency>
    private let fixingDays: [InterestRateIndex: [CalendarDate]]

    init(_ snapshot: MarketSnapshot) {
        self.snapshot = snapshot
        equities = Dictionary(snapshot.equities.map { (ExactText($0.id), $0) }) { first, _ in first
        }
        let currencies = snapshot.exchangeRates.flatMap { [$0.base, $0.quote] }
        convertible = Set(currencies.filter { snapshot.baseRate(of: $0) != nil })
            .union([snapshot.baseCurrency])
        fixingDays = Dictionary(grouping: snapshot.fixings, by: \.index)
            .mapValues { $0.map(\.date) }
    }

    func problems(of product: Product) -> [FieldProblem] {
        let valuation = snapshot.valuationDate
        if product.maturityDate <= valuation {
            return [
                FieldProblem(
                    field: "",
                    problem: "it matured on \(product.maturityDate)",
                    expected: "a maturity after the valuation date \(valuation)"
                )
            ]
        }
        var found: [FieldProblem] = []
        func add(_ field: String, _ problem: String, _ expected: String) {
            found.append(FieldProblem(field: field, problem: problem, expected: expected))
        }
        let currency = product.currency
        if !convertible.contains(currency) {
            add(
                "currency",
                "there is no rate from \(currency) to \(snapshot.baseCurrency)",
                "it among fxRates"
            )
        }
        func needCurves(for index: InterestRateIndex) {
            if snapshot.discountCurves[currency] == nil {
                add("currency", "no curve discounts \(currency)", "one in curveGroup.discount")
            }
            if snapshot.forwardCurves[index] == nil {
                add("index", "no curve forecasts \(index)", "one in curveGroup.forward")
            }
        }
        switch product {
        case .forwardRateAgreement(let fra):
            needCurves(for: fra.index)
            if fra.startDate <= valuation {
                add(
                    "startDate",
                    "it settled on \(fra.startDate)",
                    "a start after the valuation date \(valuation)"
                )
            }
        case .swap(let swap):
            guard case .floating(let index, _, _, _) = swap.floatingLeg.rate else { break }
            needCurves(for: index)
            let oldest = valuation.adding(
                days: -swap.floatingLeg.schedule.frequency.approximateDays - 14
            )
            let days = fixingDays[index] ?? []
            if swap.startDate < valuation, !days.contains(where: { oldest...valuation ~= $0 }) {
                add(
                    "startDate",
                    "it began on \(swap.startDate) and there is no recent fixing of \(index)",
                    "its last fixing among fixings"
                )
            }
        case .equityOption(let option):
            guard let equity = equities[ExactText(option.underlying)] else {
                add(
                    "underlying",
                    "there is no equity \(quoted(option.underlying))",
                    expectation(
                        "one of the snapshot's equities",
                        for: option.underlying,
                        among: equities.keys.sorted().map(\.text)
                    )
                )
                break
            }
            if equity.currency != option.currency {
                add(
                    "currency",
                    "\(option.currency) is not the currency of \(equity.id)",
                    "\(equity.currency)"
                )
            }
        }
        return found
    }
}
