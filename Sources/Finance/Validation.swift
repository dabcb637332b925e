/// A field that cannot be used, and what would be right.
public struct FieldProblem: Hashable, Sendable {
    /// The path of the field, `legs[0].notional`.
    public var field: String
    /// What was wrong.
    public var problem: String
    /// What would be right.
    public var expected: String

    /// Makes a problem.
    public init(field: String, problem: String, expected: String) {
        self.field = field
        self.problem = problem
        self.expected = expected
    }
}

extension Trade {
    /// Returns every term that QuantLib must not be given; empty for a sound trade.
    ///
    /// Only the trade's own terms are looked at. What depends on a snapshot (a missing curve, a
    /// trade that has matured) is found when the trade is priced.
    public func problems() -> [FieldProblem] { product.problems() }
}

extension Product {
    /// Returns every term that QuantLib must not be given; empty for sound terms.
    ///
    /// Only the terms are looked at: what depends on a snapshot is found in pricing.
    public func problems() -> [FieldProblem] {
        var check = FieldCheck()
        switch self {
        case .forwardRateAgreement(let fra):
            check.notional(fra.notional, "notional")
            check.rate(fra.rate, "rate")
            check.period(of: fra)
        case .swap(let swap):
            check.swap(swap)
        case .equityOption(let option):
            check.option(option)
        }
        return check.problems
    }
}

extension MarketSnapshot {
    /// Returns everything in the snapshot that QuantLib must not be given or that names something
    /// that is not there; empty for a sound snapshot.
    public func problems() -> [FieldProblem] {
        var check = FieldCheck()
        for (position, curve) in curves.enumerated() {
            check.curve(curve, "curves[\(position)]")
            check.firstDay(of: curve, "curves[\(position)]", valuationDate)
        }
        check.unique(curves.map(\.id), "curves", "id")
        check.unique(equities.map(\.id), "equities", "id")
        check.unique(volatilities.map(\.id), "volatilities", "id")
        check.unique(
            fixings.map { "\($0.index) \($0.date)" },
            "fixings",
            "index and date"
        )
        check.unique(
            exchangeRates.map {
                [$0.base.rawValue, $0.quote.rawValue].sorted().joined(separator: "/")
            },
            "fxRates",
            "pair"
        )
        let curveCurrencies = Dictionary(
            curves.map { (ExactText($0.id), $0.currency) },
            uniquingKeysWith: { first, _ in first }
        )
        func named(_ id: String, _ field: String, of currency: Currency?) {
            guard let found = curveCurrencies[ExactText(id)] else {
                check.add(
                    field,
                    "there is no curve `\(id)`",
                    "the id of one of the snapshot's curves"
                )
                return
            }
            guard let currency, found != currency else { return }
            check.add(
                field,
                "curve `\(id)` is a curve of \(found)",
                "the id of a curve whose currency is \(currency)"
            )
        }
        for (currency, id) in discountCurves.sorted(by: { $0.key < $1.key }) {
            named(id, "curveGroup.discount.\(currency)", of: currency)
        }
        for (index, id) in forwardCurves.sorted(by: { $0.key.name < $1.key.name }) {
            named(id, "curveGroup.forward.\(index)", of: index.currency)
        }
        let volatilityIDs = Set(volatilities.map { ExactText($0.id) })
        for (position, equity) in equities.enumerated() {
            let path = "equities[\(position)]"
            check.positive(equity.spot, "\(path).spot", below: 1e12)
            // A dividend yield is a number per year, whatever the currency of its curve.
            named(equity.dividendCurve, "\(path).dividendCurve", of: nil)
            named(equity.fundingCurve, "\(path).fundingCurve", of: equity.currency)
            if !volatilityIDs.contains(ExactText(equity.volatility)) {
                check.add(
                    "\(path).volatility",
                    "there is no volatility `\(equity.volatility)`",
                    "the id of one of the snapshot's volatilities"
                )
            }
        }
        for (position, volatility) in volatilities.enumerated() {
            check.positive(volatility.value, "volatilities[\(position)].value", below: 5)
            check.firstDay(of: volatility, "volatilities[\(position)]", valuationDate)
            check.needsNoLeg(volatility.dayCount, "volatilities[\(position)].dayCount")
        }
        for (position, rate) in exchangeRates.enumerated() {
            check.positive(rate.value, "fxRates[\(position)].value", below: 1e9)
            if rate.base == rate.quote {
                check.add("fxRates[\(position)].pair", "both are \(rate.base)", "two currencies")
            }
        }
        for (position, fixing) in fixings.enumerated() {
            check.rate(fixing.value, "fixings[\(position)].value")
        }
        return check.problems
    }
}

