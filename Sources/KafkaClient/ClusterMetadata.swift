import CRDKafka

/// The metadata of a cluster.
struct ClusterMetadata: Sendable {
    struct Topic: Sendable {
        var partitions: Int
        /// How many partitions have a leader.
        var led: Int { leaders.count { $0 >= 0 } }
        /// Each partition's leading broker, in order; negative while there is none.
        var leaders: [Int32]
    }

    /// The brokers' addresses, `host:port`.
    var brokers: [String] = []
    /// The brokers' numbers.
    var brokerIDs: Set<Int32> = []
    /// The topics that exist, by name.
    var topics: [String: Topic] = [:]

    init(_ metadata: rd_kafka_metadata) {
        let members = UnsafeBufferPointer(
            start: metadata.brokers,
            count: Int(metadata.broker_cnt)
        )
        brokers = members.map { "\(String(cString: $0.host)):\($0.port)" }
        brokerIDs = Set(members.map(\.id))
        for topic in UnsafeBufferPointer(start: metadata.topics, count: Int(metadata.topic_cnt)) {
            guard topic.err == RD_KAFKA_RESP_ERR_NO_ERROR, topic.partition_cnt > 0 else { continue }
            let partitions = UnsafeBufferPointer(
                start: topic.partitions,
                count: Int(topic.partition_cnt)
            )
            topics[String(cString: topic.topic)] = Topic(
                partitions: partitions.count,
                leaders: partitions.sorted { $0.id < $1.id }.map(\.leader)
            )
        }
    }
}
