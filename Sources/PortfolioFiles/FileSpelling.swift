internal import Finance

/// An enumeration with a spelling in files, and other spellings that are understood.
protocol FileSpelling: RawRepresentable<String>, CaseIterable {
    /// Other spellings, with what they mean.
    static var aliases: [String: Self] { get }
    /// What the spellings are, for messages.
    static var expectation: String { get }
    /// Reads a spelling, exactly as documented.
    init?(spelling: String)
    /// Why a spelling that desks use is refused; nil for one that is not known at all.
    static func refusal(of spelling: String) -> String?
}

extension FileSpelling {
    /// Other spellings: none.
    static var aliases: [String: Self] { [:] }

    /// No spelling is refused for a reason of its own.
    static func refusal(of spelling: String) -> String? { nil }

    /// Reads a spelling, exactly as documented.
    init?(spelling: String) {
        if let value = Self(rawValue: spelling) {
            self = value
        } else if let value = Self.aliases[spelling] {
            self = value
        } else {
            return nil
        }
    }

    /// The documented spellings.
    static var spellings: [String] { allCases.map(\.rawValue) }

    /// What the spellings are, for messages.
    static var expectation: String { alternatives(spellings) }
}

/// Names as a list of alternatives, for messages: `A, B or C`.
func alternatives(_ names: [String]) -> String {
    guard let last = names.last, names.count > 1 else { return names.joined() }
    return "\(names.dropLast().joined(separator: ", ")) or \(last)"
}

extension ProductType: FileSpelling {
    /// ORE's and FpML's names.
    static let aliases: [String: ProductType] = [
        "ForwardRateAgreement": .forwardRateAgreement, "Fra": .forwardRateAgreement,
        "fra": .forwardRateAgreement, "swap": .swap, "equityOption": .equityOption,
    ]
}

extension LongShort: FileSpelling {}

extension PayReceive: FileSpelling {}

extension EquityOption.OptionType: FileSpelling {}

extension EquityOption.Style: FileSpelling {}

extension EquityOption.Method: FileSpelling {}

extension ScheduleRoll: FileSpelling {}

extension LegRate.Forecast: FileSpelling {}

extension Curve.ValueType: FileSpelling {}

extension Curve.Interpolation: FileSpelling {}

extension Curve.Extrapolation: FileSpelling {}

extension DayCount: FileSpelling {
    /// The names of Strata, ORE, FpML and QuantLib.
    static let aliases: [String: DayCount] = [
        "ACT/360": .actual360, "Actual/360": .actual360, "A360": .actual360,
        "ACT/365F": .actual365Fixed, "Act/365 Fixed": .actual365Fixed, "A365F": .actual365Fixed,
        "ACT/365.FIXED": .actual365Fixed, "Actual/365 (Fixed)": .actual365Fixed,
        "A365": .actual365Fixed, "30/360 (Bond Basis)": .thirty360, "30/360 ISDA": .thirty360,
        "30/360 US": .thirtyU360, "30/360 (US)": .thirtyU360, "30US/360": .thirtyU360,
        "30E/360 ISMA": .thirtyE360, "30E/360 (Eurobond Basis)": .thirtyE360,
        "30E/360.ISDA": .thirtyE360ISDA, "30E/360 (ISDA)": .thirtyE360ISDA,
        "ACT/ACT": .actualActualISDA, "ACT/ACT.ISDA": .actualActualISDA,
        "Actual/Actual (ISDA)": .actualActualISDA, "ACT/ACT.ICMA": .actualActualICMA,
        "ACT/ACT.ISMA": .actualActualICMA, "Actual/Actual (ISMA)": .actualActualICMA,
        "NL365": .noLeap365,
        "ACT/365 NL": .noLeap365, "Actual/365 (No Leap)": .noLeap365,
    ]

    /// Day counts of the field that would need terms which no product here has.
    static func refusal(of spelling: String) -> String? {
        let text = simplified(spelling).filter { $0 != "." && $0 != "(" && $0 != ")" }
            .replacing("actual", with: "act")
        return switch text {
        case "act/365l":
            "ISDA 2006 4.16(i) and ICMA rule 251 differ on periods of a year"
        case "act/actafb", "act/acteuro", "act/365a", "act/36525", "act/364":
            "no leg, curve or volatility is counted with it here"
        case "bus/252", "business/252", "b/252":
            "it needs Brazil's business days, which no calendar here has"
        default: nil
        }
    }
}

extension BusinessDayConvention: FileSpelling {
    /// The names of ORE, FpML and QuantLib.
    static let aliases: [String: BusinessDayConvention] = [
        "F": .following, "FOLLOWING": .following, "MF": .modifiedFollowing,
        "MODFOLLOWING": .modifiedFollowing, "Modified Following": .modifiedFollowing,
        "P": .preceding, "PRECEDING": .preceding, "MP": .modifiedPreceding,
        "MODPRECEDING": .modifiedPreceding, "Modified Preceding": .modifiedPreceding,
        "U": .unadjusted, "NONE": .unadjusted, "Unadjusted": .unadjusted,
    ]
}

extension BusinessCalendar: FileSpelling {
    static var expectation: String {
        "\(alternatives(spellings)), or several of them joined by +, as GBLO+USNY"
    }
}

/// What a leg pays.
enum LegType: String, FileSpelling {
    case fixed = "Fixed"
    case floating = "Floating"
}

/// The kinds of volatility.
enum VolatilityType: String, FileSpelling {
    case blackFlat = "BlackFlat"
}

/// What a curve of a group is for.
enum CurveUse: String, FileSpelling {
    case discount
    case forward

    static let aliases: [String: CurveUse] = ["Discount": .discount, "Forward": .forward]
}
