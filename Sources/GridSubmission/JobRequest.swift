public import Finance
public import GridProtocol

/// A desk's request: portfolio x snapshot x metrics.
public struct JobRequest: Sendable {
    /// The job; submitting the same id again resumes it, and nothing is priced twice.
    public var jobID: JobID
    /// The portfolio's name, for people.
    public var portfolioName: String
    /// The trades in order; ids are unique.
    public var trades: [Trade]
    /// The market.
    public var snapshot: MarketSnapshot
    /// What to compute; at least one, none twice.
    public var metrics: [Metric]
    /// How the portfolio is split.
    public var limits: BatchLimits
    /// How long the job may take from its submission; nil for no limit.
    public var timeLimit: Duration?
    /// The submitter, for people.
    public var submitter: String
    /// The priority of its batches; it changes no result.
    public var priority: JobPriority

    /// Makes a request.
    public init(
        jobID: JobID,
        portfolioName: String,
        trades: [Trade],
        snapshot: MarketSnapshot,
        metrics: [Metric],
        limits: BatchLimits = BatchLimits(),
        timeLimit: Duration? = .seconds(12 * 3_600),
        submitter: String = "",
        priority: JobPriority = .eod
    ) {
        self.jobID = jobID
        self.portfolioName = portfolioName
        self.trades = trades
        self.snapshot = snapshot
        self.metrics = metrics
        self.limits = limits
        self.timeLimit = timeLimit
        self.submitter = submitter
        self.priority = priority
    }
}

/// Why a job was not submitted.
public struct SubmissionError: Error, Hashable, Sendable {
    /// A kind of failure, for programs; an open set.
    public struct Code: Hashable, Sendable {
        let name: String
        /// The job id is taken by a job with other trades, market or metrics.
        public static let jobExists = Code(name: "jobExists")
        /// The job cannot be submitted as it is.
        public static let invalid = Code(name: "invalid")
        /// The job was cancelled.
        public static let cancelled = Code(name: "cancelled")
        /// Kafka cannot be reached or refuses.
        public static let kafka = Code(name: "kafka")
    }

    /// For programs.
    public var code: Code
    /// One sentence for people.
    public var reason: String

    /// Makes an error.
    public init(code: Code, reason: String) {
        self.code = code
        self.reason = reason
    }
}

extension SubmissionError: CustomStringConvertible {
    /// The reason.
    public var description: String { reason }
}