/// Collects problems of fields.
struct FieldCheck {
    private(set) var problems: [FieldProblem] = []

    mutating func add(_ field: String, _ problem: String, _ expected: String) {
        problems.append(FieldProblem(field: field, problem: problem, expected: expected))
    }

    mutating func positive(
        _ value: Double,
        _ field: @autoclosure () -> String,
        below limit: Double
    ) {
        guard !(value.isFinite && value > 0 && value < limit) else { return }
        add(field(), "\(value) is out of range", "a number above 0 and below \(limit)")
    }

    mutating func notional(_ value: Double, _ field: @autoclosure () -> String) {
        positive(value, field(), below: 1e15)
    }

    mutating func rate(_ value: Double, _ field: @autoclosure () -> String) {
        guard !(value.isFinite && abs(value) <= 1) else { return }
        add(field(), "\(value) is out of range", "a decimal within -1...1; 0.025 is 2.5 %")
    }

    mutating func period(
        _ start: CalendarDate,
        _ startField: @autoclosure () -> String,
        _ end: CalendarDate,
        _ endField: @autoclosure () -> String
    ) {
        if end <= start {
            add(endField(), "\(end) is not after \(startField()) \(start)", "a later date")
        } else if end.days(since: start) > 36_525 {
            add(endField(), "\(end) is over 100 years after \(start)", "at most 100 years")
        }
    }

    mutating func unique(_ keys: [String], _ field: String, _ what: String) {
        var seen = Set<ExactText>()
        for (position, key) in keys.enumerated() where !seen.insert(ExactText(key)).inserted {
            add("\(field)[\(position)]", "`\(key)` occurs twice", "a unique \(what)")
        }
    }

    mutating func swap(_ swap: Swap) {
        leg(swap.fixedLeg, "legs.fixed")
        leg(swap.floatingLeg, "legs.floating")
        guard case .fixed = swap.fixedLeg.rate,
            case .floating(let index, _, _, _) = swap.floatingLeg.rate
        else {
            add("legs", "the legs are of one kind", "one Fixed and one Floating leg")
            return
        }
        if swap.fixedLeg.currency != swap.floatingLeg.currency {
            add("legs.currency", "the legs' currencies differ", "one currency for both legs")
        } else if index.currency != swap.currency {
            add(
                "legs.index",
                "\(index) is not an index of \(swap.currency)",
                "an index of the leg's currency"
            )
        }
        if swap.fixedLeg.notional != swap.floatingLeg.notional {
            add("legs.notional", "the legs' notionals differ", "one notional for both legs")
        }
        if swap.fixedLeg.payReceive == swap.floatingLeg.payReceive {
            add(
                "legs.payReceive",
                "both are \(swap.fixedLeg.payReceive.rawValue)",
                "one Pay and one Receive"
            )
        }
    }

