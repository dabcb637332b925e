import CRDKafka
import Glibc

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
                return .error(KafkaError(error, context: words))
            }
        case RD_KAFKA_EVENT_STATS:
            guard let statistics = rd_kafka_event_stats(event) else { return nil }
            return KafkaHandle.showsConnection(statistics) ? .answer : nil
        case RD_KAFKA_EVENT_LOG:
            guard let log else { return nil }
            var facility: UnsafePointer<CChar>?
            var message: UnsafePointer<CChar>?
            var level: Int32 = 0
            guard rd_kafka_event_log(event, &facility, &message, &level) == 0 else { return nil }
            log(
                KafkaLogLine(
                    level: Int(level),
                    facility: facility.map { String(cString: $0) } ?? "",
                    message: message.map { String(cString: $0) } ?? ""
                )
            )
            return nil
        default:
            return nil
        }
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
