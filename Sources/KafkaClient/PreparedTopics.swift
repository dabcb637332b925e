import CRDKafka
import Synchronization

/// Topics whose metadata a client keeps, so that the first record to each is sent at once: without
/// it librdkafka requests a new topic's leader up to a second after the first record.
///
/// `@unchecked Sendable`: pointers are kept under the lock, and only the client's thread uses them.
final class PreparedTopics: Sendable {
    private struct Handle: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private let handles = Mutex<[String: Handle]>([:])

    /// Fetches the metadata of topics; blocks the client's thread at most until the deadline.
    func prepare(
        _ topics: [String],
        on client: KafkaHandle,
        until deadline: ContinuousClock.Instant
    ) -> Result<Void, KafkaError> {
        for name in topics where handles.withLock({ $0[name] }) == nil {
            guard let topic = rd_kafka_topic_new(client.pointer, name, nil) else {
                return .failure(KafkaError(rd_kafka_last_error(), context: "topic \(name)"))
            }
            handles.withLock { $0[name] = Handle(pointer: topic) }
            let left = max(1, ContinuousClock.now.duration(to: deadline).wholeMilliseconds)
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let error = rd_kafka_metadata(
                client.pointer,
                0,
                topic,
                &metadata,
                Int32(clamping: left)
            )
            guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
                return .failure(KafkaError(error, context: "metadata of \(name)"))
            }
            rd_kafka_metadata_destroy(metadata)
        }
        return .success(())
    }

    /// Releases the topics, before the client is freed.
    func release() {
        let taken = handles.withLock { handles in
            defer { handles = [:] }
            return handles.values
        }
        for handle in taken { rd_kafka_topic_destroy(handle.pointer) }
    }
}
