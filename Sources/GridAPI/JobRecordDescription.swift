/// A job as it was submitted: `GET /v1/jobs/ID/record`.
public struct JobRecordDescription: Hashable, Sendable, Codable {
    /// The job's id.
    public var id: String
    /// `submitting`, `submitted` or `cancelled`.
    public var state: String
    /// `none`, `paused` or `resumed`.
    public var hold: String
    /// `eod` or `intraday`.
    public var priority: String
    /// Trades of the job.
    public var trades: Int
    /// Batches of the job.
    public var batches: Int
    /// SHA-256 of the trade ids, hexadecimal.
    public var tradeIdsHash: String
    /// SHA-256 of the batches, hexadecimal.
    public var contentHash: String
    /// The market that is priced on.
    public var snapshot: JobStatus.Snapshot
    /// `2026-01-15`.
    public var valuationDate: String
    /// As `EUR`.
    public var baseCurrency: String
    /// As `NPV`.
    public var metrics: [String]
    /// ISO 8601.
    public var submittedAt: String
    /// ISO 8601; nil for none.
    public var deadline: String?
    /// The portfolio's name.
    public var portfolio: String
    /// Who submitted it.
    public var submitter: String
    /// The version of valgrid that submitted it.
    public var version: String
    /// What to type for it.
    public var commands: [String]

    /// Makes a description.
    public init(
        id: String,
        state: String,
        hold: String,
        priority: String,
        trades: Int,
        batches: Int,
        tradeIdsHash: String,
        contentHash: String,
        snapshot: JobStatus.Snapshot,
        valuationDate: String,
        baseCurrency: String,
        metrics: [String],
        submittedAt: String,
        deadline: String?,
        portfolio: String,
        submitter: String,
        version: String,
        commands: [String]
    ) {
        self.id = id
        self.state = state
        self.hold = hold
        self.priority = priority
        self.trades = trades
        self.batches = batches
        self.tradeIdsHash = tradeIdsHash
        self.contentHash = contentHash
        self.snapshot = snapshot
        self.valuationDate = valuationDate
        self.baseCurrency = baseCurrency
        self.metrics = metrics
        self.submittedAt = submittedAt
        self.deadline = deadline
        self.portfolio = portfolio
        self.submitter = submitter
        self.version = version
        self.commands = commands
    }
}
