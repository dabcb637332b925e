import CRDKafka

/// The topic objects through which a reader without group starts and stops partitions.
///
/// Thread-safe: the pointers are set once; all else is done by the client's thread, or by the
/// initializer that failed before there was one.
final class ReaderTopics: @unchecked Sendable {
    private let topics: [String: OpaquePointer]
    private let handle: KafkaHandle
    private var started: [TopicPartition] = []

    init(_ handle: KafkaHandle, names: Set<String>) {
        var topics: [String: OpaquePointer] = [:]
        for name in names {
            topics[name] = rd_kafka_topic_new(handle.pointer, name, nil)
        }
        self.topics = topics
        self.handle = handle
    }

    /// Fetches the topics' metadata, at most until the deadline.
    ///
    /// If librdkafka does not know a partition's leader when it starts to read from the
    /// beginning or the end, it retries half a second later.
    func prepare(until deadline: ContinuousClock.Instant) {
        for topic in topics.values {
            let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
            guard left > 0 else { return }
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let limit = Int32(clamping: left)
            guard
                rd_kafka_metadata(handle.pointer, 0, topic, &metadata, limit)
                    == RD_KAFKA_RESP_ERR_NO_ERROR
            else { return }
            rd_kafka_metadata_destroy(metadata)
        }
    }

    func start(
        _ partition: TopicPartition,
        at offset: StartOffset,
        into queue: EventQueue
    ) throws(KafkaError) {
        let place: Int64 =
            switch offset {
            case .beginning: Int64(RD_KAFKA_OFFSET_BEGINNING)
            case .end: Int64(RD_KAFKA_OFFSET_END)
            case .offset(let offset): offset
            }
        let isRefused =
            if let topic = topics[partition.topic] {
                rd_kafka_consume_start_queue(topic, partition.partition, place, queue.pointer) != 0
            } else {
                true
            }
        guard !isRefused else {
            throw KafkaError(
                code: .configuration,
                reason: "\(partition) cannot be read from \(offset)",
                isFatal: true
            )
        }
        started.append(partition)
    }

    /// Stops the partitions, which librdkafka requires before a client is freed, and frees the
    /// topics.
    func stop() {
        for partition in started {
            guard let topic = topics[partition.topic] else { continue }
            rd_kafka_consume_stop(topic, partition.partition)
        }
        topics.values.forEach(rd_kafka_topic_destroy)
    }
}
