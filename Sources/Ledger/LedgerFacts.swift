public import GridProtocol

/// What the ledger keeps of a batch.
public struct BatchFacts: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The batch's position in its job, from 0.
    public var index: UInt32
    /// How many trades it has.
    public var trades: UInt32
    /// A hash of what the batch says of its trades; tells a re-delivery from another batch.
    public var digest: UInt64
    /// When it was queued, microseconds since 1970 UTC; 0 when not known, as in a ledger read back.
    public var queuedAt: Int64

    /// Makes the facts of a batch.
    public init(
        job: JobID,
        index: UInt32,
        trades: UInt32,
        digest: UInt64 = 0,
        queuedAt: Int64 = 0
    ) {
        self.job = job
        self.index = index
        self.trades = trades
        self.digest = digest
        self.queuedAt = queuedAt
    }
}

/// What the ledger keeps of a batch's result.
public struct ResultFacts: Hashable, Sendable {
    /// The job.
    public var job: JobID
    /// The batch's position in its job, from 0.
    public var index: UInt32
    /// Trades with a value.
    public var priced: UInt32
    /// Trades with an error.
    public var failed: UInt32
    /// Trades that had matured.
    public var expired: UInt32
    /// A hash of the values and errors, without times, engine and cost; tells a second pricing that
    /// agrees with the first from one that does not.
    public var digest: UInt64
    /// When the result entered its topic, microseconds since 1970 UTC.
    public var joinedAt: Int64
    /// The engine that published it.
    public var engine: String

    /// Makes the facts of a result.
    public init(
        job: JobID,
        index: UInt32,
        priced: UInt32,
        failed: UInt32 = 0,
        expired: UInt32 = 0,
        digest: UInt64 = 0,
        joinedAt: Int64 = 0,
        engine: String = ""
    ) {
        self.job = job
        self.index = index
        self.priced = priced
        self.failed = failed
        self.expired = expired
        self.digest = digest
        self.joinedAt = joinedAt
        self.engine = engine
    }

    /// Trades of the batch.
    public var trades: UInt32 { priced &+ failed &+ expired }
}

/// What was found when all batches and results of a job were looked through in order.
public struct CompletenessProof: Hashable, Sendable {
    /// Trades in the batches.
    public var trades: Int
    /// SHA-256 over the trade ids in order, each followed by a line feed.
    public var hash: [UInt8]
    /// The first batch whose result does not have as many trades; nil when there is none.
    public var unequalBatch: UInt32?

    /// Makes a proof.
    public init(trades: Int, hash: [UInt8], unequalBatch: UInt32? = nil) {
        self.trades = trades
        self.hash = hash
        self.unequalBatch = unequalBatch
    }
}
