/// What a job's trades are worth together: `GET /v1/jobs/ID/totals`.
public struct JobTotals: Hashable, Sendable, Codable {
    /// The trades of one book, currency, product or counterparty, or all.
    public struct Group: Hashable, Sendable, Codable {
        /// Empty where the portfolio does not say.
        public var name: String
        /// Its trades that were read.
        public var trades: Int
        /// Those with a result or an error.
        public var done: Int
        /// Those with an error.
        public var failed: Int
        /// The sum in the base currency; nil when no trade has a value.
        public var value: Double?
        /// Whether all trades of the group are done: its value will not change.
        public var isComplete: Bool

        /// Makes a group.
        public init(
            name: String,
            trades: Int,
            done: Int,
            failed: Int,
            value: Double?,
            isComplete: Bool
        ) {
            self.name = name
            self.trades = trades
            self.done = done
            self.failed = failed
            self.value = value
            self.isComplete = isComplete
        }
    }

    /// Whether it is the job's total, as in summary.json: the job has ended.
    public var isTotal: Bool
    /// ISO 8601.
    public var asOf: String
    /// As `EUR`.
    public var baseCurrency: String
    /// Of all trades; its name is empty.
    public var total: Group
    /// The groups of the most trades, at most 500, by name.
    public var groups: [Group]
    /// How many groups there are.
    public var groupCount: Int

    /// Makes totals.
    public init(
        isTotal: Bool,
        asOf: String,
        baseCurrency: String,
        total: Group,
        groups: [Group],
        groupCount: Int
    ) {
        self.isTotal = isTotal
        self.asOf = asOf
        self.baseCurrency = baseCurrency
        self.total = total
        self.groups = groups
        self.groupCount = groupCount
    }
}
