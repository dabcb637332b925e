/// How the fraction of a year between two days is counted.
///
/// Raw values are the spellings of portfolio and snapshot files.
public enum DayCount: String, Sendable, CaseIterable {
    case actual360 = "Act/360"
    case actual365Fixed = "Act/365F"
    /// Bond basis, ISDA 2006 4.16(f): the end of February is not the end of a month of 30 days.
    case thirty360 = "30/360"
    /// US: bond basis in which the last day of February counts as the 30th; as the second day only
    /// when the first is one too.
    case thirtyU360 = "30U/360"
    /// Eurobond basis, ISDA 2006 4.16(g).
    case thirtyE360 = "30E/360"
    /// ISDA 2006 4.16(h): the last day of February counts as the 30th, but not a leg's last day.
    case thirtyE360ISDA = "30E/360 ISDA"
    case actualActualISDA = "Act/Act ISDA"
    /// ICMA's rule 251: a regular period is 1/frequency, a stub its part of the regular period that
    /// it is cut from. Only for legs whose periods are not adjusted.
    case actualActualICMA = "Act/Act ICMA"
    /// Actual/365 (Fixed) in which 29 February does not count.
    case noLeap365 = "NL/365"

    /// Whether a fraction depends on the periods of a leg, and not on two days only.
    ///
    /// Curves and volatilities have no such day count.
    public var needsLeg: Bool { self == .thirtyE360ISDA || self == .actualActualICMA }

    /// The day counts that need two days only.
    public static let ofCurves = allCases.filter { !$0.needsLeg }
}

/// What happens to a date that is not a business day.
public enum BusinessDayConvention: String, Sendable, CaseIterable {
    case following = "Following"
    case modifiedFollowing = "ModifiedFollowing"
    case preceding = "Preceding"
    case modifiedPreceding = "ModifiedPreceding"
    case unadjusted = "NoAdjust"
}

/// From which end a schedule's dates are counted.
public enum ScheduleRoll: String, Sendable, CaseIterable {
    case forward = "Forward"
    case backward = "Backward"
}

/// A length of time in whole days, weeks, months or years: `6M`.
public struct Tenor: Hashable, Sendable {
    /// The unit of a tenor.
    public enum Unit: String, Sendable, CaseIterable {
        case days = "D"
        case weeks = "W"
        case months = "M"
        case years = "Y"
    }

    /// How many units; 1...36,500.
    public let count: Int
    /// The unit counted.
    public let unit: Unit

    /// Makes a tenor, or nil when `count` is outside 1...36,500.
    public init?(_ count: Int, _ unit: Unit) {
        guard (1...36_500).contains(count) else { return nil }
        self.count = count
        self.unit = unit
    }

    /// Reads `6M`, `1Y`, `2W` or `90D`; nil for other forms and for zero.
    public init?(text: some StringProtocol) {
        guard let last = text.last, let unit = Unit(rawValue: String(last)),
            let count = Int(text.dropLast()), text.first?.isNumber == true
        else { return nil }
        self.init(count, unit)
    }

    /// The same length of time in months where it is whole months, in weeks where it is whole weeks:
    /// `1Y` is `12M`, `14D` is `2W`.
    public var inMonthsOrWeeks: Tenor {
        switch unit {
        case .years: Tenor(count * 12, .months) ?? self
        case .days where count % 7 == 0: Tenor(count / 7, .weeks) ?? self
        case .days, .weeks, .months: self
        }
    }

    /// About how many days the tenor spans: months count 30, years 365.
    public var approximateDays: Int {
        switch unit {
        case .days: count
        case .weeks: count * 7
        case .months: count * 30
        case .years: count * 365
        }
    }
}

extension Tenor: CustomStringConvertible {
    /// The tenor as `6M`.
    public var description: String { "\(count)\(unit.rawValue)" }
}

/// Which side of a leg the portfolio's owner is on.
public enum PayReceive: String, Sendable, CaseIterable {
    case pay = "Pay"
    case receive = "Receive"

    /// 1 for received, -1 for paid.
    public var sign: Double { self == .receive ? 1 : -1 }
}

/// Which side of a contract the portfolio's owner is on.
public enum LongShort: String, Sendable, CaseIterable {
    case long = "Long"
    case short = "Short"

    /// 1 for long, -1 for short.
    public var sign: Double { self == .long ? 1 : -1 }
}
