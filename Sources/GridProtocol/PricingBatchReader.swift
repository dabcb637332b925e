public import Finance

/// One trade as a pricer sees it.
public enum PricingTerms: Hashable, Sendable {
    /// A product to price.
    case product(Product)
    /// For tests only: what the pricer should do instead (`crash`, `hang`, ...).
    case test(String)
}

/// Turns the trades of a ``PricingBatch`` into products, each name looked up once.
///
/// A trade that makes no sense throws and harms no other.
public struct PricingBatchReader {
    private let batch: PricingBatch
    private var currencies = ResolvedNames<Currency>()
    private var indices = ResolvedNames<InterestRateIndex>()
    private var dayCounts = ResolvedNames<DayCount>()
    private var conventions = ResolvedNames<BusinessDayConvention>()
    private var calendars = ResolvedNames<BusinessCalendar>()
    private var frequencies = ResolvedNames<Tenor>()
    private var engines = ResolvedNames<EquityOption.Method>()

    /// Makes a reader.
    public init(_ batch: PricingBatch) {
        self.batch = batch
    }

    /// How many trades the batch has.
    public var count: Int { batch.trades.count }

    /// Returns the metrics asked for, in the order of results.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` naming one that this version does not know.
    public func metrics() throws(WireError) -> [Metric] {
        var metrics: [Metric] = []
        for name in batch.metrics {
            guard let metric = Metric(rawValue: name) else {
                throw .invalid("`\(name)` is not a metric")
            }
            metrics.append(metric)
        }
        return metrics
    }

    /// Returns the trade at a position, from 0.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for a position past the end, a trade of a kind
    ///   that this version does not know, an unknown name and a day outside 1901...2199. Ranges of
    ///   numbers are not looked at; `Trade.problems()` does.
    public mutating func terms(at position: Int) throws(WireError) -> PricingTerms {
        guard batch.trades.indices.contains(position) else {
            throw .invalid("there is no trade \(position) in a batch of \(count)")
        }
        switch batch.trades[position].product {
        case .forwardRateAgreement(let terms)?:
            return .product(.forwardRateAgreement(try makeAgreement(terms)))
        case .swap(let terms)?: return .product(.swap(try makeSwap(terms)))
        case .equityOption(let terms)?: return .product(.equityOption(try makeOption(terms)))
        case .test(let terms)?: return .test(terms.behaviour)
        case nil: throw .invalid("a trade has no terms, or terms of an unknown product")
        }
    }

    // MARK: Private

    private mutating func makeAgreement(
        _ terms: ForwardRateAgreementTerms
    ) throws(WireError) -> ForwardRateAgreement {
        ForwardRateAgreement(
            longShort: terms.isShort ? .short : .long,
            notional: terms.notional,
            rate: terms.rate,
            index: try index(terms.index),
            startDate: try CalendarDate(wireDay: terms.startDay),
            endDate: try CalendarDate(wireDay: terms.endDay)
        )
    }

    private mutating func makeSwap(_ terms: SwapTerms) throws(WireError) -> Swap {
        guard let fixed = terms.fixedLeg, let floating = terms.floatingLeg else {
            throw .invalid("a swap lacks a leg")
        }
        let fixingDays = floating.fixingDaysPlusOne
        return Swap(
            fixedLeg: try makeLeg(fixed, rate: .fixed(fixed.rate)),
            floatingLeg: try makeLeg(
                floating,
                rate: .floating(
                    index: try index(floating.index),
                    spread: floating.rate,
                    fixingDays: fixingDays == 0 ? nil : Int(fixingDays) - 1,
                    forecast: floating.forecastsPeriod ? .period : .index
                )
            )
        )
    }

    private mutating func makeLeg(_ terms: LegTerms, rate: LegRate) throws(WireError) -> SwapLeg {
        SwapLeg(
            payReceive: terms.isPaid ? .pay : .receive,
            currency: try currency(terms.currency),
            notional: terms.notional,
            rate: rate,
            dayCount: try dayCounts.value(at: terms.dayCount, in: batch.names, "a day count") {
                DayCount(rawValue: $0)
            },
            paymentConvention: try convention(terms.paymentConvention),
            schedule: Schedule(
                startDate: try CalendarDate(wireDay: terms.startDay),
                endDate: try CalendarDate(wireDay: terms.endDay),
                frequency: try frequencies.value(
                    at: terms.frequency,
                    in: batch.names,
                    "a tenor",
                    { Tenor(text: $0) }
                ),
                calendar: try calendars.value(
                    at: terms.calendar,
                    in: batch.names,
                    "a calendar",
                    { BusinessCalendar(rawValue: $0) }
                ),
                convention: try convention(terms.convention),
                roll: terms.rollsBackward ? .backward : .forward,
                endOfMonth: terms.endOfMonth
            )
        )
    }

    private mutating func makeOption(_ terms: EquityOptionTerms) throws(WireError) -> EquityOption {
        var method: EquityOption.Method?
        if terms.enginePlusOne > 0 {
            method = try engines.value(
                at: terms.enginePlusOne - 1,
                in: batch.names,
                "an engine",
                { EquityOption.Method(rawValue: $0) }
            )
        }
        return EquityOption(
            underlying: try batch.names.name(at: terms.underlying),
            currency: try currency(terms.currency),
            longShort: terms.isShort ? .short : .long,
            optionType: terms.isPut ? .put : .call,
            style: terms.isAmerican ? .american : .european,
            strike: terms.strike,
            expiryDate: try CalendarDate(wireDay: terms.expiryDay),
            quantity: terms.quantity,
            method: method
        )
    }

    private mutating func currency(_ position: UInt32) throws(WireError) -> Currency {
        try currencies.value(at: position, in: batch.names, "a currency") { Currency(rawValue: $0) }
    }

    private mutating func index(_ position: UInt32) throws(WireError) -> InterestRateIndex {
        try indices.value(at: position, in: batch.names, "an index") { InterestRateIndex(name: $0) }
    }

    private mutating func convention(
        _ position: UInt32
    ) throws(WireError) -> BusinessDayConvention {
        try conventions.value(at: position, in: batch.names, "a business day convention") {
            BusinessDayConvention(rawValue: $0)
        }
    }
}

extension PricingBatch {
    /// Returns one trade; a ``PricingBatchReader`` is faster for all of them.
    public func terms(at position: Int) throws(WireError) -> PricingTerms {
        var reader = PricingBatchReader(self)
        return try reader.terms(at: position)
    }

    /// Returns one trade whose id is its position, for checks that want a trade; nil for a trade
    /// that exists for tests only.
    public func trade(at position: Int) throws(WireError) -> Trade? {
        guard case .product(let product) = try terms(at: position),
            let id = TradeID(rawValue: String(position))
        else { return nil }
        return Trade(id: id, product: product)
    }
}
