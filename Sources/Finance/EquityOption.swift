/// The right to buy or sell a share or an index.
public struct EquityOption: Hashable, Sendable {
    /// Call or put.
    public enum OptionType: String, Sendable, CaseIterable {
        case call = "Call"
        case put = "Put"
    }

    /// When the right can be exercised.
    public enum Style: String, Sendable, CaseIterable {
        /// On the expiry date.
        case european = "European"
        /// On any day up to the expiry date.
        case american = "American"
    }

    /// A method by name, a QuantLib engine.
    ///
    /// American options have a default that has no name: QdFp where curves are flat up to expiry
    /// and QdFp is right, else a grid that sees every forward rate. It is right to 1e-4 of the
    /// spot. A method by name is refused where it is off, or gives less than exercise or the
    /// European option is worth; the default is always priced with it to see that.
    public enum Method: String, Sendable, CaseIterable {
        /// Closed form (European; the default for it).
        case analyticEuropean = "AnalyticEuropean"
        /// Spectral collocation of the exercise boundary, accurate scheme (American). Knows one
        /// rate: refused on curves with a shape. Not for two exercise boundaries.
        case qdFp = "QdFp"
        /// Finite differences, 400 x 400; sees the whole curves.
        case finiteDifferences = "FiniteDifferences"
        /// Barone-Adesi and Whaley's approximation (American). Knows one rate, and no exercise that
        /// only a negative rate makes worthwhile.
        case baroneAdesiWhaley = "BaroneAdesiWhaley"
        /// Bjerksund and Stensland's approximation (American). Limits as of Barone-Adesi and Whaley.
        case bjerksundStensland = "BjerksundStensland"
        /// Ju's quadratic approximation (American). Limits as of Barone-Adesi and Whaley.
        case ju = "Ju"
    }

    /// The share or index, by its id in the market snapshot.
    public var underlying: String
    /// The currency of strike and value; the underlying's.
    public var currency: Currency
    /// Whether the portfolio's owner holds or wrote the option.
    public var longShort: LongShort
    /// Call or put.
    public var optionType: OptionType
    /// European or American.
    public var style: Style
    /// Per unit of the underlying; positive.
    public var strike: Double
    /// The last day of the right.
    public var expiryDate: CalendarDate
    /// Units of the underlying; positive.
    public var quantity: Double
    /// The pricing method by name; nil for the style's default.
    public var method: Method?

    /// Makes an option without a check; portfolio readers and pricers check.
    public init(
        underlying: String,
        currency: Currency,
        longShort: LongShort = .long,
        optionType: OptionType,
        style: Style,
        strike: Double,
        expiryDate: CalendarDate,
        quantity: Double = 1,
        method: Method? = nil
    ) {
        self.underlying = underlying
        self.currency = currency
        self.longShort = longShort
        self.optionType = optionType
        self.style = style
        self.strike = strike
        self.expiryDate = expiryDate
        self.quantity = quantity
        self.method = method
    }
}
