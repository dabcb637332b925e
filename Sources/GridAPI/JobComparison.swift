/// How two jobs differ: `GET /v1/comparisons/A..B`.
public struct JobComparison: Hashable, Sendable, Codable {
    /// An input that is not the same.
    public struct Difference: Hashable, Sendable, Codable {
        /// `market`, `metrics`, `version`, `portfolio` or `trades`.
        public var what: String
        /// Of the first job.
        public var a: String
        /// Of the second job.
        public var b: String

        /// Makes a difference.
        public init(what: String, a: String, b: String) {
            self.what = what
            self.a = a
            self.b = b
        }
    }

    /// Sums in the base currency.
    public struct Totals: Hashable, Sendable, Codable {
        /// Of the first job; nil when no trade has a value.
        public var a: Double?
        /// Of the second job; nil when no trade has a value.
        public var b: Double?
        /// From the first to the second; nil unless both are known and in one currency.
        public var change: Double?

        /// Makes totals.
        public init(a: Double?, b: Double?, change: Double?) {
            self.a = a
            self.b = b
            self.change = change
        }
    }

    /// Trades by what became of them.
    public struct Counts: Hashable, Sendable, Codable {
        /// In both jobs.
        public var both = 0
        /// In the first only.
        public var onlyA = 0
        /// In the second only.
        public var onlyB = 0
        /// In both, with another status.
        public var changedState = 0
        /// In both, with another value.
        public var moved = 0

        /// No trades.
        public init() {}
    }

    /// The first job.
    public var a: JobRow
    /// The second job.
    public var b: JobRow
    /// What of the inputs differs; empty when nothing does.
    public var differs: [Difference]
    /// Sums.
    public var totals: Totals
    /// Trades.
    public var counts: Counts

    /// Makes a comparison.
    public init(
        a: JobRow,
        b: JobRow,
        differs: [Difference],
        totals: Totals,
        counts: Counts
    ) {
        self.a = a
        self.b = b
        self.differs = differs
        self.totals = totals
        self.counts = counts
    }
}

/// A trade of two jobs: an element of `GET /v1/comparisons/A..B/movers`.
public struct TradeMove: Hashable, Sendable, Codable {
    /// The trade's id.
    public var id: String
    /// Of the second job, where it is in it.
    public var book: String
    /// As `Swap`.
    public var product: String
    /// In the base currency; nil when it has no value in the first job.
    public var a: Double?
    /// In the base currency; nil when it has no value in the second job.
    public var b: Double?
    /// From the first to the second, what has no value counted as nothing.
    public var change: Double
    /// `both`, `onlyA`, `onlyB` or `changedState`.
    public var state: String
    /// Its status in the first job; nil when it is not in it.
    public var statusA: String?
    /// Its status in the second job; nil when it is not in it.
    public var statusB: String?

    /// Makes a move.
    public init(
        id: String,
        book: String,
        product: String,
        a: Double?,
        b: Double?,
        change: Double,
        state: String,
        statusA: String?,
        statusB: String?
    ) {
        self.id = id
        self.book = book
        self.product = product
        self.a = a
        self.b = b
        self.change = change
        self.state = state
        self.statusA = statusA
        self.statusB = statusB
    }
}

/// A book of two jobs: an element of `GET /v1/comparisons/A..B/books`.
public struct BookMove: Hashable, Sendable, Codable {
    /// Empty where the portfolio does not say.
    public var name: String
    /// In the base currency; nil when no trade has a value in the first job.
    public var a: Double?
    /// In the base currency; nil when no trade has a value in the second job.
    public var b: Double?
    /// From the first to the second.
    public var change: Double
    /// Trades in either.
    public var trades: Int

    /// Makes a move.
    public init(name: String, a: Double?, b: Double?, change: Double, trades: Int) {
        self.name = name
        self.a = a
        self.b = b
        self.change = change
        self.trades = trades
    }
}
