/// What shows that a job is complete, or what is missing: `GET /v1/jobs/ID/proof`.
public struct JobProof: Hashable, Sendable, Codable {
    /// Records that were gone before the aggregator had read them.
    public struct Loss: Hashable, Sendable, Codable {
        /// The topic.
        public var topic: String
        /// The partition, from 0.
        public var partition: Int
        /// The first offset that was gone.
        public var first: Int64
        /// The first offset behind them.
        public var next: Int64
        /// ISO 8601.
        public var noticedAt: String

        /// Says what was lost.
        public init(
            topic: String,
            partition: Int,
            first: Int64,
            next: Int64,
            noticedAt: String
        ) {
            self.topic = topic
            self.partition = partition
            self.first = first
            self.next = next
            self.noticedAt = noticedAt
        }
    }

    /// Trades of the job's record.
    public var trades: Int
    /// Trades with a value, matured ones included.
    public var results: Int
    /// Trades with an error.
    public var errors: Int
    /// Trades that had matured.
    public var expired: Int
    /// Trades with neither result nor error.
    public var missing: Int
    /// SHA-256 of the trade ids by the job's record, hexadecimal.
    public var tradeIdsHash: String
    /// The same of the batches that were joined; nil before all are.
    public var joinedHash: String?
    /// Whether numbers and hashes are equal; nil before all batches are joined.
    public var matches: Bool?
    /// Batches and results that came again.
    public var duplicates: Int
    /// Those of them that differ from the first.
    public var conflicts: Int
    /// Results after the deadline or the cancellation.
    public var late: Int
    /// Batches and results that do not belong to the job.
    public var strays: Int
    /// What retention removed since the job was submitted, oldest first.
    public var losses: [Loss]
    /// The whole in one sentence.
    public var sentence: String

    /// Makes a proof.
    public init(
        trades: Int,
        results: Int,
        errors: Int,
        expired: Int,
        missing: Int,
        tradeIdsHash: String,
        joinedHash: String?,
        matches: Bool?,
        duplicates: Int,
        conflicts: Int,
        late: Int,
        strays: Int,
        losses: [Loss],
        sentence: String
    ) {
        self.trades = trades
        self.results = results
        self.errors = errors
        self.expired = expired
        self.missing = missing
        self.tradeIdsHash = tradeIdsHash
        self.joinedHash = joinedHash
        self.matches = matches
        self.duplicates = duplicates
        self.conflicts = conflicts
        self.late = late
        self.strays = strays
        self.losses = losses
        self.sentence = sentence
    }
}