    mutating func leg(_ leg: SwapLeg, _ path: String) {
        notional(leg.notional, "\(path).notional")
        switch leg.rate {
        case .fixed(let value): rate(value, "\(path).rate")
        case .floating(_, let spread, let fixingDays, _):
            rate(spread, "\(path).spread")
            if let fixingDays, !(0...30).contains(fixingDays) {
                add("\(path).fixingDays", "\(fixingDays) is out of range", "0...30 business days")
            }
        }
        let schedule = leg.schedule
        if leg.dayCount == .actualActualICMA { couponPeriods(schedule, path) }
        period(
            schedule.startDate,
            "\(path).schedule.startDate",
            schedule.endDate,
            "\(path).schedule.endDate"
        )
        let days = schedule.endDate.days(since: schedule.startDate)
        if days > 0, days / schedule.frequency.approximateDays > 2_000 {
            add(
                "\(path).schedule.frequency",
                "\(schedule.frequency) makes over 2,000 periods",
                "at most 2,000 periods"
            )
        }
    }

    mutating func option(_ option: EquityOption) {
        positive(option.strike, "strike", below: 1e12)
        positive(option.quantity, "quantity", below: 1e15)
        if option.underlying.isEmpty {
            add("underlying", "it is empty", "the id of an equity of the market snapshot")
        }
        switch (option.style, option.method) {
        case (.european, .qdFp?), (.european, .baroneAdesiWhaley?),
            (.european, .bjerksundStensland?), (.european, .ju?):
            add(
                "engine",
                "\(option.method?.rawValue ?? "") prices American options only",
                "AnalyticEuropean or FiniteDifferences"
            )
        case (.american, .analyticEuropean?):
            add(
                "engine",
                "AnalyticEuropean prices European options only",
                "no engine, for the default, or QdFp, FiniteDifferences, BaroneAdesiWhaley, "
                    + "BjerksundStensland or Ju"
            )
        default: break
        }
    }

    /// Libraries differ on Act/Act ICMA of adjusted periods, and ICMA says nothing of them.
    private mutating func couponPeriods(_ schedule: Schedule, _ path: String) {
        let count = DayCount.actualActualICMA.rawValue
        if schedule.convention != .unadjusted, schedule.calendar != .none {
            add(
                "\(path).schedule.convention",
                "\(count) needs periods that are not adjusted",
                "NoAdjust, or another dayCount"
            )
        }
        let months = schedule.frequency.inMonthsOrWeeks
        if months.unit != .months || 12 % months.count != 0 {
            add(
                "\(path).schedule.frequency",
                "\(count) needs a frequency that divides a year",
                "1M, 2M, 3M, 4M, 6M or 12M, or another dayCount"
            )
        }
    }

    mutating func needsNoLeg(_ dayCount: DayCount, _ field: @autoclosure () -> String) {
        guard dayCount.needsLeg else { return }
        add(
            field(),
            "\(dayCount.rawValue) needs the periods of a leg",
            DayCount.ofCurves.map(\.rawValue).joined(separator: ", ")
        )
    }

    mutating func curve(_ curve: Curve, _ path: String) {
        needsNoLeg(curve.dayCount, "\(path).dayCount")
        if curve.nodes.isEmpty || curve.nodes.count > 1_000 {
            add("\(path).nodes", "\(curve.nodes.count) nodes", "1...1,000 nodes")
        }
        if curve.nodes.count == 1, curve.valueType == .discountFactor {
            add("\(path).nodes", "one discount factor makes no curve", "two nodes or more")
        }
        for (position, node) in curve.nodes.enumerated() {
            let field = "\(path).nodes[\(position)]"
            if position > 0, node.date <= curve.nodes[position - 1].date {
                add("\(field).date", "\(node.date) is not after the node before", "ascending dates")
            }
            switch curve.valueType {
            case .zeroRate: rate(node.value, "\(field).value")
            case .discountFactor:
                positive(node.value, "\(field).value", below: 2)
                if position == 0, node.value != 1 {
                    add(
                        "\(field).value",
                        "the first factor is \(node.value)",
                        "1 at the reference date"
                    )
                }
            }
        }
    }
}
