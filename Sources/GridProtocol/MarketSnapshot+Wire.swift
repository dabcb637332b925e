internal import Finance

// The parts of a snapshot from outside.

extension Currency {
    init(wireCode code: String) throws(WireError) {
        guard let currency = Currency(rawValue: code) else {
            throw .invalid("`\(code)` is not a currency")
        }
        self = currency
    }
}

extension InterestRateIndex {
    init(wireName name: String) throws(WireError) {
        guard let index = InterestRateIndex(name: name) else {
            throw .invalid("`\(name)` is not an index")
        }
        self = index
    }
}

extension Curve {
    init(_ record: CurveRecord) throws(WireError) {
        func unknown(_ kind: String, _ name: String) -> WireError {
            .invalid("curve `\(record.id)`: `\(name)` is not \(kind)")
        }
        guard let valueType = ValueType(rawValue: record.valueType) else {
            throw unknown("a value type", record.valueType)
        }
        guard let dayCount = DayCount(rawValue: record.dayCount) else {
            throw unknown("a day count", record.dayCount)
        }
        guard let interpolation = Interpolation(rawValue: record.interpolation) else {
            throw unknown("an interpolation", record.interpolation)
        }
        guard let extrapolation = Extrapolation(rawValue: record.extrapolation) else {
            throw unknown("an extrapolation", record.extrapolation)
        }
        guard record.values.count == record.days.count,
            record.labels.isEmpty || record.labels.count == record.days.count
        else {
            throw .invalid(
                "curve `\(record.id)` has \(record.days.count) days, \(record.values.count) values"
                    + " and \(record.labels.count) labels"
            )
        }
        var nodes: [CurveNode] = []
        nodes.reserveCapacity(record.days.count)
        for (position, day) in record.days.enumerated() {
            nodes.append(
                CurveNode(
                    date: try CalendarDate(wireDay: day),
                    value: record.values[position],
                    label: record.labels.isEmpty ? "" : record.labels[position]
                )
            )
        }
        self.init(
            id: record.id,
            currency: try Currency(wireCode: record.currency),
            valueType: valueType,
            dayCount: dayCount,
            interpolation: interpolation,
            extrapolation: extrapolation,
            nodes: nodes
        )
    }
}

extension Equity {
    init(_ record: EquityRecord) throws(WireError) {
        self.init(
            id: record.id,
            currency: try Currency(wireCode: record.currency),
            spot: record.spot,
            dividendCurve: record.dividendCurve,
            fundingCurve: record.fundingCurve,
            volatility: record.volatility
        )
    }
}

extension FlatVolatility {
    init(_ record: VolatilityRecord) throws(WireError) {
        guard let dayCount = DayCount(rawValue: record.dayCount) else {
            throw .invalid("volatility `\(record.id)`: `\(record.dayCount)` is not a day count")
        }
        var referenceDate: CalendarDate?
        if let day = record.referenceDay { referenceDate = try CalendarDate(wireDay: day) }
        self.init(
            id: record.id,
            value: record.value,
            referenceDate: referenceDate,
            dayCount: dayCount
        )
    }
}

extension FixingSeries {
    func fixings() throws(WireError) -> [Fixing] {
        guard days.count == values.count else {
            throw .invalid("\(days.count) fixings of \(index) have \(values.count) values")
        }
        let index = try InterestRateIndex(wireName: index)
        var fixings: [Fixing] = []
        fixings.reserveCapacity(days.count)
        for (day, value) in zip(days, values) {
            fixings.append(
                Fixing(index: index, date: try CalendarDate(wireDay: day), value: value)
            )
        }
        return fixings
    }
}
