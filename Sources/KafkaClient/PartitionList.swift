import CRDKafka

/// librdkafka's list of partitions, built from ours and freed after use.
enum PartitionList {
    typealias Pointer = UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    /// Calls `body` with a list of partitions and offsets, and frees it.
    static func with<Value>(
        _ offsets: [TopicPartition: Int64],
        _ body: (Pointer?) -> Value
    ) -> Value {
        let list = rd_kafka_topic_partition_list_new(Int32(offsets.count))
        defer {
            if let list {
                rd_kafka_topic_partition_list_destroy(list)
            }
        }
        for (partition, offset) in offsets {
            let element = rd_kafka_topic_partition_list_add(
                list,
                partition.topic,
                partition.partition
            )
            element?.pointee.offset = offset
        }
        return body(list)
    }

    /// The elements of a list that the caller owns.
    static func elements(_ list: Pointer?) -> [Element] {
        guard let list, let first = list.pointee.elems else { return [] }
        return UnsafeBufferPointer(start: first, count: Int(list.pointee.cnt)).map { element in
            Element(
                partition: TopicPartition(
                    topic: element.topic.map { String(cString: $0) } ?? "",
                    partition: element.partition
                ),
                offset: element.offset,
                error: element.err
            )
        }
    }

    struct Element {
        var partition: TopicPartition
        var offset: Int64
        var error: rd_kafka_resp_err_t
    }
}
