import CRDKafka

/// One of librdkafka's queues, with a wake for the client's thread.
///
/// Thread-safe: a queue's functions are (rdkafka.h), and `pointer` is set once. `close` is called
/// once, by the client's thread, before the client is destroyed.
final class EventQueue: @unchecked Sendable {
    let pointer: OpaquePointer
    private let wake: Wake

    /// Takes over a reference to a queue.
    init(_ pointer: OpaquePointer, wake: Wake) {
        self.pointer = pointer
        self.wake = wake
        rd_kafka_queue_cb_event_enable(
            pointer,
            { _, context in
                guard let context else { return }
                Unmanaged<Wake>.fromOpaque(context).takeUnretainedValue().signal()
            },
            Unmanaged.passUnretained(wake).toOpaque()
        )
    }

    /// Returns the next event that is already there; the caller destroys it.
    func poll() -> OpaquePointer? {
        rd_kafka_queue_poll(pointer, 0)
    }

    /// Stops waking and releases the reference.
    func close() {
        rd_kafka_queue_cb_event_enable(pointer, nil, nil)
        rd_kafka_queue_destroy(pointer)
    }
}
