public import KafkaClient

/// What reads given partitions as member of no group.
public protocol PartitionReader: Sendable {
    /// Returns 1 to `maximum` records as soon as there is one; none when the time is over or the
    /// reader is closed.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the reader.
    func nextBatch(
        maximum: Int,
        within duration: Duration
    ) async throws(KafkaError) -> [ConsumedRecord]

    /// Whether all that the partitions have was handed out.
    var isAtEnd: Bool { get }

    /// The offset up to which each partition was handed out.
    var positions: [TopicPartition: Int64] { get }

    /// Whether no broker is connected.
    var brokersDown: Bool { get }

    /// Stops reading and frees the client.
    func close() async
}

/// Opens a reader of partitions, each from where it is told.
public typealias OpenReader =
    @Sendable (_ start: [TopicPartition: StartOffset]) throws(KafkaError) -> any PartitionReader

extension KafkaReader: PartitionReader {}
