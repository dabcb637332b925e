import CRDKafka
import Glibc

/// Copies records out of librdkafka's messages, so that the messages can be freed at once.
struct RecordCopier {
    private var topic = ""

    /// Returns the record of a fetch event, or `nil` if it has none; the caller frees the event.
    mutating func record(of event: OpaquePointer, generation: Int) -> ConsumedRecord? {
        guard let message = rd_kafka_event_message_next(event) else { return nil }
        guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        if let name = message.pointee.rkt.flatMap({ rd_kafka_topic_name($0) }) {
            // Most records come from the topic of the one before: its name is not copied again.
            if topic.withCString({ strcmp($0, name) }) != 0 {
                topic = String(cString: name)
            }
        }
        let fields = message.pointee
        return ConsumedRecord(
            topic: topic,
            partition: fields.partition,
            offset: fields.offset,
            generation: generation,
            timestampMillis: rd_kafka_message_timestamp(message, nil),
            key: RecordCopier.bytes(fields.key, fields.key_len),
            value: RecordCopier.bytes(fields.payload, fields.len),
            headers: RecordCopier.headers(of: message)
        )
    }

    private static func bytes(_ start: UnsafeMutableRawPointer?, _ count: Int) -> [UInt8]? {
        guard let start else { return nil }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    private static func headers(of message: UnsafePointer<rd_kafka_message_t>) -> [KafkaHeader] {
        var list: OpaquePointer?
        guard rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list
        else { return [] }
        let count = rd_kafka_header_cnt(list)
        var headers: [KafkaHeader] = []
        headers.reserveCapacity(count)
        for index in 0..<count {
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard
                rd_kafka_header_get_all(list, index, &name, &value, &size)
                    == RD_KAFKA_RESP_ERR_NO_ERROR,
                let name
            else { continue }
            let bytes = [UInt8](
                UnsafeRawBufferPointer(start: value, count: value == nil ? 0 : size)
            )
            headers.append(KafkaHeader(name: String(cString: name), value: bytes))
        }
        return headers
    }
}
