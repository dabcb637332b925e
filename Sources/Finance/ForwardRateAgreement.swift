/// An agreement on the rate that an index fixes for one period of its tenor, settled in advance at
/// the start of the period.
public struct ForwardRateAgreement: Hashable, Sendable {
    /// Long pays the fixed rate and receives the index.
    public var longShort: LongShort
    /// In the index's currency; positive.
    public var notional: Double
    /// The agreed rate; `0.03` is 3 %, within ±1.
    public var rate: Double
    /// The index that fixes the period; its currency is the trade's.
    public var index: InterestRateIndex
    /// First day of the period.
    public var startDate: CalendarDate
    /// Last day of the period: `startDate` and the index's tenor, give or take ``play(of:)``.
    public var endDate: CalendarDate

    /// Makes an agreement without a check; portfolio readers and pricers check.
    public init(
        longShort: LongShort,
        notional: Double,
        rate: Double,
        index: InterestRateIndex,
        startDate: CalendarDate,
        endDate: CalendarDate
    ) {
        self.longShort = longShort
        self.notional = notional
        self.rate = rate
        self.index = index
        self.startDate = startDate
        self.endDate = endDate
    }
}
