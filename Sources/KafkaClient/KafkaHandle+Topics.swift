import CRDKafka

extension KafkaHandle {
    /// Creates topics; returns the names of those that did not exist before.
    ///
    /// Blocks at most until the deadline.
    func create(
        _ topics: [TopicSpecification],
        until deadline: ContinuousClock.Instant
    ) throws(KafkaError) -> [String] {
        var made: [OpaquePointer?] = []
        defer {
            for topic in made {
                rd_kafka_NewTopic_destroy(topic)
            }
        }
        for topic in topics {
            made.append(try KafkaHandle.makeTopic(topic))
        }
        let options = rd_kafka_AdminOptions_new(pointer, RD_KAFKA_ADMIN_OP_CREATETOPICS)
        defer { rd_kafka_AdminOptions_destroy(options) }
        let left = max(1, ContinuousClock.now.duration(to: deadline).wholeMilliseconds)
        _ = withCMessage { buffer, size in
            rd_kafka_AdminOptions_set_request_timeout(
                options,
                Int32(clamping: left),
                buffer,
                size
            )
        }
        let answers = rd_kafka_queue_new(pointer)
        defer { rd_kafka_queue_destroy(answers) }
        rd_kafka_CreateTopics(pointer, &made, made.count, options, answers)
        // A little longer, for what librdkafka says when the time is over.
        guard let event = rd_kafka_queue_poll(answers, Int32(clamping: left + 500)) else {
            throw KafkaError(
                code: .timedOut,
                reason: "the topics were not created in time",
                isRetriable: true
            )
        }
        defer { rd_kafka_event_destroy(event) }
        return try KafkaHandle.createdNames(event)
    }

    private static func makeTopic(_ topic: TopicSpecification) throws(KafkaError) -> OpaquePointer {
        var made: OpaquePointer?
        let message = withCMessage { buffer, size in
            made = rd_kafka_NewTopic_new(
                topic.name,
                Int32(clamping: topic.partitions),
                Int32(clamping: topic.replicationFactor),
                buffer,
                size
            )
        }
        guard let made else {
            throw KafkaError(code: .configuration, reason: "topic \(topic.name): \(message)")
        }
        for (name, value) in topic.configuration {
            rd_kafka_NewTopic_set_config(made, name, value)
        }
        return made
    }

    private static func createdNames(_ event: OpaquePointer) throws(KafkaError) -> [String] {
        let error = rd_kafka_event_error(event)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            let words = rd_kafka_event_error_string(event).map { String(cString: $0) } ?? ""
            throw KafkaError(error, context: "topics were not created: \(words)")
        }
        var count = 0
        let results = rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(event),
            &count
        )
        var created: [String] = []
        var refused: [String] = []
        for result in UnsafeBufferPointer(start: results, count: count) {
            guard let result else { continue }
            let name = String(cString: rd_kafka_topic_result_name(result))
            switch rd_kafka_topic_result_error(result) {
            case RD_KAFKA_RESP_ERR_NO_ERROR:
                created.append(name)
            case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS:
                // Another program created it first.
                break
            case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
                refused.append(name)
            case let error:
                let words = rd_kafka_topic_result_error_string(result).map { String(cString: $0) }
                throw KafkaError(error, context: "topic \(name): \(words ?? "not created")")
            }
        }
        guard refused.isEmpty else {
            // A topic that one may not see is as good as missing.
            throw KafkaError(
                code: .authorization,
                reason: "not authorized to see or to create topics: "
                    + refused.sorted().joined(separator: ", ")
            )
        }
        return created
    }
}
