/// An ISO 4217 currency that is in use, by its three-letter code.
public struct Currency: Hashable, Comparable, Sendable, RawRepresentable {
    /// The three upper-case letters.
    public let rawValue: String

    /// Makes a currency, or nil when ISO 4217 does not list the code.
    public init?(rawValue: String) {
        guard Self.codes.contains(rawValue) else { return nil }
        self.rawValue = rawValue
    }

    private init(code: String) {
        rawValue = code
    }

    /// The euro.
    public static let eur = Currency(code: "EUR")
    /// The United States dollar.
    public static let usd = Currency(code: "USD")
    /// The pound sterling.
    public static let gbp = Currency(code: "GBP")
    /// The Swiss franc.
    public static let chf = Currency(code: "CHF")
    /// The yen.
    public static let jpy = Currency(code: "JPY")

    /// Orders by code.
    public static func < (lhs: Currency, rhs: Currency) -> Bool {
        lhs.rawValue < rhs.rawValue
    }

    private static let codes: Set<String> = Set(
        """
        AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BHD BIF BMD BND BOB BRL BSD BTN BWP BYN \
        BZD CAD CDF CHF CLF CLP CNH CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD \
        FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY \
        KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP \
        MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR \
        RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT \
        TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
        """.split(separator: " ").map(String.init)
    )
}

extension Currency: CustomStringConvertible {
    /// The code.
    public var description: String { rawValue }
}
