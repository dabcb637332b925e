/// What a report says of the job as a whole: summary.json.
///
/// `trades` is `results` + `errors` + `missing`; `results` counts trades with a value and trades
/// that had matured, and `expired` says how many of them had.
public struct ReportSummary: Hashable, Sendable, Codable {
    /// The market that was priced on.
    public struct Snapshot: Hashable, Sendable, Codable {
        /// `sha256:` and the hash of the canonical bytes.
        public var id: String
        /// What the desk calls it.
        public var name: String

        /// Makes it of its fields.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The sum of one group of trades.
    public struct Total: Hashable, Sendable, Codable {
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

        /// Makes it of its fields.
        public init(
            name: String,
            trades: Int,
            results: Int,
            errors: Int,
            missing: Int,
            value: Double?,
            localValue: Double?
        ) {
            self.name = name
            self.trades = trades
            self.results = results
            self.errors = errors
            self.missing = missing
            self.value = value
            self.localValue = localValue
        }
    }

    /// Totals by each property of trades; each list is by name.
    public struct Totals: Hashable, Sendable, Codable {
        /// By book.
        public var book: [Total]
        /// By currency of the trade's value.
        public var currency: [Total]
        /// By product.
        public var product: [Total]
        /// By counterparty.
        public var counterparty: [Total]

        /// Makes it of its fields.
        public init(book: [Total], currency: [Total], product: [Total], counterparty: [Total]) {
            self.book = book
            self.currency = currency
            self.product = product
            self.counterparty = counterparty
        }
    }

    /// What the numbers were made with; several versions are separated by commas.
    public struct Versions: Hashable, Sendable, Codable {
        /// valgrid's pricers.
        public var valgrid: String
        /// QuantLib.
        public var quantlib: String

        /// Makes it of its fields.
        public init(valgrid: String, quantlib: String) {
            self.valgrid = valgrid
            self.quantlib = quantlib
        }
    }

    /// An engine's or a pricing engine's share of the work.
    public struct Share: Hashable, Sendable, Codable {
        /// The engine's id, or the pricing engine's name.
        public var name: String
        /// Trades.
        public var trades: Int

        /// Makes it of its fields.
        public init(name: String, trades: Int) {
            self.name = name
            self.trades = trades
        }
    }

    /// A trade without a value.
    public struct FailedTrade: Hashable, Sendable, Codable {
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

        /// Makes it of its fields.
        public init(
            tradeId: String,
            status: String,
            code: String,
            field: String,
            message: String,
            batch: UInt32
        ) {
            self.tradeId = tradeId
            self.status = status
            self.code = code
            self.field = field
            self.message = message
            self.batch = batch
        }
    }

    /// Whether everything that was submitted is in the report.
    public struct Completeness: Hashable, Sendable, Codable {
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

        /// Makes it of its fields.
        public init(
            expectedTrades: Int,
            actualTrades: Int,
            expectedHash: String,
            actualHash: String,
            matches: Bool,
            reason: String
        ) {
            self.expectedTrades = expectedTrades
            self.actualTrades = actualTrades
            self.expectedHash = expectedHash
            self.actualHash = actualHash
            self.matches = matches
            self.reason = reason
        }
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

    /// Makes it of its fields.
    public init(
        job: String,
        state: String,
        portfolio: String,
        submitter: String,
        valuationDate: String,
        snapshot: Snapshot,
        baseCurrency: String,
        metrics: [String],
        totalMetric: String,
        trades: Int,
        results: Int,
        errors: Int,
        expired: Int,
        missing: Int,
        total: Double?,
        totals: Totals,
        seconds: Double,
        tradesPerSecond: Double,
        cpuSeconds: Double,
        submittedAt: String,
        versions: Versions,
        engines: [Share],
        pricingEngines: [Share],
        failedTrades: [FailedTrade],
        completeness: Completeness
    ) {
        self.job = job
        self.state = state
        self.portfolio = portfolio
        self.submitter = submitter
        self.valuationDate = valuationDate
        self.snapshot = snapshot
        self.baseCurrency = baseCurrency
        self.metrics = metrics
        self.totalMetric = totalMetric
        self.trades = trades
        self.results = results
        self.errors = errors
        self.expired = expired
        self.missing = missing
        self.total = total
        self.totals = totals
        self.seconds = seconds
        self.tradesPerSecond = tradesPerSecond
        self.cpuSeconds = cpuSeconds
        self.submittedAt = submittedAt
        self.versions = versions
        self.engines = engines
        self.pricingEngines = pricingEngines
        self.failedTrades = failedTrades
        self.completeness = completeness
    }
}
