internal import Finance

/// An enumeration with a spelling in files, and other spellings that are understood.
protocol FileSpelling: RawRepresentable<String>, CaseIterable {
    /// Other spellings, with what they mean.
    static var aliases: [String: Self] { get }
}

extension FileSpelling {
    /// Other spellings: none.
    static var aliases: [String: Self] { [:] }

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
    static var expectation: String {
        let names = spellings
        guard let last = names.last, names.count > 1 else { return names.joined() }
        return "\(names.dropLast().joined(separator: ", ")) or \(last)"
    }
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
        "A365": .actual365Fixed, "30U/360": .thirty360, "30/360 US": .thirty360,
        "30E/360 ISMA": .thirtyE360, "ACT/ACT": .actualActualISDA,
        "ACT/ACT.ISDA": .actualActualISDA, "Actual/Actual (ISDA)": .actualActualISDA,
    ]
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

extension BusinessCalendar: FileSpelling {}

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
