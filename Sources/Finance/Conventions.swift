/// How the fraction of a year between two days is counted.
///
/// Raw values are the spellings of portfolio and snapshot files.
public enum DayCount: String, Sendable, CaseIterable {
    case actual360 = "Act/360"
    case actual365Fixed = "Act/365F"
    case thirty360 = "30/360"
    case thirtyE360 = "30E/360"
    case actualActualISDA = "Act/Act ISDA"
}

/// What happens to a date that is not a business day.
public enum BusinessDayConvention: String, Sendable, CaseIterable {
    case following = "Following"
    case modifiedFollowing = "ModifiedFollowing"
    case preceding = "Preceding"
    case modifiedPreceding = "ModifiedPreceding"
    case unadjusted = "NoAdjust"
}

/// The business days of a centre, by FpML business-centre code.
public enum BusinessCalendar: String, Sendable, CaseIterable {
    /// TARGET, the euro area's payment system.
    case target = "EUTA"
    /// United States, settlement.
    case newYork = "USNY"
    /// United Kingdom, settlement.
    case london = "GBLO"
    /// Japan.
    case tokyo = "JPTO"
    /// Switzerland.
    case zurich = "CHZU"
    /// Saturdays and Sundays only.
    case weekendsOnly = "WEEKENDS"
    /// Every day is a business day.
    case none = "NONE"

    /// Other spellings that files may use, with what they mean.
    public static let aliases: [String: BusinessCalendar] = [
        "TARGET": .target, "UnitedStates": .newYork, "UnitedKingdom": .london, "Japan": .tokyo,
        "Switzerland": .zurich, "WeekendsOnly": .weekendsOnly, "NullCalendar": .none,
    ]
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
