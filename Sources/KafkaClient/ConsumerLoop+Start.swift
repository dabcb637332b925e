import CRDKafka
import Synchronization

/// Where reading starts: at the offsets that the group has committed, which are asked for here.
///
/// librdkafka asks as well when it is assigned partitions without offsets. But after some errors it
/// says so once and never reads those partitions, a coordinator that is starting among them; and an
/// answer that came for an earlier assignment, that offsets are part of an open transaction, it may
/// take for none being committed, and begin at the oldest record (`rd_kafka_assignment_apply_offsets`).
///
/// They are asked for once no transaction of this member is under way. A member that lost its
/// coordinator may be given the same generation again, as the same member, and then Kafka still
/// takes what a transaction of the assignment before commits.
extension ConsumerLoop {
    private static let pause = Duration.milliseconds(50)
    private static let longestPatience = Duration.seconds(4)

    /// Begins to read what is assigned if it is known from where; returns when to ask again.
    func startIfKnown() -> ContinuousClock.Instant? {
        let due = state.withLock { state -> ReadingStart? in
            guard let start = state.start, start.askAt <= .now, !state.membership.isLeaving else {
                return nil
            }
            guard state.openTransactions == 0 else {
                // Its end wakes the thread.
                state.start?.since = .now
                return nil
            }
            return start
        }
        if let due {
            switch committedOffsets(of: due.partitions, within: due.patience) {
            case .success(let offsets): begin(at: offsets)
            case .failure(let error): noteUnknown(error)
            }
        }
        return state.withLock { $0.openTransactions == 0 ? $0.start?.askAt : nil }
    }

    // MARK: - Private

    /// The offsets from which to read; none is known while one is part of an open transaction.
    private func committedOffsets(
        of partitions: Set<TopicPartition>,
        within limit: Duration
    ) -> Result<[TopicPartition: Int64], KafkaError> {
        let none = Int64(RD_KAFKA_OFFSET_INVALID)
        let asked = Dictionary(uniqueKeysWithValues: partitions.map { ($0, none) })
        let (error, elements) = PartitionList.with(asked) { list in
            let limit = Int32(clamping: limit.wholeMilliseconds)
            let error = rd_kafka_committed(handle.pointer, list, limit)
            return (error, PartitionList.elements(list))
        }
        for error in [error] + elements.map(\.error) where error != RD_KAFKA_RESP_ERR_NO_ERROR {
            return .failure(handle.error(error, context: "asking for the group's offsets"))
        }
        let oldest = Int64(RD_KAFKA_OFFSET_BEGINNING)
        let offsets = elements.map { ($0.partition, $0.offset >= 0 ? $0.offset : oldest) }
        return .success(Dictionary(offsets) { first, _ in first })
    }

    private func begin(at offsets: [TopicPartition: Int64]) {
        offsets.keys.forEach(forward)
        state.withLock { $0.tracker.begin(at: offsets.filter { $0.value >= 0 }) }
        _ = PartitionList.with(offsets) { rd_kafka_assign(handle.pointer, $0) }
        let wasStalled = state.withLock { state in
            defer { state.start = nil }
            return state.start?.isStalled == true
        }
        if wasStalled { say("the group's offsets are known again") }
    }

    private func noteUnknown(_ error: KafkaError) {
        let isNew = state.withLock { state in
            state.status.note(error)
            guard var start = state.start else { return false }
            start.askAt = .now + ConsumerLoop.pause
            start.patience = min(start.patience * 2, ConsumerLoop.longestPatience)
            let wasStalled = start.isStalled
            start.isStalled = start.since + stallPatience <= .now
            state.start = start
            return start.isStalled && !wasStalled
        }
        guard isNew else { return }
        say(
            "waiting for the group's committed offsets; nothing is read yet (for \(stallPatience));"
                + " a transaction that holds some of them may still be open; \(error.reason)"
        )
    }

    private func say(_ words: String) {
        log?(KafkaLogLine(level: 4, facility: "OFFSETS", message: words))
    }
}
