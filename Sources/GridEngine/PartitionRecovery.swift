internal import KafkaClient

/// Since when partitions and groups have answered again after a broker was missed.
///
/// A coordinator hears of a partition's new leader later than the partition's clients may. A Kafka 4.3.0
/// to 4.4.0 that ends a transaction in between skips the marker (KAFKA-20734), though no connection was
/// lost since the transaction began. So an outcome is known everywhere only if its transaction began
/// once all that it touched had answered for a while.
struct PartitionRecovery {
    typealias Instant = ContinuousClock.Instant

    private enum Place: Hashable {
        case partition(TopicPartition)
        case group(String)
    }

    /// How long a coordinator may take to hear of a leader.
    static let settling = Duration.seconds(1)
    /// How long after a broker was missed the first answer of a partition may be that of its return.
    static let memory = Duration.seconds(300)

    private var answeredAt: [Place: Instant] = [:]

    /// Notes a transaction whose records and offsets were written.
    ///
    /// - Parameters:
    ///   - outcome: its end.
    ///   - missed: when a broker was last missed, if ever.
    mutating func note(_ outcome: TransactionOutcome, brokerMissedAt missed: Instant?) {
        guard let missed, outcome.ended < missed + Self.memory else { return answeredAt = [:] }
        for place in Self.places(of: outcome)
        where answeredAt[place].map({ $0 <= missed }) ?? true {
            answeredAt[place] = outcome.ended
        }
    }

    /// Returns when a transaction is to be confirmed whose coordinator may not have known a leader;
    /// `nil` if it knew them all.
    func confirmation(of outcome: TransactionOutcome) -> Instant? {
        let last = Self.places(of: outcome).compactMap { answeredAt[$0] }.max()
        guard let due = last.map({ $0 + Self.settling }), outcome.began < due else { return nil }
        return due
    }

    private static func places(of outcome: TransactionOutcome) -> [Place] {
        outcome.touched.partitions.map(Place.partition) + outcome.touched.groups.map(Place.group)
    }
}
