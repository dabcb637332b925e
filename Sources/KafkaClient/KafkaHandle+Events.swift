import CRDKafka
import Glibc
import Synchronization

extension KafkaHandle {
    /// Handles the events that every client has; returns a change of its status.
    func status(
        of event: OpaquePointer,
        log: (@Sendable (KafkaLogLine) -> Void)?
    ) -> StatusChange? {
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_ERROR:
            let error = rd_kafka_event_error(event)
            switch error {
            case RD_KAFKA_RESP_ERR__FATAL:
                return fatalError.map(StatusChange.error)
            case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
                return .allBrokersDown
            default:
                let words = rd_kafka_event_error_string(event).map { String(cString: $0) }
                return .error(
                    self.error(error, context: words, topic: KafkaHandle.topic(of: event))
                )
            }
        case RD_KAFKA_EVENT_STATS:
            guard let statistics = rd_kafka_event_stats(event) else { return nil }
            return KafkaHandle.showsConnection(statistics) ? .answer : nil
        case RD_KAFKA_EVENT_LOG:
            var facility: UnsafePointer<CChar>?
            var message: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard rd_kafka_event_log(event, &facility, &message, &level) == 0 else { return nil }
            let line = KafkaLogLine(
                level: Int(level),
                facility: facility.map { String(cString: $0) } ?? "",
                message: message.map { String(cString: $0) } ?? ""
            )
            if let number = KafkaAccessError.certificateError(in: line) {
                certificateError.store(number, ordering: .relaxed)
            }
            log?(line)
            return nil
        default:
            return nil
        }
    }

    /// Returns the partition whose end an event says was reached, and that end; `nil` for others.
    ///
    /// All records before it are in the queue before the event; commit markers and aborted records
    /// before it are in none.
    static func reachedEnd(in event: OpaquePointer) -> (partition: TopicPartition, offset: Int64)? {
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR,
            rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__PARTITION_EOF,
            let element = rd_kafka_event_topic_partition(event)
        else { return nil }
        defer { rd_kafka_topic_partition_destroy(element) }
        let partition = TopicPartition(
            topic: element.pointee.topic.map { String(cString: $0) } ?? "",
            partition: element.pointee.partition
        )
        return (partition, element.pointee.offset)
    }

    /// Translates librdkafka's error, about a topic or not, with what this client knows of it.
    func error(
        _ error: rd_kafka_resp_err_t,
        context: String?,
        topic: String? = nil,
        isFatal: Bool = false
    ) -> KafkaError {
        KafkaError(
            error,
            context: context,
            subject: KafkaAccessError.subject(of: error, topic: topic, role: role),
            certificateError: certificateError.load(ordering: .relaxed),
            isFatal: isFatal
        )
    }

    /// Takes an error object over: reads it and frees it; `nil` for success.
    func error(consuming error: OpaquePointer?, context: String) -> KafkaError? {
        guard let error else { return nil }
        defer { rd_kafka_error_destroy(error) }
        let words = String(cString: rd_kafka_error_string(error))
        var result = self.error(
            rd_kafka_error_code(error),
            context: "\(context): \(words)",
            isFatal: rd_kafka_error_is_fatal(error) != 0
        )
        result.isRetriable = result.isRetriable || (rd_kafka_error_is_retriable(error) != 0)
        return result
    }

    private static func topic(of event: OpaquePointer) -> String? {
        guard let element = rd_kafka_event_topic_partition(event) else { return nil }
        defer { rd_kafka_topic_partition_destroy(element) }
        return element.pointee.topic.map { String(cString: $0) }
    }

    /// Looks for a connected broker in the statistics, whatever else they hold.
    private static func showsConnection(_ statistics: UnsafePointer<CChar>) -> Bool {
        strstr(statistics, "\"state\":\"UP\"") != nil
    }
}

/// What an event changes in a client's status.
enum StatusChange: Sendable {
    case error(KafkaError)
    case allBrokersDown
    case answer
}

extension ClientStatus {
    mutating func apply(_ change: StatusChange) {
        switch change {
        case .error(let error): note(error)
        case .allBrokersDown: noteAllBrokersDown()
        case .answer: noteAnswer()
        }
    }
}
