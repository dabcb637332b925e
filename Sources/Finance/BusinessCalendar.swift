/// The business days of a centre, or of several together: `GBLO+USNY`.
///
/// A day is a business day of a joint calendar only when it is one in every part. The order of the
/// parts does not matter, and a part named twice counts once.
public struct BusinessCalendar: Hashable, Sendable {
    /// A single centre; raw values are FpML's business-centre codes where it has one.
    public enum Centre: String, Sendable, CaseIterable {
        /// TARGET, the euro area's payment system.
        case target = "EUTA"
        /// Banks in New York, by the holidays of the Federal Reserve Banks: a holiday on a Sunday
        /// is observed on Monday, one on a Saturday is not observed.
        case newYork = "USNY"
        /// US government securities: the days on which SIFMA does not recommend a full close.
        case governmentSecurities = "USGS"
        /// US federal employees, by the Office of Personnel Management: as the banks' holidays, but
        /// one on a Saturday is observed on Friday. QuantLib's `UnitedStates(Settlement)`.
        case federalEmployees = "USOPM"
        /// Banks in London: bank holidays of England and Wales.
        case london = "GBLO"
        /// Banks in Japan.
        case tokyo = "JPTO"
        /// Banks in Zurich.
        case zurich = "CHZU"
        /// Saturdays and Sundays only.
        case weekendsOnly = "WEEKENDS"
        /// Every day is a business day.
        case none = "NONE"

        /// The centre's place among the parts of a joint calendar, as a single bit.
        var bit: UInt16 {
            switch self {
            case .target: 1
            case .newYork: 2
            case .governmentSecurities: 4
            case .federalEmployees: 8
            case .london: 16
            case .tokyo: 32
            case .zurich: 64
            case .weekendsOnly: 128
            case .none: 256
            }
        }
    }

    private let bits: UInt16

    private init(bits: UInt16) {
        self.bits = bits
    }

    /// Makes the calendar of one centre.
    public init(_ centre: Centre) {
        bits = centre.bit
    }

    /// Makes the calendar of several centres; nil without any.
    public init?(joining centres: some Sequence<Centre>) {
        let bits = centres.reduce(0) { $0 | $1.bit }
        guard bits != 0 else { return nil }
        self.bits = bits
    }

    /// The parts, each once, in the order of ``Centre``.
    public var centres: [Centre] { Centre.allCases.filter { $0.bit & bits != 0 } }

    /// Returns the days that are business days here and in `other`.
    public func joined(with other: BusinessCalendar) -> BusinessCalendar {
        BusinessCalendar(bits: bits | other.bits)
    }

    /// TARGET.
    public static let target = BusinessCalendar(.target)
    /// Banks in New York.
    public static let newYork = BusinessCalendar(.newYork)
    /// US government securities.
    public static let governmentSecurities = BusinessCalendar(.governmentSecurities)
    /// US federal employees.
    public static let federalEmployees = BusinessCalendar(.federalEmployees)
    /// Banks in London.
    public static let london = BusinessCalendar(.london)
    /// Banks in Japan.
    public static let tokyo = BusinessCalendar(.tokyo)
    /// Banks in Zurich.
    public static let zurich = BusinessCalendar(.zurich)
    /// Saturdays and Sundays only.
    public static let weekendsOnly = BusinessCalendar(.weekendsOnly)
    /// Every day is a business day.
    public static let none = BusinessCalendar(.none)

    /// Other spellings of a centre that files may use: QuantLib's names.
    private static let aliases: [String: Centre] = [
        "TARGET": .target, "UnitedStates": .newYork, "UnitedKingdom": .london, "Japan": .tokyo,
        "Switzerland": .zurich, "WeekendsOnly": .weekendsOnly, "NullCalendar": .none,
    ]

    /// Reads codes or their aliases joined by `+` or `|`; nil when a part is not known.
    public init?(spelling: String) {
        if let centre = Centre(rawValue: spelling) {
            self.init(centre)
            return
        }
        var bits: UInt16 = 0
        let parts = spelling.split(omittingEmptySubsequences: false) { $0 == "+" || $0 == "|" }
        for part in parts {
            let name = String(part)
            guard let centre = Centre(rawValue: name) ?? Self.aliases[name] else { return nil }
            bits |= centre.bit
        }
        self.init(bits: bits)
    }
}

extension BusinessCalendar: CaseIterable {
    /// The calendars of single centres.
    public static let allCases = Centre.allCases.map { BusinessCalendar($0) }
}

extension BusinessCalendar: RawRepresentable {
    /// The codes of the parts, joined by `+` in the order of ``Centre``.
    public var rawValue: String { centres.map(\.rawValue).joined(separator: "+") }

    /// Reads codes joined by `+` or `|`, in any order; nil when a part is not known.
    public init?(rawValue: String) {
        self.init(spelling: rawValue)
    }
}

extension BusinessCalendar: CustomStringConvertible {
    /// The codes of the parts.
    public var description: String { rawValue }
}
