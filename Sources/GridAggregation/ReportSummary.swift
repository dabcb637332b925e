/// What a report says of the job as a whole: summary.json.
///
/// `trades` is `results` + `errors` + `missing`; `results` counts trades with a value and trades
/// that had matured, and `expired` says how many of them had.
public struct ReportSummary: Hashable, Sendable, Decodable {
    /// The market that was priced on.
    public struct Snapshot: Hashable, Sendable, Decodable {
        /// `sha256:` and the hash of the canonical bytes.
        public var id: String
        /// What the desk calls it.
        public var name: String
    }

    /// The sum of one group of trades.
    public struct Total: Hashable, Sendable, Decodable {
        /// The book, currency, product or counterparty; empty for trades that name none.
        public var name: String
        /// Trades of the group.
        public var trades: Int
        /// Those with a value or matured.
        public var results: Int
        /// Those with an error.
        public var errors: Int
        /// Those with neither.
        public var missing: Int
        /// The sum in base currency; nil when no trade has a value.
        public var value: Double?
        /// Totals by currency: the sum in that currency.
        public var localValue: Double?
    }

    /// Totals by each property of trades; each list is by name.
    public struct Totals: Hashable, Sendable, Decodable {
        /// By book.
        public var book: [Total]
        /// By currency of the trade's value.
        public var currency: [Total]
        /// By product.
        public var product: [Total]
        /// By counterparty.
        public var counterparty: [Total]
    }

    /// What the numbers were made with; several versions are separated by commas.
    public struct Versions: Hashable, Sendable, Decodable {
        /// valgrid's pricers.
        public var valgrid: String
        /// QuantLib.
        public var quantlib: String
    }

    /// An engine's or a pricing engine's share of the work.
    public struct Share: Hashable, Sendable, Decodable {
        /// The engine's id, or the pricing engine's name.
        public var name: String
        /// Trades.
        public var trades: Int
    }

    /// A trade without a value.
    public struct FailedTrade: Hashable, Sendable, Decodable {
        /// The trade; empty when it is not known which.
        public var tradeId: String
        /// `error` or `missing`.
        public var status: String
        /// For programs.
        public var code: String
        /// The field concerned; empty when no single field is concerned.
        public var field: String
        /// For people.
        public var message: String
        /// The batch.
        public var batch: UInt32
    }

    /// Whether everything that was submitted is in the report.
    public struct Completeness: Hashable, Sendable, Decodable {
        /// Trades of the job's record.
        public var expectedTrades: Int
        /// Trades of the batches.
        public var actualTrades: Int
        /// SHA-256 of the trade ids of the job's record.
        public var expectedHash: String
        /// SHA-256 of the trade ids of the batches, in order; empty while batches are missing.
        public var actualHash: String
        /// Whether counts and hashes are equal and every batch has its result.
        public var matches: Bool
        /// Why not; empty when it matches.
        public var reason: String
    }

    /// The job's id.
    public var job: String
    /// The job's state: `complete`, `complete with errors`, `cancelled`, `expired`; `submitting`,
    /// `running` or `paused` in a partial report.
    public var state: String
    /// The portfolio's name.
    public var portfolio: String
    /// Who submitted the job.
    public var submitter: String
    /// `2026-01-15`.
    public var valuationDate: String
    /// The market.
    public var snapshot: Snapshot
    /// The currency of totals.
    public var baseCurrency: String
    /// The metrics asked for.
    public var metrics: [String]
    /// The metric that is totalled: NPV, else OptionPV; empty when neither was asked for.
    public var totalMetric: String
    /// Trades of the job.
    public var trades: Int
    /// Trades with a value or matured.
    public var results: Int
    /// Trades with an error.
    public var errors: Int
    /// Trades that had matured; they are among `results`.
    public var expired: Int
    /// Trades with neither result nor error.
    public var missing: Int
    /// The sum over all trades, in base currency; nil when none has a value.
    public var total: Double?
    /// The sums of groups.
    public var totals: Totals
    /// From submission to the last result, or to the deadline or cancellation.
    public var seconds: Double
    /// Results and errors per second.
    public var tradesPerSecond: Double
    /// CPU time of pricing, all engines together.
    public var cpuSeconds: Double
    /// ISO 8601.
    public var submittedAt: String
    /// What the numbers were made with.
    public var versions: Versions
    /// The engines that priced, by id.
    public var engines: [Share]
    /// The pricing engines that priced, by name.
    public var pricingEngines: [Share]
    /// The first failed and missing trades, in portfolio order.
    public var failedTrades: [FailedTrade]
    /// The proof that nothing is lost.
    public var completeness: Completeness
}
