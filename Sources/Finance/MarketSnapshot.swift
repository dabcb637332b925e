/// One node of a curve.
public struct CurveNode: Hashable, Sendable {
    /// The node's day.
    public var date: CalendarDate
    /// A discount factor or a zero rate, by the curve's value type.
    public var value: Double
    /// What the desk calls the node, `1M`; empty when it has no name.
    public var label: String

    /// Makes a node.
    public init(date: CalendarDate, value: Double, label: String = "") {
        self.date = date
        self.value = value
        self.label = label
    }
}

/// A yield curve.
public struct Curve: Hashable, Sendable {
    /// What the nodes' values are.
    public enum ValueType: String, Sendable, CaseIterable {
        /// Discount factors within 0...2; the first node is the reference date and its factor 1.
        case discountFactor = "DiscountFactor"
        /// Zero rates, continuously compounded in the curve's day count, within ±1; the first node
        /// is the reference date. A single node is a flat curve from its date.
        case zeroRate = "ZeroRate"
    }

    /// How values between nodes are found.
    public enum Interpolation: String, Sendable, CaseIterable {
        /// The logarithm of discount factors is linear in time: piecewise flat forwards. The
        /// default for discount factors.
        case logLinearDiscount = "LogLinearDiscount"
        /// Zero rates are linear in time. The default for zero rates.
        case linearZero = "LinearZero"
    }

    /// What happens past the last node.
    public enum Extrapolation: String, Sendable, CaseIterable {
        /// The last forward rate goes on.
        case flatForward = "FlatForward"
        /// A query past the last node is an error of the trade.
        case none = "None"
    }

    /// Names the curve within the snapshot.
    public var id: String
    /// The currency of what it discounts or forecasts.
    public var currency: Currency
    /// What the nodes' values are.
    public var valueType: ValueType
    /// How the curve's times are counted.
    public var dayCount: DayCount
    /// How values between nodes are found.
    public var interpolation: Interpolation
    /// What happens past the last node.
    public var extrapolation: Extrapolation
    /// 1...1,000 nodes with ascending dates; the first is the reference date.
    public var nodes: [CurveNode]

    /// Makes a curve without a check; snapshot readers and pricers check.
    public init(
        id: String,
        currency: Currency,
        valueType: ValueType = .discountFactor,
        dayCount: DayCount = .actual365Fixed,
        interpolation: Interpolation? = nil,
        extrapolation: Extrapolation = .flatForward,
        nodes: [CurveNode]
    ) {
        self.id = id
        self.currency = currency
        self.valueType = valueType
        self.dayCount = dayCount
        self.interpolation =
            interpolation ?? (valueType == .zeroRate ? .linearZero : .logLinearDiscount)
        self.extrapolation = extrapolation
        self.nodes = nodes
    }
}

/// An exchange rate: one unit of `base` costs `value` units of `quote`.
public struct ExchangeRate: Hashable, Sendable {
    /// The currency that is priced.
    public var base: Currency
    /// The currency of the price.
    public var quote: Currency
    /// Positive.
    public var value: Double

    /// Makes a rate.
    public init(base: Currency, quote: Currency, value: Double) {
        self.base = base
        self.quote = quote
        self.value = value
    }
}

/// A share or an equity index.
public struct Equity: Hashable, Sendable {
    /// Names it within the snapshot; trades refer to it.
    public var id: String
    /// The currency of its price.
    public var currency: Currency
    /// The price; positive.
    public var spot: Double
    /// The id of the curve of its dividend yield.
    public var dividendCurve: String
    /// The id of the curve that funds and discounts it.
    public var fundingCurve: String
    /// The id of its volatility.
    public var volatility: String

    /// Makes an equity.
    public init(
        id: String,
        currency: Currency,
        spot: Double,
        dividendCurve: String,
        fundingCurve: String,
        volatility: String
    ) {
        self.id = id
        self.currency = currency
        self.spot = spot
        self.dividendCurve = dividendCurve
        self.fundingCurve = fundingCurve
        self.volatility = volatility
    }
}

/// A lognormal (Black) volatility, one number for all strikes and expiries (`BlackFlat`).
public struct FlatVolatility: Hashable, Sendable {
    /// Names it within the snapshot.
    public var id: String
    /// Per square root of a year; above 0 and below 5.
    public var value: Double
    /// The day on which it was observed, not after the valuation date; that day when nil.
    ///
    /// Time counts from the valuation date all the same: what has passed does not vary any more.
    public var referenceDate: CalendarDate?
    /// How time is counted.
    public var dayCount: DayCount

    /// Makes a volatility.
    public init(
        id: String,
        value: Double,
        referenceDate: CalendarDate? = nil,
        dayCount: DayCount = .actual365Fixed
    ) {
        self.id = id
        self.value = value
        self.referenceDate = referenceDate
        self.dayCount = dayCount
    }
}

/// A published fixing of an index.
public struct Fixing: Hashable, Sendable {
    /// The index.
    public var index: InterestRateIndex
    /// The fixing day.
    public var date: CalendarDate
    /// The rate; `0.03` is 3 %, within ±1.
    public var value: Double

    /// Makes a fixing.
    public init(index: InterestRateIndex, date: CalendarDate, value: Double) {
        self.index = index
        self.date = date
        self.value = value
    }
}

/// Everything observed on a valuation date.
///
/// Immutable once submitted; its id is the hash of its
/// canonical bytes.
public struct MarketSnapshot: Hashable, Sendable {
    /// What the desk calls it, `EOD-2026-01-15`.
    public var name: String
    /// The day for which trades are valued.
    public var valuationDate: CalendarDate
    /// The currency of a report's totals.
    public var baseCurrency: Currency
    /// Unique by id.
    public var curves: [Curve]
    /// Which curve discounts a currency, by curve id.
    public var discountCurves: [Currency: String]
    /// Which curve forecasts an index, by curve id.
    public var forwardCurves: [InterestRateIndex: String]
    /// At most one for a pair.
    public var exchangeRates: [ExchangeRate]
    /// Unique by id.
    public var equities: [Equity]
    /// Unique by id.
    public var volatilities: [FlatVolatility]
    /// At most one for an index and day.
    public var fixings: [Fixing]

    /// Makes a snapshot without a check; snapshot readers and pricers check.
    public init(
        name: String,
        valuationDate: CalendarDate,
        baseCurrency: Currency,
        curves: [Curve] = [],
        discountCurves: [Currency: String] = [:],
        forwardCurves: [InterestRateIndex: String] = [:],
        exchangeRates: [ExchangeRate] = [],
        equities: [Equity] = [],
        volatilities: [FlatVolatility] = [],
        fixings: [Fixing] = []
    ) {
        self.name = name
        self.valuationDate = valuationDate
        self.baseCurrency = baseCurrency
        self.curves = curves
        self.discountCurves = discountCurves
        self.forwardCurves = forwardCurves
        self.exchangeRates = exchangeRates
        self.equities = equities
        self.volatilities = volatilities
        self.fixings = fixings
    }
}
