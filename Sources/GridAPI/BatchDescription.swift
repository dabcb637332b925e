/// Where a record lies in Kafka.
public struct RecordPlaceDescription: Hashable, Sendable, Codable {
    /// The topic, prefix included.
    public var topic: String
    /// The partition, from 0.
    public var partition: Int
    /// The offset.
    public var offset: Int64

    /// Names a place.
    public init(topic: String, partition: Int, offset: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
    }
}

/// A batch of a job: an element of `GET /v1/jobs/ID/batches`, the answer of `.../batches/N`.
///
/// Times are ISO 8601 UTC; nil is not known, or not yet.
public struct BatchDescription: Hashable, Sendable, Codable {
    /// The batch's position in its job, from 0.
    public var index: Int
    /// Trades of the batch; nil before it was read.
    public var trades: Int?
    /// `unpublished`, `queued`, `inWork`, `done`, or `error` when a trade of it has an error.
    public var state: String
    /// The engine that has it in work or published its result.
    public var engine: String?
    /// Which attempt at the batch gave the result, from 1.
    public var attempt: Int?
    /// When it was queued.
    public var queuedAt: String?
    /// When the engine took it.
    public var takenAt: String?
    /// When it was priced.
    public var pricedAt: String?
    /// When its result entered its topic.
    public var joinedAt: String?
    /// Trades with a value.
    public var priced: Int?
    /// Trades with an error.
    public var failed: Int?
    /// Trades that had matured.
    public var expired: Int?
    /// The result's record.
    public var record: RecordPlaceDescription?
    /// The batch's record.
    public var batchRecord: RecordPlaceDescription?

    /// Makes a description; what is not given is not known.
    public init(
        index: Int,
        trades: Int? = nil,
        state: String,
        engine: String? = nil,
        attempt: Int? = nil,
        queuedAt: String? = nil,
        takenAt: String? = nil,
        pricedAt: String? = nil,
        joinedAt: String? = nil,
        priced: Int? = nil,
        failed: Int? = nil,
        expired: Int? = nil,
        record: RecordPlaceDescription? = nil,
        batchRecord: RecordPlaceDescription? = nil
    ) {
        self.index = index
        self.trades = trades
        self.state = state
        self.engine = engine
        self.attempt = attempt
        self.queuedAt = queuedAt
        self.takenAt = takenAt
        self.pricedAt = pricedAt
        self.joinedAt = joinedAt
        self.priced = priced
        self.failed = failed
        self.expired = expired
        self.record = record
        self.batchRecord = batchRecord
    }
}
