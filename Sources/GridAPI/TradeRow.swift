/// A trade of a job as lists show it: an element of `GET /v1/jobs/ID/trades`.
public struct TradeRow: Hashable, Sendable, Codable {
    /// The trade's id.
    public var id: String
    /// Its position among the job's published trades, from 0.
    public var position: Int
    /// The position of its batch in the job.
    public var batch: Int
    /// As `Swap`.
    public var product: String
    /// The book; empty when the portfolio does not say.
    public var book: String
    /// The counterparty; empty when the portfolio does not say.
    public var counterparty: String
    /// Of notional and value.
    public var currency: String
    /// The size of the trade, in its currency.
    public var notional: Double
    /// The last day on which it can pay, `2026-01-15`.
    public var maturity: String
    /// `ok`, `error`, `expired` or `missing`.
    public var status: String
    /// Why it has no value; nil for one with a value and for a matured one.
    public var code: String?
    /// The job's total metric, in the trade's currency; nil when it has none.
    public var value: Double?
    /// The same in the base currency.
    public var baseValue: Double?

    /// Makes a row.
    public init(
        id: String,
        position: Int,
        batch: Int,
        product: String,
        book: String,
        counterparty: String,
        currency: String,
        notional: Double,
        maturity: String,
        status: String,
        code: String?,
        value: Double?,
        baseValue: Double?
    ) {
        self.id = id
        self.position = position
        self.batch = batch
        self.product = product
        self.book = book
        self.counterparty = counterparty
        self.currency = currency
        self.notional = notional
        self.maturity = maturity
        self.status = status
        self.code = code
        self.value = value
        self.baseValue = baseValue
    }
}

/// Trades of a job that failed for one reason: an element of `GET /v1/jobs/ID/failures`.
public struct FailureGroup: Hashable, Sendable, Codable {
    /// For programs.
    public var code: String
    /// The field concerned; empty when no single one is.
    public var field: String
    /// Of the first such trade.
    public var message: String
    /// How many trades they are.
    public var trades: Int
    /// The id of the first.
    public var example: String
    /// The position of its batch in the job.
    public var batch: Int

    /// Makes a group.
    public init(
        code: String,
        field: String,
        message: String,
        trades: Int,
        example: String,
        batch: Int
    ) {
        self.code = code
        self.field = field
        self.message = message
        self.trades = trades
        self.example = example
        self.batch = batch
    }
}
