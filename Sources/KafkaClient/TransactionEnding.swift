/// What a transaction touched.
public struct TransactionTrace: Hashable, Sendable {
    /// The partitions that its records were written to, or may have been.
    public internal(set) var partitions: Set<TopicPartition> = []
    /// The groups that offsets were to be committed of.
    public internal(set) var groups: Set<String> = []

    /// Makes the trace of a transaction.
    public init(partitions: Set<TopicPartition> = [], groups: Set<String> = []) {
        self.partitions = partitions
        self.groups = groups
    }

    /// Whether nothing was touched.
    public var isEmpty: Bool { partitions.isEmpty && groups.isEmpty }
}

/// How a transaction ended, and whether all that it touched can be taken to know of it.
///
/// Its coordinator decides how a transaction ends and tells the partitions afterwards. A Kafka 4.3.0
/// that is killed between the two may forget some of them: there the transaction stays open, until
/// the next one of the same producer ends there, which decides for both. So where a connection was
/// lost, a transaction that touches the same and ends the same way must come before any other:
/// ``TransactionalProducer/confirm(_:placeholder:)``. Whether it was lost in time is known once the
/// next has begun: ``TransactionalProducer/beginAfterTheLast(group:placeholder:within:)``.
public struct TransactionEnding: Hashable, Sendable {
    /// A moment.
    public typealias Instant = ContinuousClock.Instant

    /// What was touched.
    public let trace: TransactionTrace
    /// Whether it was committed.
    public let isCommitted: Bool
    /// When it began.
    public let began: Instant
    /// When its end was known.
    public let ended: Instant

    /// How long after its end the loss of a connection may still have to do with a transaction.
    /// Partitions are told within milliseconds, by a broker under load within seconds.
    public static let memory = Duration.seconds(60)

    /// Makes an ending.
    public init(_ trace: TransactionTrace, isCommitted: Bool, began: Instant, ended: Instant) {
        self.trace = trace
        self.isCommitted = isCommitted
        self.began = began
        self.ended = ended
    }

    /// Whether it is to be confirmed, given when a connection was last lost, if ever.
    public func isDoubtful(connectionLostAt lost: Instant?) -> Bool {
        guard let lost, !trace.isEmpty else { return false }
        return (began...ended + Self.memory).contains(lost)
    }

    /// Whether no loss of a connection can make it doubtful any more.
    public func isSafe(at now: Instant) -> Bool { trace.isEmpty || ended + Self.memory < now }
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
