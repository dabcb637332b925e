/// What a transaction touched.
public struct TouchedPartitions: Hashable, Sendable {
    /// The partitions that its records were written to, or may have been.
    public internal(set) var partitions: Set<TopicPartition> = []
    /// The groups that offsets were to be committed of.
    public internal(set) var groups: Set<String> = []

    /// Makes the touched partitions of a transaction.
    public init(partitions: Set<TopicPartition> = [], groups: Set<String> = []) {
        self.partitions = partitions
        self.groups = groups
    }

    /// Whether nothing was touched.
    public var isEmpty: Bool { partitions.isEmpty && groups.isEmpty }
}

/// How a transaction ended, and whether all that it touched can be taken to know of it.
///
/// Its coordinator decides how a transaction ends and tells the partitions afterwards. A Kafka 4.3.0 to
/// 4.4.0 that misses a partition's broker between the two forgets to (KAFKA-20734): there the transaction stays open,
/// until the next one of the same producer ends there, which decides for both. So where a connection
/// was lost, or a broker stood still for long, a transaction that touches the same and ends the same
/// way must come before any other: ``TransactionalProducer/reassertOutcome(_:placeholder:)``. Whether that
/// was in time to matter is known once the next has begun:
/// ``TransactionalProducer/beginFenced(group:placeholder:)``.
public struct TransactionOutcome: Hashable, Sendable {
    /// A moment.
    public typealias Instant = ContinuousClock.Instant

    /// What was touched.
    public let touched: TouchedPartitions
    /// Whether it was committed.
    public let isCommitted: Bool
    /// When it began.
    public let began: Instant
    /// When its end was known.
    public let ended: Instant

    /// Less than brokers take to find one missing that stands still: from its last answer a session
    /// without a heartbeat, 7 s unless they are set up otherwise.
    public static let shortestMiss = Duration.seconds(3)

    /// Makes an outcome.
    public init(_ touched: TouchedPartitions, isCommitted: Bool, began: Instant, ended: Instant) {
        self.touched = touched
        self.isCommitted = isCommitted
        self.began = began
        self.ended = ended
    }

    /// Whether it is to be confirmed, given when a broker was last missed, if ever: a connection to
    /// it was lost, or it stood still for so long that others may have taken it for gone.
    public func isUncertain(brokerMissedAt missed: Instant?) -> Bool {
        guard let missed, !touched.isEmpty else { return false }
        return began <= missed
    }

    /// Whether a broker that took records of it may stand still and have been missed since.
    public func isLate(at now: Instant) -> Bool { began + Self.shortestMiss < now }
}

extension ProducedRecord {
    /// The name of the header that marks a record which only confirms a transaction.
    ///
    /// Readers of this module never hand such a record out.
    public static let confirmationHeader = "transaction.confirmation"

    /// A record without meaning of its own.
    ///
    /// It has a key, which compacted topics ask for, and no value, so that they forget it.
    init(confirmationIn place: TopicPartition) {
        self.init(
            topic: place.topic,
            partition: place.partition,
            key: Array(Self.confirmationHeader.utf8),
            value: nil,
            headers: [KafkaHeader(name: Self.confirmationHeader, value: [])]
        )
    }
}

extension ConsumedRecord {
    /// Whether it only confirms a transaction.
    var isConfirmation: Bool {
        value == nil && headers.contains { $0.name == ProducedRecord.confirmationHeader }
    }
}
