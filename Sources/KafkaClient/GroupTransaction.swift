/// Offsets of a group's member that a transaction is to commit, and the membership that they
/// were read under.
///
/// The broker refuses them once the group has gone on without that membership, so that two members
/// never commit the same records.
public struct GroupTransaction: Hashable, Sendable {
    /// The assignment under which the records were read.
    public let generation: Int
    /// The offset of the next record to be read, by partition.
    public let offsets: [TopicPartition: Int64]
    /// librdkafka's encoding of the membership at the time of the assignment.
    let membership: [UInt8]

    init(generation: Int, offsets: [TopicPartition: Int64], membership: [UInt8]) {
        self.generation = generation
        self.offsets = offsets
        self.membership = membership
    }

    /// Makes one for a source that is not Kafka's: a broker refuses it, as it names no membership.
    public init(generation: Int, offsets: [TopicPartition: Int64]) {
        self.init(generation: generation, offsets: offsets, membership: [])
    }
}

/// Who commits the offsets of what a consumer has finished.
public enum CommitMode: Hashable, Sendable {
    /// The consumer, in the background.
    case byConsumer
    /// Transactions: ``KafkaConsumer/beginTransaction(_:generation:)``.
    case byTransaction
}

/// An offset of a partition that a group reads nothing of.
///
/// It stands in a transaction for offsets of the group, where there are none to commit.
public struct OffsetPlaceholder: Hashable, Sendable {
    /// A partition that the group reads nothing of.
    public var partition: TopicPartition
    /// The offset that is committed; the partition's end, so that the group has no lag there.
    public var offset: Int64

    /// Makes a placeholder.
    public init(partition: TopicPartition, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
