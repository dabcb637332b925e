import CRDKafka
import Synchronization

extension ConsumerLoop {
    /// Commits the finished records, leaves the group and frees the client.
    ///
    /// The group's events are served on a queue of its own until librdkafka says that the consumer
    /// is closed. If it is not in time, the client ends without leaving the group, which
    /// removes it after the session timeout.
    func leave(until deadline: ContinuousClock.Instant) {
        settleCommits(until: deadline)
        let isClosed = closeConsumer(until: deadline)
        let (closers, isLate) = state.withLock { state in
            state.phase = .closed
            state.membership.left()
            state.track([])
            defer { state.closers = isClosed ? state.closers : [] }
            return (isClosed ? [] : state.closers, !isClosed)
        }
        // Freeing a client that did not close may take long, and the deadline is over.
        closers.forEach { $0.resume() }
        end(quickly: isLate)
        let others = state.withLock { state in
            defer { state.closers = [] }
            return state.closers
        }
        others.forEach { $0.resume() }
    }

    private func closeConsumer(until deadline: ContinuousClock.Instant) -> Bool {
        guard ContinuousClock.now < deadline, let queue = rd_kafka_queue_new(handle.pointer) else {
            return false
        }
        defer { rd_kafka_queue_destroy(queue) }
        let error = KafkaError(consuming: rd_kafka_consumer_close_queue(handle.pointer, queue))
        guard error == nil else { return false }
        while rd_kafka_consumer_closed(handle.pointer) == 0 {
            let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
            guard left > 0 else { return false }
            if let event = rd_kafka_queue_poll(queue, Int32(min(left, 50))) {
                handle(event, until: deadline)
            }
        }
        return true
    }
}
