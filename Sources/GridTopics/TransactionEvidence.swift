public import KafkaClient

/// Where it shows how a transaction ended whose commit was not answered.
public protocol TransactionEvidence: Sendable {
    /// Asks the group for the offset that it has committed of a partition; `nil` if none.
    ///
    /// - Throws: ``KafkaError`` while the group does not answer for it.
    func committedOffset(of partition: TopicPartition) async throws(KafkaError) -> Int64?

    /// Looks what readers of committed records see of a transaction.
    ///
    /// - Parameter records: where its records begin in each partition.
    /// - Returns: what is shown.
    func visibility(of records: [TopicPartition: Int64]) async -> TransactionVisibility
}

/// What is shown of a transaction's end.
public enum TransactionVisibility: Hashable, Sendable {
    /// A partition has its records committed.
    case committed
    /// A partition has them aborted.
    case aborted
    /// No partition was told how it ended.
    case undecided
    /// Kafka does not answer, or has older transactions open.
    case unclear
}
