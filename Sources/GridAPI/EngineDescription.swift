/// An engine, as its heartbeats say: an element of `GET /engines`.
public struct EngineDescription: Hashable, Sendable, Codable {
    /// A batch that the engine has in work.
    public struct Work: Hashable, Sendable, Codable {
        /// The batch's job.
        public var job: String
        /// The batch's position in it, from 0.
        public var batch: Int
        /// When the engine began with it, ISO 8601.
        public var since: String
        /// Seconds since then.
        public var seconds: Double

        /// Makes a batch in work.
        public init(job: String, batch: Int, since: String, seconds: Double) {
            self.job = job
            self.batch = batch
            self.since = since
            self.seconds = seconds
        }
    }

    /// The engine's id.
    public var engine: String
    /// `live`, `draining`, `silent` or `stopped`.
    public var state: String
    /// Seconds since the last heartbeat.
    public var secondsSinceHeartbeat: Double
    /// ISO 8601.
    public var lastHeartbeat: String
    /// The machine or pod.
    public var host: String
    /// The engine's process.
    public var pid: Int
    /// ISO 8601.
    public var startedAt: String
    /// Seconds since the start.
    public var secondsUp: Double
    /// valgrid's version.
    public var version: String
    /// The library that pricers price with, and its version.
    public var library: String
    /// `exactly-once` or `at-least-once`.
    public var delivery: String
    /// Pricer processes.
    public var pricers: Int
    /// Those that are at work.
    public var busyPricers: Int
    /// Over the last ten seconds or so.
    public var batchesPerSecond: Double
    /// Over the last ten seconds or so.
    public var tradesPerSecond: Double
    /// Since the start.
    public var batchesPriced: Int
    /// Since the start.
    public var tradesPriced: Int
    /// Since the start.
    public var pricerRestarts: Int
    /// Memory of the engine's process.
    public var residentBytes: Int
    /// Memory of its pricers together.
    public var pricerResidentBytes: Int
    /// Partitions of `batches` that the engine owns.
    public var partitions: [Int]
    /// When it began with its oldest batch, ISO 8601; nil when it has none.
    public var oldestWorkSince: String?
    /// Batches in work, the oldest first, at most 24.
    public var work: [Work]

    /// Makes a description.
    public init(
        engine: String,
        state: String,
        secondsSinceHeartbeat: Double,
        lastHeartbeat: String,
        host: String,
        pid: Int,
        startedAt: String,
        secondsUp: Double,
        version: String,
        library: String,
        delivery: String,
        pricers: Int,
        busyPricers: Int,
        batchesPerSecond: Double,
        tradesPerSecond: Double,
        batchesPriced: Int,
        tradesPriced: Int,
        pricerRestarts: Int,
        residentBytes: Int,
        pricerResidentBytes: Int,
        partitions: [Int],
        oldestWorkSince: String?,
        work: [Work]
    ) {
        self.engine = engine
        self.state = state
        self.secondsSinceHeartbeat = secondsSinceHeartbeat
        self.lastHeartbeat = lastHeartbeat
        self.host = host
        self.pid = pid
        self.startedAt = startedAt
        self.secondsUp = secondsUp
        self.version = version
        self.library = library
        self.delivery = delivery
        self.pricers = pricers
        self.busyPricers = busyPricers
        self.batchesPerSecond = batchesPerSecond
        self.tradesPerSecond = tradesPerSecond
        self.batchesPriced = batchesPriced
        self.tradesPriced = tradesPriced
        self.pricerRestarts = pricerRestarts
        self.residentBytes = residentBytes
        self.pricerResidentBytes = pricerResidentBytes
        self.partitions = partitions
        self.oldestWorkSince = oldestWorkSince
        self.work = work
    }
}
