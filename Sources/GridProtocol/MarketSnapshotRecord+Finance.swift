public import Finance

extension MarketSnapshotRecord {
    /// Makes the canonical record of a snapshot: equal snapshots give equal bytes.
    ///
    /// Lists are sorted by id, pair, or index and day, names by their UTF-8 bytes, and zeros lose
    /// their sign; nodes keep their order, which has a meaning.
    public init(_ snapshot: MarketSnapshot) {
        self.init(
            name: snapshot.name,
            valuationDay: snapshot.valuationDate.daysSince1970,
            baseCurrency: snapshot.baseCurrency.rawValue,
            curves: snapshot.curves.sorted(by: \.id).map(CurveRecord.init),
            discountCurves: snapshot.discountCurves
                .map { CurveAssignment(key: $0.key.rawValue, curve: $0.value) }
                .sorted(by: \.key),
            forwardCurves: snapshot.forwardCurves
                .map { CurveAssignment(key: $0.key.name, curve: $0.value) }
                .sorted(by: \.key),
            exchangeRates: snapshot.exchangeRates
                .sorted { ($0.base, $0.quote, $0.value) < ($1.base, $1.quote, $1.value) }
                .map {
                    ExchangeRateRecord(
                        base: $0.base.rawValue,
                        quote: $0.quote.rawValue,
                        value: $0.value + 0
                    )
                },
            equities: snapshot.equities.sorted(by: \.id).map(EquityRecord.init),
            volatilities: snapshot.volatilities.sorted(by: \.id).map(VolatilityRecord.init),
            fixings: Self.makeSeries(snapshot.fixings)
        )
    }

    /// Returns the snapshot.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for an unknown currency, index, convention or value
    ///   type, a day outside 1901...2199, lists that should be of one length and are not, and a
    ///   curve assigned twice. Ranges of numbers and references are not looked at;
    ///   `MarketSnapshot.problems()` does.
    public func marketSnapshot() throws(WireError) -> MarketSnapshot {
        var snapshot = MarketSnapshot(
            name: name,
            valuationDate: try CalendarDate(wireDay: valuationDay),
            baseCurrency: try Currency(wireCode: baseCurrency)
        )
        for curve in curves { snapshot.curves.append(try Curve(curve)) }
        for assignment in discountCurves {
            let currency = try Currency(wireCode: assignment.key)
            guard snapshot.discountCurves.updateValue(assignment.curve, forKey: currency) == nil
            else { throw .invalid("\(currency) has two discount curves") }
        }
        for assignment in forwardCurves {
            let index = try InterestRateIndex(wireName: assignment.key)
            guard snapshot.forwardCurves.updateValue(assignment.curve, forKey: index) == nil
            else {
                throw .invalid("\(index) has two forward curves, however its tenor is spelt")
            }
        }
        for rate in exchangeRates {
            snapshot.exchangeRates.append(
                ExchangeRate(
                    base: try Currency(wireCode: rate.base),
                    quote: try Currency(wireCode: rate.quote),
                    value: rate.value
                )
            )
        }
        for equity in equities { snapshot.equities.append(try Equity(equity)) }
        for volatility in volatilities {
            snapshot.volatilities.append(try FlatVolatility(volatility))
        }
        for series in fixings { snapshot.fixings += try series.fixings() }
        return snapshot
    }

    private static func makeSeries(_ fixings: [Fixing]) -> [FixingSeries] {
        Dictionary(grouping: fixings, by: \.index.name)
            .map { name, fixings in
                let sorted = fixings.sorted { ($0.date, $0.value) < ($1.date, $1.value) }
                return FixingSeries(
                    index: name,
                    days: sorted.map(\.date.daysSince1970),
                    values: sorted.map { $0.value + 0 }
                )
            }
            .sorted(by: \.index)
    }
}

extension Array {
    /// Sorts by the UTF-8 bytes of a name: texts that look the same but differ have their order.
    fileprivate func sorted(by name: (Element) -> String) -> [Element] {
        sorted { name($0).utf8.lexicographicallyPrecedes(name($1).utf8) }
    }
}

extension CurveRecord {
    fileprivate init(_ curve: Curve) {
        let hasLabels = curve.nodes.contains { !$0.label.isEmpty }
        self.init(
            id: curve.id,
            currency: curve.currency.rawValue,
            valueType: curve.valueType.rawValue,
            dayCount: curve.dayCount.rawValue,
            interpolation: curve.interpolation.rawValue,
            extrapolation: curve.extrapolation.rawValue,
            days: curve.nodes.map(\.date.daysSince1970),
            values: curve.nodes.map { $0.value + 0 },
            labels: hasLabels ? curve.nodes.map(\.label) : []
        )
    }
}

extension EquityRecord {
    fileprivate init(_ equity: Equity) {
        self.init(
            id: equity.id,
            currency: equity.currency.rawValue,
            spot: equity.spot + 0,
            dividendCurve: equity.dividendCurve,
            fundingCurve: equity.fundingCurve,
            volatility: equity.volatility
        )
    }
}

extension VolatilityRecord {
    fileprivate init(_ volatility: FlatVolatility) {
        self.init(
            id: volatility.id,
            value: volatility.value + 0,
            referenceDay: volatility.referenceDate?.daysSince1970,
            dayCount: volatility.dayCount.rawValue
        )
    }
}
