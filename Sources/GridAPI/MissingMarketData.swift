/// A piece of market data that trades need and a snapshot does not have.
public struct MissingMarketData: Hashable, Sendable, Codable {
    /// `discountCurve`, `forwardCurve`, `fixing`, `spot`, `dividendCurve`, `fundingCurve` or
    /// `exchangeRate`.
    public var kind: String
    /// The currency, index, equity or pair; where a curve ends too early, the curve.
    public var name: String
    /// The day of a fixing, or the latest day that a curve does not reach, `2026-01-15`; nil for
    /// others.
    public var date: String?
    /// How many trades need it.
    public var trades: Int
    /// The id of one of them.
    public var example: String
    /// As the failure of such a trade says it.
    public var message: String

    /// Describes a missing piece.
    public init(
        kind: String,
        name: String,
        date: String?,
        trades: Int,
        example: String,
        message: String
    ) {
        self.kind = kind
        self.name = name
        self.date = date
        self.trades = trades
        self.example = example
        self.message = message
    }
}

/// What `pricer --requirements` prints.
public struct MarketRequirements: Hashable, Sendable, Codable {
    /// Trades that were looked at.
    public var trades: Int
    /// What is missing, that which most trades need first; empty when nothing is.
    public var missing: [MissingMarketData]

    /// Makes a list.
    public init(trades: Int, missing: [MissingMarketData]) {
        self.trades = trades
        self.missing = missing
    }
}
