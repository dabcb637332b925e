import CQuantLib
public import Finance

/// Finds which market data trades need and a snapshot lacks, without pricing them.
///
/// A trade for which something is missing fails in ``PricingSession`` with the message of one of
/// the pieces; one for which nothing is missing does not fail with `missing_market_data` or
/// `missing_fixing`.
public final class RequirementsCheck {
    private struct FixingDay: Hashable {
        var index: InterestRateIndex
        var date: CalendarDate
    }

    private let given: MarketSnapshot
    /// Prices on the snapshot with a flat curve in the place of each that was missing so far: it
    /// knows the days of rates and payments all the same.
    private var session: PricingSession
    private let fixings: Set<FixingDay>
    private var fixingDates = [Int32](repeating: 0, count: 2_048)
    private var hasBaseRate: [Currency: Bool] = [:]

    /// Makes a check.
    ///
    /// - Throws: ``PricingError`` as ``PricingSession`` does, for a snapshot that cannot be used.
    public init(snapshot: MarketSnapshot) throws(PricingError) {
        given = snapshot
        session = try PricingSession(snapshot: snapshot)
        fixings = Set(snapshot.fixings.map { FixingDay(index: $0.index, date: $0.date) })
    }

    /// Returns what a trade needs and the snapshot lacks.
    ///
    /// - Parameters:
    ///   - product: the terms; of those that pricing refuses nothing is said.
    ///   - metrics: those that the trade is priced for.
    /// - Returns: each piece once; empty when nothing is missing.
    /// - Throws: ``PricingError`` when QuantLib refuses the snapshot.
    public func missingData(
        for product: Product,
        metrics: [Metric]
    ) throws(PricingError) -> [MissingData] {
        let applicable = metrics.filter { $0.applies(to: product) }
        guard !applicable.isEmpty, product.problems().isEmpty else { return [] }
        do throws(Failure) {
            switch product {
            case .swap(let swap): return try missing(swap, applicable)
            case .forwardRateAgreement(let fra): return try missing(fra, applicable)
            case .equityOption(let option): return try missing(option, applicable)
            }
        } catch {
            if error.reason.code == .invalidSnapshot {
                throw PricingError(code: .invalidSnapshot, message: error.reason.message)
            }
            // Its terms, not the market, are what pricing refuses.
            return []
        }
    }

    // MARK: Private

    private func missing(_ swap: Swap, _ metrics: [Metric]) throws(Failure) -> [MissingData] {
        guard case .floating(let index, _, _, _) = swap.floatingLeg.rate else { return [] }
        var missing = missingDiscountCurve(swap.currency)
        try complete(swap.currency, index)
        let market = try session.market(of: swap)
        var terms = cql_swap(swap, market, metrics)
        var needs = cql_needs()
        var error = cql_error()
        guard
            cql_swap_needs(
                session.handle,
                &terms,
                &fixingDates,
                Int32(fixingDates.count),
                &needs,
                &error
            ) == CQL_OK.rawValue
        else { throw session.failure(error, market) }
        if needs.needs_forward != 0, given.forwardCurves[index] == nil {
            missing.append(MissingData(forwardCurveOf: index))
        }
        missing += self.missing(needs, market, of: swap.currency, metrics)
        return missing
    }

    private func missing(
        _ fra: ForwardRateAgreement,
        _ metrics: [Metric]
    ) throws(Failure) -> [MissingData] {
        let currency = fra.index.currency
        var missing = missingDiscountCurve(currency)
        if given.forwardCurves[fra.index] == nil {
            missing.append(MissingData(forwardCurveOf: fra.index))
        }
        try complete(currency, fra.index)
        let market = try session.market(of: fra)
        var terms = try cql_fra(fra, market, metrics)
        var needs = cql_needs()
        var error = cql_error()
        guard
            cql_fra_needs(session.handle, &terms, &fixingDates, &needs, &error) == CQL_OK.rawValue
        else { throw session.failure(error, market) }
        missing += self.missing(needs, market, of: currency, metrics)
        return missing
    }

