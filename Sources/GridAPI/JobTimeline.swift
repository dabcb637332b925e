/// Which engines worked on a job when: `GET /v1/jobs/ID/timeline`.
public struct JobTimeline: Hashable, Sendable, Codable {
    /// What an engine did.
    public struct Engine: Hashable, Sendable, Codable {
        /// The engine's id.
        public var engine: String
        /// How busy it was with the job in each bin, 0...1 of the most batches that it had at once.
        public var cells: [Double]
        /// Its batches of the job with a result.
        public var batches: Int

        /// Says what an engine did.
        public init(engine: String, cells: [Double], batches: Int) {
            self.engine = engine
            self.cells = cells
            self.batches = batches
        }
    }

    /// When the first bin begins, ISO 8601.
    public var from: String
    /// When the last bin ends.
    public var to: String
    /// Seconds of a bin.
    public var binSeconds: Double
    /// The engines, by id.
    public var engines: [Engine]
    /// Trades per second in each bin.
    public var rate: [Double]

    /// Makes a timeline.
    public init(
        from: String,
        to: String,
        binSeconds: Double,
        engines: [Engine],
        rate: [Double]
    ) {
        self.from = from
        self.to = to
        self.binSeconds = binSeconds
        self.engines = engines
        self.rate = rate
    }
}
