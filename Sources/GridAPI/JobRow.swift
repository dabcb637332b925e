/// A job as lists show it: a line of the aggregator's feed, an element of `GET /api/v1/jobs`.
///
/// Times are ISO 8601 UTC, durations in seconds; nil is not known, or not yet.
public struct JobRow: Hashable, Sendable, Codable {
    /// When the job will probably end, against its deadline.
    public struct Forecast: Hashable, Sendable, Codable {
        /// `holds`, `mayMiss`, `willMiss` or `unknown`.
        public var verdict: String
        /// The end that one run in ten does not reach later.
        public var p10: String?
        /// The end that is as likely to come earlier as later.
        public var p50: String?
        /// The end that one run in ten exceeds.
        public var p90: String?
        /// One sentence.
        public var reason: String

        /// Makes a forecast.
        public init(verdict: String, p10: String?, p50: String?, p90: String?, reason: String) {
            self.verdict = verdict
            self.p10 = p10
            self.p50 = p50
            self.p90 = p90
            self.reason = reason
        }
    }

    /// Somebody has seen how the job ended.
    public struct Acknowledgement: Hashable, Sendable, Codable {
        /// Who.
        public var by: String
        /// ISO 8601.
        public var at: String
        /// What they said.
        public var reason: String?

        /// Makes an acknowledgement.
        public init(by: String, at: String, reason: String?) {
            self.by = by
            self.at = at
            self.reason = reason
        }
    }

    /// The job's id.
    public var id: String
    /// As ``JobStatus/state``.
    public var state: String
    /// `eod` or `intraday`.
    public var priority: String
    /// The portfolio's name.
    public var portfolio: String
    /// Who submitted it.
    public var submitter: String
    /// The market that is priced on.
    public var snapshot: JobStatus.Snapshot
    /// `2026-01-15`.
    public var valuationDate: String
    /// As `EUR`.
    public var baseCurrency: String
    /// As `NPV`.
    public var metrics: [String]
    /// Trades of the job.
    public var trades: Int
    /// Trades with a result or an error.
    public var done: Int
    /// Trades with an error.
    public var failed: Int
    /// Trades that had matured.
    public var expired: Int
    /// Trades with neither result nor error.
    public var missing: Int
    /// Batches of the job.
    public var batches: Int
    /// Batches that are in their topic.
    public var batchesPublished: Int
    /// Batches with a result.
    public var batchesDone: Int
    /// When it was submitted.
    public var submittedAt: String
    /// Until when results count.
    public var deadline: String?
    /// When it ended.
    public var endedAt: String?
    /// When the last result came.
    public var lastResultAt: String?
    /// From submission to the end, or to now.
    public var seconds: Double
    /// Over the last minute; over all its time when it has ended.
    public var tradesPerSecond: Double
    /// Whether the state will not change.
    public var isFinal: Bool
    /// What is missing for the job to be proven complete, one sentence; nil when nothing is.
    public var waitingFor: String?
    /// NPV in the base currency, once it is final.
    public var total: Double?
    /// When it will probably end; nil when it has ended.
    public var forecast: Forecast?
    /// Who has seen how it ended; nil when nobody said so.
    ///
    /// compute-manager sets it, not the aggregator.
    public var acknowledged: Acknowledgement?

    /// Makes a row that nobody has acknowledged.
    public init(
        id: String,
        state: String,
        priority: String,
        portfolio: String,
        submitter: String,
        snapshot: JobStatus.Snapshot,
        valuationDate: String,
        baseCurrency: String,
        metrics: [String],
        trades: Int,
        done: Int,
        failed: Int,
        expired: Int,
        missing: Int,
        batches: Int,
        batchesPublished: Int,
        batchesDone: Int,
        submittedAt: String,
        deadline: String?,
        endedAt: String?,
        lastResultAt: String?,
        seconds: Double,
        tradesPerSecond: Double,
        isFinal: Bool,
        waitingFor: String?,
        total: Double? = nil,
        forecast: Forecast? = nil
    ) {
        self.id = id
        self.state = state
        self.priority = priority
        self.portfolio = portfolio
        self.submitter = submitter
        self.snapshot = snapshot
        self.valuationDate = valuationDate
        self.baseCurrency = baseCurrency
        self.metrics = metrics
        self.trades = trades
        self.done = done
        self.failed = failed
        self.expired = expired
        self.missing = missing
        self.batches = batches
        self.batchesPublished = batchesPublished
        self.batchesDone = batchesDone
        self.submittedAt = submittedAt
        self.deadline = deadline
        self.endedAt = endedAt
        self.lastResultAt = lastResultAt
        self.seconds = seconds
        self.tradesPerSecond = tradesPerSecond
        self.isFinal = isFinal
        self.waitingFor = waitingFor
        self.total = total
        self.forecast = forecast
    }
}
