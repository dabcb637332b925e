/// What is known of the grid now, apart from the ledger.
public struct LiveGridState: Sendable {
    /// Why the ledger is not up to date; nil when it is.
    public var trouble: String?
    /// Partitions of the topic of batches; 0 when not known.
    public var partitions: Int
    /// The engines; nil when they are not known.
    public var engines: [EngineStatus]?

    /// What holds results back; nil when nothing does.
    public var held: String?

    /// Makes what is known; nothing by default.
    public init(
        trouble: String? = nil,
        partitions: Int = 0,
        engines: [EngineStatus]? = nil,
        held: String? = nil
    ) {
        self.trouble = trouble
        self.held = held
        self.partitions = partitions
        self.engines = engines
    }
}
