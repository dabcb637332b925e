extension FieldCheck {
    /// Refuses a curve that does not begin on the valuation date.
    ///
    /// QuantLib takes a curve's first day for today: what is paid before it is left out, and what
    /// was paid since counts again.
    mutating func firstDay(of curve: Curve, _ path: String, _ valuationDate: CalendarDate) {
        guard let first = curve.nodes.first?.date, first != valuationDate else { return }
        let side = first > valuationDate ? "after" : "before"
        let value = curve.valueType == .discountFactor ? "factor 1" : "its zero rate"
        add(
            "\(path).nodes[0].date",
            "curve `\(curve.id)` begins on \(first), \(side) the valuation date \(valuationDate)",
            "a first node on \(valuationDate) with \(value) and the other nodes counted from that "
                + "day, or a snapshot whose valuation date is \(first)"
        )
    }

    /// Refuses a volatility whose time begins after the valuation date.
    mutating func firstDay(
        of volatility: FlatVolatility,
        _ path: String,
        _ valuationDate: CalendarDate
    ) {
        guard let first = volatility.referenceDate, first > valuationDate else { return }
        add(
            "\(path).referenceDate",
            "volatility `\(volatility.id)` begins on \(first), after the valuation date "
                + "\(valuationDate)",
            "the valuation date, which is the default, or a snapshot whose valuation date is "
                + "\(first)"
        )
    }

    /// Refuses a forward rate agreement whose period is not its index's: the index fixes another
    /// rate.
    mutating func period(of fra: ForwardRateAgreement) {
        let before = problems.count
        period(fra.startDate, "startDate", fra.endDate, "endDate")
        guard problems.count == before, !fra.hasPeriodOfIndex else { return }
        let right = fra.startDate.adding(fra.index.tenor).map { "\($0), " } ?? ""
        let play = ForwardRateAgreement.play(of: fra.index.tenor)
        add(
            "endDate",
            "\(fra.endDate) is \(fra.endDate.days(since: fra.startDate)) days after \(fra.startDate) "
                + "and not the end of a period of \(fra.index)",
            "\(right)\(fra.index.tenor) after the start, or at most \(play) days from it where dates "
                + "roll"
        )
    }
}

extension ForwardRateAgreement {
    /// Whether the period is the index's tenor, give or take ``play(of:)``.
    public var hasPeriodOfIndex: Bool {
        guard let end = startDate.adding(index.tenor) else { return false }
        return abs(endDate.days(since: end)) <= Self.play(of: index.tenor)
    }

    /// Returns by how many days a period may differ from its start plus a tenor.
    ///
    /// Six from 28 days upwards: start and end roll over holidays and to a month's end, each by up
    /// to four days, and third Wednesdays three months apart are 84 to 98 days apart. Four for
    /// shorter tenors, for the holidays of Easter.
    public static func play(of tenor: Tenor) -> Int {
        tenor.approximateDays >= 28 ? 6 : 4
    }
}