    private func missing(
        _ option: EquityOption,
        _ metrics: [Metric]
    ) throws(Failure) -> [MissingData] {
        guard session.tables.equities[ExactText(option.underlying)] != nil else {
            return [MissingData(spotOf: option.underlying)]
        }
        var terms = try session.terms(of: option, metrics)
        var inputs = cql_option_inputs()
        var error = cql_error()
        let status = cql_find_option_inputs(session.handle, &terms, &inputs, &error)
        if status == CQL_OK.rawValue, inputs.is_expired != 0 { return [] }
        var missing = missingRate(of: option.currency, metrics)
        if status == CQL_OUTSIDE_CURVE.rawValue { missing += session.curvesEnding(before: option) }
        return missing
    }

    /// What is missing of days, and of a rate to the base currency.
    private func missing(
        _ needs: cql_needs,
        _ market: PricingSession.RatesMarket,
        of currency: Currency,
        _ metrics: [Metric]
    ) -> [MissingData] {
        guard needs.is_expired == 0 else { return [] }
        var missing: [MissingData] = []
        for serial in fixingDates.prefix(Int(needs.fixing_count)) {
            let date = CalendarDate(serial: serial)
            guard !fixings.contains(FixingDay(index: market.name, date: date)) else { continue }
            let fixing = MissingData(fixingOf: market.name, on: date)
            if missing.last != fixing { missing.append(fixing) }
        }
        let curves = session.tables.curves
        if needs.beyond_forward != 0, let index = market.index {
            missing.append(
                MissingData(
                    forwardCurve: curves[Int(index.forwardCurve)],
                    endsBefore: CalendarDate(serial: needs.beyond_forward),
                    rateOf: market.name
                )
            )
        }
        if needs.beyond_discount != 0 {
            missing.append(
                MissingData(
                    discountCurve: curves[Int(market.discountCurve)],
                    endsBefore: CalendarDate(serial: needs.beyond_discount)
                )
            )
        }
        return missing + missingRate(of: currency, metrics)
    }

    private func missingDiscountCurve(_ currency: Currency) -> [MissingData] {
        given.discountCurves[currency] == nil ? [MissingData(discountCurveOf: currency)] : []
    }

    private func missingRate(of currency: Currency, _ metrics: [Metric]) -> [MissingData] {
        guard metrics.contains(where: { $0.unit == .currency }) else { return [] }
        let isThere: Bool
        if let known = hasBaseRate[currency] {
            isThere = known
        } else {
            isThere = given.baseRate(of: currency) != nil
            hasBaseRate[currency] = isThere
        }
        return isThere
            ? [] : [MissingData(exchangeRateFrom: currency, to: given.baseCurrency)]
    }

    /// Has the session know curves for the currency and the index.
    private func complete(
        _ currency: Currency,
        _ index: InterestRateIndex
    ) throws(Failure) {
        guard
            session.tables.discountCurves[currency] == nil || session.tables.indices[index] == nil
        else { return }
        var completed = session.snapshot
        let node = CurveNode(date: given.valuationDate, value: 0)
        func add(_ currency: Currency) -> String {
            let taken = Set(completed.curves.map { ExactText($0.id) })
            var id = "placeholder"
            while taken.contains(ExactText(id)) { id += "+" }
            completed.curves.append(
                Curve(id: id, currency: currency, valueType: .zeroRate, nodes: [node])
            )
            return id
        }
        if completed.discountCurves[currency] == nil {
            completed.discountCurves[currency] = add(currency)
        }
        if completed.forwardCurves[index] == nil {
            completed.forwardCurves[index] = add(index.currency)
        }
        do throws(PricingError) {
            session = try PricingSession(unchecked: completed)
        } catch {
            throw Failure(.invalidSnapshot, error.field, error.message)
        }
    }
}
