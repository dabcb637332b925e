/// All that a job's results say of one trade: `GET /v1/jobs/ID/trades/TRADE`.
public struct TradeDetail: Hashable, Sendable, Codable {
    /// A named part of a metric.
    public struct Factor: Hashable, Sendable, Codable {
        /// As `EUR-ESTR/2027-01-15`.
        public var name: String
        /// In the metric's unit.
        public var value: Double

        /// Makes a factor.
        public init(name: String, value: Double) {
            self.name = name
            self.value = value
        }
    }

    /// A number of the trade.
    public struct Metric: Hashable, Sendable, Codable {
        /// As `NPV`.
        public var name: String
        /// Unrounded.
        public var value: Double
        /// In the base currency, where it is an amount.
        public var baseValue: Double?
        /// As `currency`; empty for a metric that this version does not know.
        public var unit: String
        /// Its parts.
        public var factors: [Factor]

        /// Makes a metric.
        public init(
            name: String,
            value: Double,
            baseValue: Double?,
            unit: String,
            factors: [Factor]
        ) {
            self.name = name
            self.value = value
            self.baseValue = baseValue
            self.unit = unit
            self.factors = factors
        }
    }

    /// Why the trade has no value.
    public struct Failure: Hashable, Sendable, Codable {
        /// For programs.
        public var code: String
        /// The field concerned; empty when no single one is.
        public var field: String
        /// One sentence.
        public var message: String

        /// Makes a failure.
        public init(code: String, field: String, message: String) {
            self.code = code
            self.field = field
            self.message = message
        }
    }

    /// What priced it.
    public struct Versions: Hashable, Sendable, Codable {
        /// The engine's.
        public var engine: String
        /// The pricer's.
        public var pricer: String
        /// As `QuantLib 1.29`.
        public var library: String

        /// Makes versions.
        public init(engine: String, pricer: String, library: String) {
            self.engine = engine
            self.pricer = pricer
            self.library = library
        }
    }

    /// As in lists; its keys are those of the whole.
    public var row: TradeRow
    /// The netting set; empty when the portfolio does not say.
    public var nettingSet = ""
    /// What was asked for and applies.
    public var metrics: [Metric] = []
    /// Why there is no value; nil where there is one.
    public var failure: Failure?
    /// The pricing method, `QuantLib DiscountingSwap`; empty when none was reached.
    public var method = ""
    /// CPU time of its pricing.
    public var cpuMicroseconds: Double?
    /// Which attempt at its batch it was, from 1.
    public var attempt: Int?
    /// The engine that published it.
    public var engine: String?
    /// When its batch was queued.
    public var queuedAt: String?
    /// When an engine took its batch.
    public var takenAt: String?
    /// When its batch was priced.
    public var pricedAt: String?
    /// When its result entered the topic.
    public var joinedAt: String?
    /// Where its result is.
    public var record: RecordPlaceDescription?
    /// Where its terms are.
    public var batchRecord: RecordPlaceDescription?
    /// What priced it; nil without a result.
    public var versions: Versions?
    /// The market that it was priced on.
    public var snapshot: JobStatus.Snapshot

    /// Makes a description of a trade without a result.
    public init(row: TradeRow, snapshot: JobStatus.Snapshot) {
        self.row = row
        self.snapshot = snapshot
    }

    private enum CodingKeys: String, CodingKey {
        case nettingSet, metrics, failure, method, cpuMicroseconds, attempt, engine, queuedAt
        case takenAt, pricedAt, joinedAt, record, batchRecord, versions, snapshot
    }

    /// Reads the keys of the row and those of the rest from one object.
    public init(from decoder: any Decoder) throws {
        row = try TradeRow(from: decoder)
        let object = try decoder.container(keyedBy: CodingKeys.self)
        nettingSet = try object.decode(String.self, forKey: .nettingSet)
        metrics = try object.decode([Metric].self, forKey: .metrics)
        failure = try object.decodeIfPresent(Failure.self, forKey: .failure)
        method = try object.decode(String.self, forKey: .method)
        cpuMicroseconds = try object.decodeIfPresent(Double.self, forKey: .cpuMicroseconds)
        attempt = try object.decodeIfPresent(Int.self, forKey: .attempt)
        engine = try object.decodeIfPresent(String.self, forKey: .engine)
        queuedAt = try object.decodeIfPresent(String.self, forKey: .queuedAt)
        takenAt = try object.decodeIfPresent(String.self, forKey: .takenAt)
        pricedAt = try object.decodeIfPresent(String.self, forKey: .pricedAt)
        joinedAt = try object.decodeIfPresent(String.self, forKey: .joinedAt)
        record = try object.decodeIfPresent(RecordPlaceDescription.self, forKey: .record)
        batchRecord = try object.decodeIfPresent(RecordPlaceDescription.self, forKey: .batchRecord)
        versions = try object.decodeIfPresent(Versions.self, forKey: .versions)
        snapshot = try object.decode(JobStatus.Snapshot.self, forKey: .snapshot)
    }

    /// Writes the keys of the row and those of the rest into one object.
    public func encode(to encoder: any Encoder) throws {
        try row.encode(to: encoder)
        var object = encoder.container(keyedBy: CodingKeys.self)
        try object.encode(nettingSet, forKey: .nettingSet)
        try object.encode(metrics, forKey: .metrics)
        try object.encodeIfPresent(failure, forKey: .failure)
        try object.encode(method, forKey: .method)
        try object.encodeIfPresent(cpuMicroseconds, forKey: .cpuMicroseconds)
        try object.encodeIfPresent(attempt, forKey: .attempt)
        try object.encodeIfPresent(engine, forKey: .engine)
        try object.encodeIfPresent(queuedAt, forKey: .queuedAt)
        try object.encodeIfPresent(takenAt, forKey: .takenAt)
        try object.encodeIfPresent(pricedAt, forKey: .pricedAt)
        try object.encodeIfPresent(joinedAt, forKey: .joinedAt)
        try object.encodeIfPresent(record, forKey: .record)
        try object.encodeIfPresent(batchRecord, forKey: .batchRecord)
        try object.encodeIfPresent(versions, forKey: .versions)
        try object.encode(snapshot, forKey: .snapshot)
    }
}
