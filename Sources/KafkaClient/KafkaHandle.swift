import CRDKafka
import Synchronization

/// Owns one librdkafka client.
///
/// Thread-safe: librdkafka's API is (rdkafka.h), and `pointer` is set once. `destroy` is called
/// once, by the client's thread, after which nobody uses the pointer.
final class KafkaHandle: @unchecked Sendable {
    let pointer: OpaquePointer
    /// Whose group or transactional id it is, for what is said of a refusal.
    let role: ClientRole
    /// OpenSSL's number of the last error in a broker's certificate; 0 without.
    let certificateError = Atomic<Int>(0)

    init(_ properties: ClientProperties, role: ClientRole) throws(KafkaError) {
        guard let conf = rd_kafka_conf_new() else {
            throw KafkaError(code: .other, reason: "librdkafka cannot create a configuration")
        }
        do throws(KafkaError) {
            for (name, value) in properties.pairs {
                try KafkaHandle.set(conf, name, value)
            }
        } catch {
            rd_kafka_conf_destroy(conf)
            throw error
        }
        rd_kafka_conf_set_events(conf, KafkaHandle.events(for: role))
        crdkafka_tell_certificate_errors(conf)
        let type = role.isConsuming ? RD_KAFKA_CONSUMER : RD_KAFKA_PRODUCER
        var made: OpaquePointer?
        let message = withCMessage { buffer, size in
            made = rd_kafka_new(type, conf, buffer, size)
        }
        guard let made else {
            rd_kafka_conf_destroy(conf)
            let reason = KafkaAccessError.ofConfiguration(message) ?? "Kafka client: \(message)"
            throw KafkaError(code: .configuration, reason: reason)
        }
        pointer = made
        self.role = role
        rd_kafka_set_log_queue(made, nil)
    }

    /// Frees the client; `quickly` leaves without a word to the group or the broker.
    func destroy(quickly: Bool = false) {
        rd_kafka_destroy_flags(pointer, quickly ? RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE : 0)
    }

    /// What librdkafka holds to be fatal, if anything.
    var fatalError: KafkaError? {
        var code = RD_KAFKA_RESP_ERR_NO_ERROR
        let message = withCMessage { buffer, size in
            code = rd_kafka_fatal_error(pointer, buffer, size)
        }
        guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        return error(code, context: message, isFatal: true)
    }

    // MARK: - Setting up

    private static func set(
        _ conf: OpaquePointer,
        _ name: String,
        _ value: String
    ) throws(KafkaError) {
        var result = RD_KAFKA_CONF_OK
        let message = withCMessage { buffer, size in
            result = rd_kafka_conf_set(conf, name, value, buffer, size)
        }
        guard result == RD_KAFKA_CONF_OK else {
            throw KafkaError(code: .configuration, reason: "Kafka property “\(name)”: \(message)")
        }
    }

    private static func events(for role: ClientRole) -> Int32 {
        let common = RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_LOG | RD_KAFKA_EVENT_STATS
        switch role {
        case .producer, .transactions:
            return common | RD_KAFKA_EVENT_DR
        case .consumer:
            return common | RD_KAFKA_EVENT_FETCH | RD_KAFKA_EVENT_REBALANCE
                | RD_KAFKA_EVENT_OFFSET_COMMIT
        case .reader:
            return common | RD_KAFKA_EVENT_FETCH
        case .admin:
            return common
        }
    }
}

extension ClientRole {
    var isConsuming: Bool {
        switch self {
        case .producer, .transactions, .admin: false
        case .consumer, .reader: true
        }
    }
}

/// Returns what the C call wrote into the buffer for its message.
func withCMessage(_ body: (UnsafeMutablePointer<CChar>, Int) -> Void) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
        guard let start = buffer.baseAddress else { return "" }
        start.pointee = 0
        body(start, buffer.count)
        return String(cString: start)
    }
}
