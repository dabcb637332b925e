import CRDKafka
import Glibc

extension KafkaHandle {
    /// Requests the offsets of the oldest record, or the oldest since a time in milliseconds, and
    /// the end of partitions: one request per broker, again while leaders change, as they do after a
    /// topic was created.
    ///
    /// Blocks at most until the deadline. A partition that does not exist is waited for as long.
    func offsets(
        of partitions: some Collection<TopicPartition>,
        since time: Int64? = nil,
        until deadline: ContinuousClock.Instant
    ) -> Result<[TopicPartition: OffsetRange], KafkaError> {
        let topics = Set(partitions.map(\.topic)).sorted()
        while true {
            // Requests leaders as well, which librdkafka would take from older metadata.
            for topic in topics {
                if let refusal = refusal(of: topic, until: deadline) { return .failure(refusal) }
            }
            let result = offsetsOnce(of: partitions, since: time, until: deadline)
            let pause = Duration.milliseconds(50)
            // librdkafka calls a partition without a leader unknown.
            guard case .failure(let error) = result,
                error.isRetriable || error.code == .unknownPartition,
                ContinuousClock.now + pause < deadline
            else { return result }
            usleep(50_000)
        }
    }

    /// Whether the user may not describe the topic: then librdkafka searches its partitions for all
    /// the time allowed, and reports them as unknown.
    private func refusal(of topic: String, until deadline: ContinuousClock.Instant) -> KafkaError? {
        guard let handle = rd_kafka_topic_new(pointer, topic, nil) else { return nil }
        defer { rd_kafka_topic_destroy(handle) }
        let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let error = rd_kafka_metadata(pointer, 0, handle, &metadata, Int32(clamping: max(1, left)))
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata else { return nil }
        defer { rd_kafka_metadata_destroy(metadata) }
        let topics = UnsafeBufferPointer(
            start: metadata.pointee.topics,
            count: Int(metadata.pointee.topic_cnt)
        )
        let isRefused = topics.contains { $0.err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED }
        guard isRefused else { return nil }
        return self.error(
            RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
            context: "asking for end offsets",
            topic: topic
        )
    }

    private func offsetsOnce(
        of partitions: some Collection<TopicPartition>,
        since time: Int64?,
        until deadline: ContinuousClock.Instant
    ) -> Result<[TopicPartition: OffsetRange], KafkaError> {
        do throws(KafkaError) {
            let low = try offsets(
                of: partitions,
                at: time ?? Int64(RD_KAFKA_OFFSET_BEGINNING),
                until: deadline
            )
            let high = try offsets(of: partitions, at: Int64(RD_KAFKA_OFFSET_END), until: deadline)
            var ranges: [TopicPartition: OffsetRange] = [:]
            for partition in partitions {
                guard let low = low[partition], let high = high[partition] else { continue }
                // No record is as new as the time: nothing lies between the offsets.
                ranges[partition] = OffsetRange(low: low < 0 ? high : min(low, high), high: high)
            }
            return .success(ranges)
        } catch {
            return .failure(error)
        }
    }

    private func offsets(
        of partitions: some Collection<TopicPartition>,
        at place: Int64,
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [TopicPartition: Int64] {
        let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
        let asked = Dictionary(uniqueKeysWithValues: partitions.map { ($0, place) })
        let answer = PartitionList.with(asked) { list in
            let error = rd_kafka_offsets_for_times(
                pointer,
                list,
                Int32(clamping: max(1, left))
            )
            return (error, PartitionList.elements(list))
        }
        guard answer.0 == RD_KAFKA_RESP_ERR_NO_ERROR else {
            throw KafkaError(answer.0, context: "asking for end offsets")
        }
        var offsets: [TopicPartition: Int64] = [:]
        for element in answer.1 {
            guard element.error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                throw KafkaError(
                    element.error,
                    context: "asking for the end of \(element.partition)"
                )
            }
            offsets[element.partition] = element.offset
        }
        return offsets
    }
}
