/// How a job stands: `GET /jobs/ID` of the aggregator.
public struct JobStatus: Hashable, Sendable, Codable {
    /// The market that is priced on.
    public struct Snapshot: Hashable, Sendable, Codable {
        /// `sha256:` and the hash of the canonical bytes.
        public var id: String
        /// What the desk calls it.
        public var name: String

        /// Names a snapshot.
        public init(id: String, name: String) {
            self.id = id
            self.name = name
        }
    }

    /// The job's id.
    public var job: String
    /// `submitting`, `running`, `paused`, `complete`, `complete with errors`, `cancelled`,
    /// `expired`.
    public var state: String
    /// Whose batches go first: `eod` or `intraday`.
    public var priority: String
    /// Whether the state will not change.
    public var isFinal: Bool
    /// What is missing for the job to be proven complete, one sentence; nil when nothing is.
    public var waitingFor: String?
    /// The portfolio's name.
    public var portfolio: String
    /// Who submitted it.
    public var submitter: String
    /// The market.
    public var snapshot: Snapshot
    /// Trades of the job.
    public var trades: Int
    /// Trades with a result or an error.
    public var done: Int
    /// Trades with a value or matured.
    public var results: Int
    /// Trades with an error.
    public var failed: Int
    /// Trades that had matured; they are among `results`.
    public var expired: Int
    /// Trades with neither result nor error.
    public var missing: Int
    /// Batches of the job.
    public var batches: Int
    /// Batches that are in their topic.
    public var batchesPublished: Int
    /// Batches with a result.
    public var batchesDone: Int
    /// Batches without a result, the first twenty gaps: `7` or `7-9`.
    public var missingBatches: [String]
    /// ISO 8601.
    public var submittedAt: String
    /// ISO 8601; nil for none.
    public var deadline: String?
    /// ISO 8601; nil when none has come.
    public var lastResultAt: String?
    /// ISO 8601; nil when the job has not ended.
    public var endedAt: String?
    /// Seconds from submission to the end, or to now.
    public var seconds: Double
    /// Trades done per second since submission.
    public var tradesPerSecond: Double
    /// Seconds that remain at that rate; nil when it is not known or the job has ended.
    public var secondsLeft: Double?
    /// The engines that have published results, by id.
    public var engines: [String]
    /// Batches and results that came again.
    public var duplicates: Int
    /// Those of them that differ from the first.
    public var conflicts: Int
    /// Results that came after the deadline or cancellation.
    public var late: Int
    /// Batches and results that do not belong to the job.
    public var strays: Int

    /// Makes a status.
    public init(
        job: String,
        state: String,
        priority: String,
        isFinal: Bool,
        waitingFor: String?,
        portfolio: String,
        submitter: String,
        snapshot: Snapshot,
        trades: Int,
        done: Int,
        results: Int,
        failed: Int,
        expired: Int,
        missing: Int,
        batches: Int,
        batchesPublished: Int,
        batchesDone: Int,
        missingBatches: [String],
        submittedAt: String,
        deadline: String?,
        lastResultAt: String?,
        endedAt: String?,
        seconds: Double,
        tradesPerSecond: Double,
        secondsLeft: Double?,
        engines: [String],
        duplicates: Int,
        conflicts: Int,
        late: Int,
        strays: Int
    ) {
        self.job = job
        self.state = state
        self.priority = priority
        self.isFinal = isFinal
        self.waitingFor = waitingFor
        self.portfolio = portfolio
        self.submitter = submitter
        self.snapshot = snapshot
        self.trades = trades
        self.done = done
        self.results = results
        self.failed = failed
        self.expired = expired
        self.missing = missing
        self.batches = batches
        self.batchesPublished = batchesPublished
        self.batchesDone = batchesDone
        self.missingBatches = missingBatches
        self.submittedAt = submittedAt
        self.deadline = deadline
        self.lastResultAt = lastResultAt
        self.endedAt = endedAt
        self.seconds = seconds
        self.tradesPerSecond = tradesPerSecond
        self.secondsLeft = secondsLeft
        self.engines = engines
        self.duplicates = duplicates
        self.conflicts = conflicts
        self.late = late
        self.strays = strays
    }
}

/// How every job stands, newest first: `GET /jobs`.
public struct JobList: Hashable, Sendable, Codable {
    /// The jobs.
    public var jobs: [JobStatus]
    /// The job after which the next page begins; nil when there is no further one.
    public var next: String?

    /// Makes a list.
    public init(jobs: [JobStatus], next: String? = nil) {
        self.jobs = jobs
        self.next = next
    }
}
