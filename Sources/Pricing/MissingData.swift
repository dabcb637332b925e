public import Finance

/// A piece of market data that a trade needs and a snapshot does not have.
public struct MissingData: Hashable, Sendable {
    /// What is missing; raw values are those of answers and files.
    public enum Kind: String, Sendable, CaseIterable {
        /// The curve that discounts a currency, or its end.
        case discountCurve
        /// The curve that forecasts an index, or its end.
        case forwardCurve
        /// A past fixing of an index.
        case fixing
        /// An equity.
        case spot
        /// The end of an equity's dividend curve.
        case dividendCurve
        /// The end of an equity's funding curve.
        case fundingCurve
        /// A chain of exchange rates to the base currency.
        case exchangeRate
    }

    /// What is missing.
    public var kind: Kind
    /// The currency, index, equity or, where a curve ends too early, the curve.
    public var name: String
    /// The day of a fixing, or the day that a curve does not reach; nil for others.
    public var date: CalendarDate?
    /// The field of the snapshot where it belongs.
    public var field: String
    /// As the trade's failure says it; one or two sentences.
    public var message: String

    init(discountCurveOf currency: Currency) {
        kind = .discountCurve
        name = currency.rawValue
        field = "curveGroup.discount.\(currency)"
        message = "The snapshot has no discount curve for \(currency)."
    }

    init(forwardCurveOf index: InterestRateIndex) {
        kind = .forwardCurve
        name = index.name
        field = "curveGroup.forward.\(index)"
        message = "The snapshot has no forward curve for \(index)."
    }

    init(fixingOf index: InterestRateIndex, on date: CalendarDate) {
        kind = .fixing
        name = index.name
        self.date = date
        field = "fixings"
        message = "The snapshot has no fixing of \(index) for \(date)."
    }

    init(spotOf equity: String) {
        kind = .spot
        name = equity
        field = "equities"
        message = "The snapshot has no equity `\(equity)`."
    }

    init(exchangeRateFrom currency: Currency, to base: Currency) {
        kind = .exchangeRate
        name = "\(currency)/\(base)"
        field = "fxRates"
        message = "The snapshot has no exchange rate from \(currency) to \(base)."
    }

    init(
        forwardCurve curve: SnapshotTables.LoadedCurve,
        endsBefore date: CalendarDate,
        rateOf index: InterestRateIndex
    ) {
        self.init(.forwardCurve, curve, endsBefore: date, need: "The last rate of \(index)")
    }

    init(discountCurve curve: SnapshotTables.LoadedCurve, endsBefore date: CalendarDate) {
        self.init(.discountCurve, curve, endsBefore: date, need: "The last payment")
    }

    init(_ kind: Kind, _ curve: Curve, endsOn last: CalendarDate, beforeExpiry date: CalendarDate) {
        self.kind = kind
        name = curve.id
        self.date = date
        field = "curves"
        let role = kind == .fundingCurve ? "funding" : "dividend"
        message =
            "The \(role) curve `\(curve.id)` ends on \(last) and has no extrapolation, the "
            + "option expires on \(date). Add a node on that day or later, or the extrapolation "
            + "FlatForward."
    }

    private init(
        _ kind: Kind,
        _ curve: SnapshotTables.LoadedCurve,
        endsBefore date: CalendarDate,
        need: String
    ) {
        self.kind = kind
        name = curve.id
        self.date = date
        field = "curves"
        let end = curve.nodes.last.map { " on \($0.date)" } ?? ""
        message =
            "\(need) needs \(curve.id) up to \(date); the curve ends\(end) and does not "
            + "extrapolate. Give it a later node, or the extrapolation FlatForward."
    }
}
