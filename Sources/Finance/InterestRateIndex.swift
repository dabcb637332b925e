/// A term interest rate index, by its name `CCY-FAMILY-TENOR`: `EUR-EURIBOR-6M`.
///
/// An index is one index however its tenor is spelt: `12M` and `1Y`, `7D` and `1W` are the same
/// length. `52W` and `12M`, or `4W` and `1M`, are different indices: their periods end on different
/// days.
///
/// Conventions are those of the index's administrator as QuantLib has them: Euribor and the term
/// rates fix two business days before the period (sterling the same day), roll modified following
/// from a month upwards, and accrue Actual/360 (sterling Actual/365F).
public struct InterestRateIndex: Hashable, Sendable {
    /// The administrator's family of rates.
    public enum Family: String, Sendable, CaseIterable {
        case euribor = "EURIBOR"
        case libor = "LIBOR"
        /// CME Term SOFR.
        case sofrTerm = "SOFR"
        /// Term SONIA.
        case soniaTerm = "SONIA"
        /// TIBOR.
        case tibor = "TIBOR"
    }

    /// The currency of the rate.
    public let currency: Currency
    /// The family, which sets the conventions.
    public let family: Family
    /// The tenor of the deposit: months for whole months and years, weeks for whole weeks.
    public let tenor: Tenor

    /// Reads a name; nil when the family does not exist in the currency or the tenor is malformed.
    public init?(name: some StringProtocol) {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let currency = Currency(rawValue: String(parts[0])),
            let family = Family(rawValue: String(parts[1])), let tenor = Tenor(text: parts[2]),
            Self.currencies(of: family).contains(currency), tenor.approximateDays <= 366
        else { return nil }
        self.currency = currency
        self.family = family
        self.tenor = tenor.inMonthsOrWeeks
    }

    /// The name, `EUR-EURIBOR-6M`; the same for all spellings.
    public var name: String { "\(currency)-\(family.rawValue)-\(tenor)" }

    /// What names look like, for error messages.
    public static let expectation =
        "EUR-EURIBOR-6M, USD-SOFR-3M, USD-LIBOR-3M, GBP-SONIA-3M, GBP-LIBOR-6M, CHF-LIBOR-6M, "
        + "JPY-LIBOR-6M or JPY-TIBOR-3M, with a tenor of at most 12M"

    private static func currencies(of family: Family) -> [Currency] {
        switch family {
        case .euribor: [.eur]
        case .libor: [.usd, .gbp, .chf, .jpy]
        case .sofrTerm: [.usd]
        case .soniaTerm: [.gbp]
        case .tibor: [.jpy]
        }
    }
}

extension InterestRateIndex: CustomStringConvertible {
    /// The name.
    public var description: String { name }
}
