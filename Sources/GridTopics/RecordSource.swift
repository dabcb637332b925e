public import KafkaClient

/// A member of a consumer group, as those see it who work on its records.
public protocol RecordSource: Sendable {
    /// Returns the next record, waiting for one; `nil` once there are no more.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the source.
    func next() async throws(KafkaError) -> ConsumedRecord?

    /// Notes that a record needs no more work.
    ///
    /// - Returns: whether that was in time; if not, the record comes again, here or elsewhere.
    @discardableResult
    func finish(_ record: ConsumedRecord) -> Bool

    /// Whether the record's assignment still stands, so that finishing it counts.
    func isCurrent(_ record: ConsumedRecord) -> Bool

    /// Whether no record is handed out and unfinished, and none waits that could be handed out.
    var isIdle: Bool { get }
}

/// A member of a consumer group whose offsets are committed by transactions.
public protocol TransactionalSource: RecordSource {
    /// Counts assignments, from 1; records carry the number they were read under.
    var generation: Int { get }

    /// Whether partitions end behind all that was committed of them.
    var hasUncommittedEnds: Bool { get }

    /// Calls `body` whenever a transaction could commit the end of a partition.
    func onUncommittedEnds(_ body: @escaping @Sendable () -> Void)

    /// Joins offsets to a transaction that is about to begin.
    ///
    /// - Parameters:
    ///   - offsets: the next offset to be read, by partition; none, to commit ends only.
    ///   - generation: the assignment that the finished records carry.
    /// - Returns: what the transaction is to commit; `nil` once the assignment is gone, or if there
    ///   is nothing.
    func beginTransaction(
        _ offsets: [TopicPartition: Int64],
        generation: Int
    ) -> GroupTransaction?

    /// Notes how a transaction ended; called once for each that began.
    func endTransaction(_ transaction: GroupTransaction, isCommitted: Bool)
}

extension KafkaConsumer: TransactionalSource {}
