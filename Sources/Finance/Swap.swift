/// The dates between which a leg accrues.
public struct Schedule: Hashable, Sendable {
    /// First day of the first period.
    public var startDate: CalendarDate
    /// Last day of the last period; after `startDate`.
    public var endDate: CalendarDate
    /// The length of a regular period.
    public var frequency: Tenor
    /// Business days of the leg.
    public var calendar: BusinessCalendar
    /// How accrual dates are adjusted, the last one included.
    public var convention: BusinessDayConvention
    /// From which end dates are counted; a stub is at the other.
    public var roll: ScheduleRoll
    /// Whether periods that start at a month's end also end at one.
    public var endOfMonth: Bool

    /// Makes a schedule without a check; portfolio readers and pricers check.
    public init(
        startDate: CalendarDate,
        endDate: CalendarDate,
        frequency: Tenor,
        calendar: BusinessCalendar,
        convention: BusinessDayConvention = .modifiedFollowing,
        roll: ScheduleRoll = .forward,
        endOfMonth: Bool = false
    ) {
        self.startDate = startDate
        self.endDate = endDate
        self.frequency = frequency
        self.calendar = calendar
        self.convention = convention
        self.roll = roll
        self.endOfMonth = endOfMonth
    }
}

/// The rate of a leg.
public enum LegRate: Hashable, Sendable {
    /// A fixed rate; `0.025` is 2.5 %, within ±1.
    case fixed(Double)
    /// An index plus a spread within ±1; `fixingDays` 0...30 business days before the period,
    /// nil for the index's own. `forecast` says which rate a period gets before it has fixed.
    case floating(
        index: InterestRateIndex,
        spread: Double,
        fixingDays: Int?,
        forecast: Forecast = .index
    )

    /// Which rate a floating period gets before it has fixed.
    ///
    /// Both are one where the index's deposit has the days of the period. A period of another
    /// length than the index's tenor gets another rate; one of its length moves by a day or two
    /// of accrual where dates roll.
    ///
    /// Raw values are the spellings of portfolio files.
    public enum Forecast: String, Sendable, CaseIterable {
        /// The index's own rate: from the value date of the period's fixing over the index's
        /// tenor, by its calendar, convention and end-of-month rule, as the index is published.
        case index
        /// The rate over the accrual period: QuantLib's par coupon.
        case period
    }
}

/// One side of a swap.
public struct SwapLeg: Hashable, Sendable {
    /// Whether the portfolio's owner pays or receives the leg.
    public var payReceive: PayReceive
    /// The currency of notional and payments.
    public var currency: Currency
    /// Positive.
    public var notional: Double
    /// The fixed rate, or the index.
    public var rate: LegRate
    /// How accrual is counted.
    public var dayCount: DayCount
    /// How payment dates are adjusted.
    public var paymentConvention: BusinessDayConvention
    /// The accrual periods.
    public var schedule: Schedule

    /// Makes a leg without a check; portfolio readers and pricers check.
    public init(
        payReceive: PayReceive,
        currency: Currency,
        notional: Double,
        rate: LegRate,
        dayCount: DayCount,
        paymentConvention: BusinessDayConvention = .modifiedFollowing,
        schedule: Schedule
    ) {
        self.payReceive = payReceive
        self.currency = currency
        self.notional = notional
        self.rate = rate
        self.dayCount = dayCount
        self.paymentConvention = paymentConvention
        self.schedule = schedule
    }
}

/// A fixed-for-floating interest rate swap: one fixed and one floating leg of the same currency and
/// notional, one paid and one received.
public struct Swap: Hashable, Sendable {
    /// The fixed leg.
    public var fixedLeg: SwapLeg
    /// The floating leg.
    public var floatingLeg: SwapLeg

    /// Makes a swap without a check; portfolio readers and pricers check.
    public init(fixedLeg: SwapLeg, floatingLeg: SwapLeg) {
        self.fixedLeg = fixedLeg
        self.floatingLeg = floatingLeg
    }

    /// The currency of both legs.
    public var currency: Currency { fixedLeg.currency }
    /// The notional of both legs.
    public var notional: Double { fixedLeg.notional }
    /// The later of the legs' last days.
    public var endDate: CalendarDate {
        max(fixedLeg.schedule.endDate, floatingLeg.schedule.endDate)
    }
    /// The earlier of the legs' first days.
    public var startDate: CalendarDate {
        min(fixedLeg.schedule.startDate, floatingLeg.schedule.startDate)
    }
}
