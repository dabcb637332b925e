public import Finance

/// The market's terms of a fixed-for-floating swap, by a name such as `EUR-FIXED-1Y-EURIBOR-6M`:
/// currency, `FIXED`, the fixed leg's frequency, and the index.
///
/// The floating leg pays at the index's tenor and fixes on the index's own day. Both legs use the
/// currency's business days and the modified following convention, counted forward from the start
/// without end-of-month rolls. Day counts are those of the currency's market, see
/// ``fixedDayCount`` and ``floatingDayCount``.
public struct SwapConvention: Hashable, Sendable {
    /// The index of the floating leg; its currency is the swap's.
    public let index: InterestRateIndex
    /// How often the fixed leg pays.
    public let fixedFrequency: Tenor

    /// Makes a convention.
    public init(index: InterestRateIndex, fixedFrequency: Tenor) {
        self.index = index
        self.fixedFrequency = fixedFrequency
    }

    /// Reads a name; nil when it has another form or names an index that does not exist.
    public init?(name: some StringProtocol) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[1] == "FIXED", let frequency = Tenor(text: parts[2]),
            let index = InterestRateIndex(name: "\(parts[0])-\(parts[3])-\(parts[4])")
        else { return nil }
        self.init(index: index, fixedFrequency: frequency)
    }

    /// The name.
    public var name: String {
        "\(index.currency)-FIXED-\(fixedFrequency)-\(index.family.rawValue)-\(index.tenor)"
    }

    /// What names look like, for error messages.
    public static let expectation =
        "a convention such as EUR-FIXED-1Y-EURIBOR-6M, USD-FIXED-1Y-SOFR-3M or "
        + "GBP-FIXED-6M-LIBOR-6M"

    /// Euro and Swiss franc 30/360; dollar 30/360 against LIBOR, Act/360 against SOFR; sterling
    /// and yen Act/365F.
    public var fixedDayCount: DayCount {
        switch (index.currency, index.family) {
        case (.usd, .sofrTerm): .actual360
        case (.gbp, _), (.jpy, _): .actual365Fixed
        default: .thirty360
        }
    }

    /// Act/360; Act/365F for sterling and TIBOR.
    public var floatingDayCount: DayCount {
        index.currency == .gbp || index.family == .tibor ? .actual365Fixed : .actual360
    }

    /// The business days of the currency's centre.
    public var calendar: BusinessCalendar {
        switch index.currency {
        case .usd: .newYork
        case .gbp: .london
        case .jpy: .tokyo
        case .chf: .zurich
        default: .target
        }
    }

    /// Makes a swap on the convention's terms.
    ///
    /// - Parameters:
    ///   - payReceive: the side of the fixed leg.
    ///   - notional: positive.
    ///   - rate: the fixed rate; `0.025` is 2.5 %.
    ///   - spread: added to the index; `0.001` is ten basis points.
    ///   - forecast: which rate a floating period gets before it has fixed.
    ///   - startDate: first day of the first period.
    ///   - endDate: last day of the last period.
    /// - Returns: a swap of two legs, without a check of its terms.
    public func makeSwap(
        payReceive: PayReceive,
        notional: Double,
        rate: Double,
        spread: Double = 0,
        forecast: LegRate.Forecast = .index,
        startDate: CalendarDate,
        endDate: CalendarDate
    ) -> Swap {
        func leg(_ side: PayReceive, _ legRate: LegRate, _ dayCount: DayCount, _ frequency: Tenor)
            -> SwapLeg
        {
            SwapLeg(
                payReceive: side,
                currency: index.currency,
                notional: notional,
                rate: legRate,
                dayCount: dayCount,
                schedule: Schedule(
                    startDate: startDate,
                    endDate: endDate,
                    frequency: frequency,
                    calendar: calendar
                )
            )
        }
        return Swap(
            fixedLeg: leg(payReceive, .fixed(rate), fixedDayCount, fixedFrequency),
            floatingLeg: leg(
                payReceive == .pay ? .receive : .pay,
                .floating(index: index, spread: spread, fixingDays: nil, forecast: forecast),
                floatingDayCount,
                index.tenor
            )
        )
    }

    /// Returns the convention on whose terms a swap is, or nil when it differs from any in some
    /// term: such a swap can be written as JSON only.
    public init?(of swap: Swap) {
        guard case .fixed(let rate) = swap.fixedLeg.rate,
            case .floating(let index, let spread, _, let forecast) = swap.floatingLeg.rate
        else { return nil }
        self.init(index: index, fixedFrequency: swap.fixedLeg.schedule.frequency)
        let schedule = swap.fixedLeg.schedule
        let expected = makeSwap(
            payReceive: swap.fixedLeg.payReceive,
            notional: swap.notional,
            rate: rate,
            spread: spread,
            forecast: forecast,
            startDate: schedule.startDate,
            endDate: schedule.endDate
        )
        guard expected == swap else { return nil }
    }
}
