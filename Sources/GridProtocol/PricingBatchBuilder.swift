public import Finance

/// Puts the terms of trades into a ``PricingBatch``; every name travels once.
public struct PricingBatchBuilder {
    private var table = NameTable()
    private var batch = PricingBatch()
    private var conventions: [LegConventions] = []

    /// Begins a batch without trades.
    public init(metrics: [Metric]) {
        batch.metrics = metrics.map(\.rawValue)
    }

    /// How many trades were added.
    public var count: Int { batch.trades.count }

    /// Adds a product as the next trade.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for a swap without one fixed and one floating leg,
    ///   which `Trade.problems()` finds beforehand.
    public mutating func add(_ product: Product) throws(WireError) {
        let terms: PricingTrade.Product =
            switch product {
            case .forwardRateAgreement(let fra): .forwardRateAgreement(makeTerms(fra))
            case .swap(let swap): .swap(try makeTerms(swap))
            case .equityOption(let option): .equityOption(makeTerms(option))
            }
        batch.trades.append(PricingTrade(product: terms))
    }

    /// Adds a trade that exists for tests only; `behaviour` tells the pricer what to do with it.
    public mutating func addTest(behaviour: String) {
        batch.trades.append(PricingTrade(product: .test(TestTerms(behaviour: behaviour))))
    }

    /// Returns the batch of the trades added so far.
    public func build() -> PricingBatch {
        var built = batch
        built.names = table.names
        return built
    }

    // MARK: Private

    private mutating func makeTerms(_ fra: ForwardRateAgreement) -> ForwardRateAgreementTerms {
        ForwardRateAgreementTerms(
            isShort: fra.longShort == .short,
            notional: fra.notional,
            rate: fra.rate,
            index: table.position(of: fra.index.name),
            startDay: fra.startDate.daysSince1970,
            endDay: fra.endDate.daysSince1970
        )
    }

    private mutating func makeTerms(_ swap: Swap) throws(WireError) -> SwapTerms {
        guard case .fixed(let rate) = swap.fixedLeg.rate,
            case .floating(_, let spread, _, _) = swap.floatingLeg.rate
        else { throw .invalid("a swap needs one fixed and one floating leg") }
        return SwapTerms(
            fixedLeg: makeTerms(swap.fixedLeg, rate: rate),
            floatingLeg: makeTerms(swap.floatingLeg, rate: spread)
        )
    }

    private mutating func makeTerms(_ leg: SwapLeg, rate: Double) -> LegTerms {
        var terms = makeConventions(of: leg)
        terms.isPaid = leg.payReceive == .pay
        terms.notional = leg.notional
        terms.rate = rate
        terms.startDay = leg.schedule.startDate.daysSince1970
        terms.endDay = leg.schedule.endDate.daysSince1970
        return terms
    }

    private mutating func makeTerms(_ option: EquityOption) -> EquityOptionTerms {
        EquityOptionTerms(
            underlying: table.position(of: option.underlying),
            currency: table.position(of: option.currency.rawValue),
            isShort: option.longShort == .short,
            isPut: option.optionType == .put,
            isAmerican: option.style == .american,
            strike: option.strike,
            expiryDay: option.expiryDate.daysSince1970,
            quantity: option.quantity,
            enginePlusOne: option.method.map { table.position(of: $0.rawValue) + 1 } ?? 0
        )
    }

    /// Returns a leg's terms without those that differ from trade to trade.
    ///
    /// Portfolios have few such conventions, so the last sixteen are kept rather than looked up
    /// name by name.
    private mutating func makeConventions(of leg: SwapLeg) -> LegTerms {
        if let known = conventions.first(where: { $0.match(leg) }) { return known.terms }
        var terms = LegTerms()
        if case .floating(let index, _, let fixingDays, let forecast) = leg.rate {
            terms.index = table.position(of: index.name)
            terms.fixingDaysPlusOne = fixingDays.map { UInt32(clamping: $0) + 1 } ?? 0
            terms.forecastsPeriod = forecast == .period
        }
        let schedule = leg.schedule
        terms.currency = table.position(of: leg.currency.rawValue)
        terms.dayCount = table.position(of: leg.dayCount.rawValue)
        terms.paymentConvention = table.position(of: leg.paymentConvention.rawValue)
        terms.frequency = table.position(of: schedule.frequency.description)
        terms.calendar = table.position(of: schedule.calendar.rawValue)
        terms.convention = table.position(of: schedule.convention.rawValue)
        terms.rollsBackward = schedule.roll == .backward
        terms.endOfMonth = schedule.endOfMonth
        if conventions.count == 16 { conventions.removeFirst() }
        conventions.append(LegConventions(leg: leg, terms: terms))
        return terms
    }
}

/// Terms of a leg that many trades have in common.
private struct LegConventions {
    var leg: SwapLeg
    var terms: LegTerms

    func match(_ other: SwapLeg) -> Bool {
        leg.dayCount == other.dayCount && leg.paymentConvention == other.paymentConvention
            && leg.schedule.frequency == other.schedule.frequency
            && leg.schedule.calendar == other.schedule.calendar
            && leg.schedule.convention == other.schedule.convention
            && leg.schedule.roll == other.schedule.roll
            && leg.schedule.endOfMonth == other.schedule.endOfMonth
            && leg.currency == other.currency && matchRate(other.rate)
    }

    private func matchRate(_ other: LegRate) -> Bool {
        switch (leg.rate, other) {
        case (.fixed, .fixed): true
        case (
            .floating(let index, _, let days, let forecast),
            .floating(let otherIndex, _, let otherDays, let otherForecast)
        ):
            days == otherDays && index == otherIndex && forecast == otherForecast
        default: false
        }
    }
}

extension PricingBatch {
    /// Makes a batch of trades in the order given; what pricing does not need is left out.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for a swap that `Trade.problems()` refuses.
    public init(trades: [Trade], metrics: [Metric]) throws(WireError) {
        var builder = PricingBatchBuilder(metrics: metrics)
        for trade in trades { try builder.add(trade.product) }
        self = builder.build()
    }
}
