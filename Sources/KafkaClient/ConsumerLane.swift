/// Topics of a group member whose records are buffered apart from those of its other topics.
///
/// Lanes are read and bounded each for itself, so that a full one does not block another, and the
/// first of a consumer's lanes that has a record to give gives it.
public struct ConsumerLane: Sendable {
    /// 1 or more names; patterns are refused.
    public var topics: [String]
    /// 1 or more; how many of the lane's records may be buffered or handed out, and not be
    /// finished.
    public var maximumUnfinished: Int
    /// Says whether the first of the lane's records may be handed out now; nil if all may at once.
    ///
    /// It is given those that wait, 1 or more, in the order they were read. It is asked whenever
    /// someone waits for a record, and after ``KafkaConsumer/reconsider()``; it must be quick and
    /// must not call the consumer. A lane whose gate is closed blocks only itself.
    public var gate: (@Sendable (_ waiting: [ConsumedRecord]) -> Bool)?

    /// Makes a lane.
    public init(
        topics: [String],
        maximumUnfinished: Int,
        gate: (@Sendable (_ waiting: [ConsumedRecord]) -> Bool)? = nil
    ) {
        self.topics = topics
        self.maximumUnfinished = maximumUnfinished
        self.gate = gate
    }
}
