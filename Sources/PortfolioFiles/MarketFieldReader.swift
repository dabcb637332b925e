internal import Finance

/// Parts of a snapshot that JSON and CSV spell alike; each is read as a list of one, or of none
/// when it has a problem.
enum MarketFieldReader {
    static let equity: [Field] = [
        .id, .currency, .spot, .dividendCurve, .fundingCurve, .volatility,
    ]
    static let volatility: [Field] = [.id, .type, .value, .referenceDate, .dayCount]

    /// How a curve is to be understood.
    struct CurveSettings {
        var valueType: Curve.ValueType
        var dayCount: DayCount
        var interpolation: Curve.Interpolation?
        var extrapolation: Curve.Extrapolation

        func makeCurve(id: String, currency: Currency, nodes: [CurveNode]) -> Curve {
            Curve(
                id: id,
                currency: currency,
                valueType: valueType,
                dayCount: dayCount,
                interpolation: interpolation,
                extrapolation: extrapolation,
                nodes: nodes
            )
        }
    }

    static func readCurveSettings(_ source: some FieldSource) -> CurveSettings? {
        let valueType: Curve.ValueType? = source.choice(.valueType)
        let dayCount: DayCount? = source.choice(.dayCount)
        checkDayCount(dayCount, of: "a curve", source)
        let interpolation: Curve.Interpolation? = source.optionalChoice(.interpolation)
        let extrapolation = source.choice(.extrapolation, default: Curve.Extrapolation.flatForward)
        if let valueType, let interpolation,
            (valueType == .zeroRate) != (interpolation == .linearZero)
        {
            source.report(.interpolation) {
                "\(interpolation.rawValue) does not go with \(valueType.rawValue)"
            } _: {
                "LogLinearDiscount for DiscountFactor, LinearZero for ZeroRate"
            }
        }
        guard let valueType, let dayCount else { return nil }
        return CurveSettings(
            valueType: valueType,
            dayCount: dayCount,
            interpolation: interpolation,
            extrapolation: extrapolation
        )
    }

    private static func checkDayCount(
        _ dayCount: DayCount?,
        of thing: String,
        _ source: some FieldSource
    ) {
        guard let dayCount, dayCount.needsLeg else { return }
        source.report(.dayCount) {
            "\(dayCount.rawValue) is not supported for \(thing): it needs the periods of a leg"
        } _: {
            alternatives(DayCount.ofCurves.map(\.rawValue))
        }
    }

    static func readNode(_ source: some FieldSource) -> [CurveNode] {
        let date = source.date(.date)
        let value = source.requiredNumber(.value, expected: "a discount factor or a zero rate")
        let label = source.label(.label)
        guard let date, let value else { return [] }
        return [CurveNode(date: date, value: value, label: label)]
    }

    static func readExchangeRate(_ source: some FieldSource) -> [ExchangeRate] {
        let pair = source.requiredParsed(.pair, expected: "two currencies, EUR/USD") {
            text -> (Currency, Currency)? in
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, let base = Currency(rawValue: String(parts[0])),
                let quote = Currency(rawValue: String(parts[1]))
            else { return nil }
            return (base, quote)
        }
        let value = source.amount(.value, below: 9)
        guard let pair, let value else { return [] }
        return [ExchangeRate(base: pair.0, quote: pair.1, value: value)]
    }

    static func readEquity(_ source: some FieldSource, id: Field) -> [Equity] {
        let id = source.requiredLabel(id, expected: "a unique name")
        let currency = source.currency(.currency)
        let spot = source.amount(.spot, below: 12)
        let dividends = source.requiredLabel(.dividendCurve, expected: "the id of a curve")
        let funding = source.requiredLabel(.fundingCurve, expected: "the id of a curve")
        let volatility = source.requiredLabel(.volatility, expected: "the id of a volatility")
        guard let id, let currency, let spot, let dividends, let funding, let volatility else {
            return []
        }
        return [
            Equity(
                id: id,
                currency: currency,
                spot: spot,
                dividendCurve: dividends,
                fundingCurve: funding,
                volatility: volatility
            )
        ]
    }

    static func readVolatility(_ source: some FieldSource, id: Field) -> [FlatVolatility] {
        let id = source.requiredLabel(id, expected: "a unique name")
        let _: VolatilityType? = source.choice(.type)
        let value = source.requiredNumber(.value, expected: "a number above 0 and below 5")
        let reference = source.optionalDate(.referenceDate)
        let dayCount = source.choice(.dayCount, default: DayCount.actual365Fixed)
        checkDayCount(dayCount, of: "a volatility", source)
        guard let id, let value else { return [] }
        return [
            FlatVolatility(id: id, value: value, referenceDate: reference, dayCount: dayCount)
        ]
    }

    /// Reads a fixing; none for one that another spelling of the index has already.
    static func readFixing(
        _ source: some FieldSource,
        index field: Field,
        line: Int,
        _ spellings: inout IndexSpellings<Double>
    ) -> [Fixing] {
        let index = source.index(field)
        let date = source.date(.date)
        let value = source.rate(.value)
        guard let index, let date, let value else { return [] }
        switch spellings.take(
            value,
            of: .init(index: index, date: date),
            spelling: source.text(field) ?? index.name,
            line: line,
            what: "value",
            show: { shortest($0) }
        ) {
        case .new: return [Fixing(index: index, date: date, value: value)]
        case .known: return []
        case .contradicted(let problem, let expected):
            source.report(field, { problem }, { expected })
            return []
        }
    }
}
