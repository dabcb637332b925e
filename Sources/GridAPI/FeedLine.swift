/// A line of `GET /v1/feed` of the aggregator, which tells by ``Kind`` what it has.
///
/// A client that continues from the newest version it has read misses nothing.
public struct FeedLine: Hashable, Sendable, Codable {
    /// What a line says.
    public struct Kind: Hashable, Sendable, Codable, RawRepresentable {
        /// The spelling.
        public let rawValue: String
        /// Names a kind.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// The first line, with ``FeedLine/boot`` and ``FeedLine/isSnapshot``.
        public static let hello = Kind(rawValue: "hello")
        /// A job as it is: ``FeedLine/row`` and ``FeedLine/version``.
        public static let job = Kind(rawValue: "job")
        /// A job was removed: ``FeedLine/id`` and ``FeedLine/version``.
        public static let removed = Kind(rawValue: "removed")
        /// All jobs that had changed are sent: ``FeedLine/version``.
        public static let ready = Kind(rawValue: "ready")
        /// The state of the grid: ``FeedLine/grid``.
        public static let grid = Kind(rawValue: "grid")
        /// The engines that are known: ``FeedLine/items``.
        public static let engines = Kind(rawValue: "engines")
        /// Nothing has happened for a while.
        public static let alive = Kind(rawValue: "alive")
    }

    /// What the line says.
    public var type: Kind
    /// Another one after each start of the aggregator.
    public var boot: String?
    /// `BOOT.N`: where a client goes on that has read up to this line.
    public var version: String?
    /// Whether all jobs follow: the client forgets those that it knows.
    public var isSnapshot: Bool?
    /// A job.
    public var row: JobRow?
    /// The id of a job that was removed.
    public var id: String?
    /// The grid's state.
    public var grid: GridPulse?
    /// The engines.
    public var items: [EngineDescription]?

    /// Makes a line.
    public init(
        _ type: Kind,
        boot: String? = nil,
        version: String? = nil,
        isSnapshot: Bool? = nil,
        row: JobRow? = nil,
        id: String? = nil,
        grid: GridPulse? = nil,
        items: [EngineDescription]? = nil
    ) {
        self.type = type
        self.boot = boot
        self.version = version
        self.isSnapshot = isSnapshot
        self.row = row
        self.id = id
        self.grid = grid
        self.items = items
    }
}

/// What is left to do, and how far the aggregator has read.
public struct GridPulse: Hashable, Sendable, Codable {
    /// What waits.
    public struct Waiting: Hashable, Sendable, Codable {
        /// Trades without result, of jobs that have neither ended nor are paused.
        public var trades: Int
        /// Batches without result, of the same jobs.
        public var batches: Int
        /// Seconds since the oldest of these jobs was submitted; nil when there is none.
        public var seconds: Double?

        /// Says what waits.
        public init(trades: Int, batches: Int, seconds: Double?) {
            self.trades = trades
            self.batches = batches
            self.seconds = seconds
        }
    }

    /// How far the ledger has read.
    public struct Ledger: Hashable, Sendable, Codable {
        /// Why it is not up to date; nil when it is.
        public var trouble: String?
        /// The time up to which all topics have been read, ISO 8601; nil before their ends were
        /// first reached.
        public var readTo: String?
        /// Seconds since then.
        public var lagSeconds: Double?

        /// Says how far it has read.
        public init(trouble: String?, readTo: String?, lagSeconds: Double?) {
            self.trouble = trouble
            self.readTo = readTo
            self.lagSeconds = lagSeconds
        }
    }

    /// What waits.
    public var waiting: Waiting
    /// How many jobs are in each state.
    public var jobs: [String: Int]
    /// How far the ledger has read.
    public var ledger: Ledger

    /// Makes a pulse.
    public init(waiting: Waiting, jobs: [String: Int], ledger: Ledger) {
        self.waiting = waiting
        self.jobs = jobs
        self.ledger = ledger
    }
}
