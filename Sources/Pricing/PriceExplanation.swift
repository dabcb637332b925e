public import Finance

/// What a trade's NPV is made of.
public struct PriceExplanation: Hashable, Sendable {
    /// A curve that was used.
    public struct CurveUse: Hashable, Sendable {
        /// `discount`, `forward`, `funding` or `dividend`.
        public var role: String
        /// The curve.
        public var curve: Curve
    }

    /// A rate that an index has published, or should have.
    public struct FixingUse: Hashable, Sendable {
        /// The index.
        public var index: InterestRateIndex
        /// The fixing day.
        public var date: CalendarDate
        /// The snapshot's; nil when it has none.
        public var value: Double?
    }

    /// One payment.
    ///
    /// Numbers that the snapshot does not give are nil.
    public struct CashFlow: Hashable, Sendable {
        /// `Fixed` or `Floating`.
        public var leg: String
        /// When it is paid.
        public var paymentDate: CalendarDate
        /// The first day of its period.
        public var accrualStart: CalendarDate
        /// The last day of its period.
        public var accrualEnd: CalendarDate
        /// When its rate is published; nil for a fixed leg.
        public var fixingDate: CalendarDate?
        /// The days of its period, as its day count counts them.
        public var days: Int
        /// The fraction of a year of its period.
        public var yearFraction: Double
        /// What is paid on the notional, spread included; of a forward rate agreement the agreed
        /// rate.
        public var rate: Double?
        /// The index's own, fixed or forecast; nil for a fixed leg.
        public var indexRate: Double?
        /// In the trade's currency; received above 0.
        public var amount: Double?
        /// From the payment to the valuation date; nil when it is paid.
        public var discountFactor: Double?
        /// 0 when it is paid.
        public var presentValue: Double?
        /// Whether its rate is known, not forecast.
        public var isFixed: Bool
        /// Whether it is paid on the valuation date or before.
        public var isPast: Bool
    }

    /// What Black's formula takes for an option on one unit.
    public struct OptionInputs: Hashable, Sendable {
        /// The price of the underlying.
        public var spot: Double
        /// The price of the underlying for delivery at expiry.
        public var forward: Double
        /// Of the funding curve to expiry.
        public var discountFactor: Double
        /// Of the dividend curve to expiry.
        public var dividendFactor: Double
        /// Per square root of a year.
        public var volatility: Double
        /// Calendar days to expiry divided by 365.
        public var years: Double
        /// The standard deviation of the logarithm of the price at expiry.
        public var deviation: Double
        /// The formula's d1; nil where no closed form prices the option.
        public var d1: Double?
        /// The formula's d2; nil where no closed form prices the option.
        public var d2: Double?
    }

    /// NPV, or why there is none.
    public var result: TradeResult
    /// The curves used, each with its role.
    public var curves: [CurveUse] = []
    /// The past fixings used, ascending.
    public var fixings: [FixingUse] = []
    /// The payments of a rates product, the fixed leg's first.
    ///
    /// Their present values add up to NPV.
    public var cashFlows: [CashFlow] = []
    /// Of an option.
    public var inputs: OptionInputs?
    /// What else there is to know, in sentences.
    public var notes: [String] = []
}
