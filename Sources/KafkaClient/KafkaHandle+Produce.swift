import CRDKafka

extension KafkaHandle {
    /// Gives a record to librdkafka, which copies it; its delivery report will carry `id`.
    ///
    /// Never blocks.
    func produce(_ record: ProducedRecord, id: UInt) -> KafkaError? {
        let headers = KafkaHandle.makeHeaders(record.headers)
        let error = record.topic.withCString { topic in
            KafkaHandle.withBytes(record.key) { key, keySize in
                KafkaHandle.withBytes(record.value) { value, valueSize in
                    crdkafka_produce(
                        pointer,
                        topic,
                        record.partition ?? -1,
                        key,
                        keySize,
                        value,
                        valueSize,
                        headers,
                        UnsafeMutableRawPointer(bitPattern: id)
                    )
                }
            }
        }
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return nil }
        if let headers {
            rd_kafka_headers_destroy(headers)
        }
        if error == RD_KAFKA_RESP_ERR__FATAL || error == RD_KAFKA_RESP_ERR__FENCED {
            return fatalError ?? KafkaError(error, isFatal: true)
        }
        return KafkaError(error, context: "a record for \(record.topic) was refused")
    }

    /// Why a record was not delivered.
    func error(of message: rd_kafka_message_t, context: String) -> KafkaError {
        let topic = message.rkt.flatMap { rd_kafka_topic_name($0) }.map { String(cString: $0) }
        let place = topic.map { "\(context) to \($0)" } ?? context
        return error(message.err, context: place, topic: topic)
    }

    /// All headers go in as one list: librdkafka before 2.12 frees single ones twice on failure.
    private static func makeHeaders(_ headers: [KafkaHeader]) -> OpaquePointer? {
        guard !headers.isEmpty, let list = rd_kafka_headers_new(headers.count) else { return nil }
        for header in headers {
            header.value.withUnsafeBytes { bytes in
                _ = withUnsafePointer(to: 0) { empty in
                    // Without an address librdkafka would make the value null instead of empty.
                    rd_kafka_header_add(
                        list,
                        header.name,
                        -1,
                        bytes.baseAddress ?? UnsafeRawPointer(empty),
                        bytes.count
                    )
                }
            }
        }
        return list
    }

    /// Passes the bytes on; empty ones have an address, missing ones have none.
    private static func withBytes<Value>(
        _ bytes: [UInt8]?,
        _ body: (UnsafeRawPointer?, Int) -> Value
    ) -> Value {
        guard let bytes else { return body(nil, 0) }
        return bytes.withUnsafeBytes { buffer in
            withUnsafePointer(to: 0) { empty in
                body(buffer.baseAddress ?? UnsafeRawPointer(empty), buffer.count)
            }
        }
    }
}
