import CRDKafka

/// Where librdkafka cannot learn what the group has committed for a partition, it tries again for some
/// errors only; after others it says so once, and reads nothing of that partition until it is assigned
/// again (`rd_kafka_assignment_apply_offsets`). A coordinator that moves or starts is such an error.
extension ConsumerLoop {
    private static let pause = Duration.milliseconds(250)
    /// The one sign of it: the codes are those of other errors as well.
    private static let offsetFailure = "Failed to fetch committed offset"

    /// Why committed offsets are not known, if that is what an event says.
    static func offsetFailure(_ event: OpaquePointer) -> String? {
        guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR,
            let words = rd_kafka_event_error_string(event).map({ String(cString: $0) }),
            words.hasPrefix(offsetFailure)
        else { return nil }
        return words
    }

    func noteOffsetFailure(_ reason: String) {
        log?(KafkaLogLine(level: 4, facility: "OFFSETFETCH", message: "\(reason); asking again"))
        state.withLock { state in
            state.reassignAt = state.reassignAt ?? .now + ConsumerLoop.pause
        }
    }

    /// Gives what is assigned back and takes it again if it is time to; returns when it will be.
    func reassignIfDue() -> ContinuousClock.Instant? {
        let partitions = state.withLock { state -> Set<TopicPartition> in
            guard let due = state.reassignAt, due <= .now else { return [] }
            state.reassignAt = nil
            return state.membership.isLeaving ? [] : state.membership.assignment
        }
        // Those of a lost assignment come again by themselves.
        if !partitions.isEmpty, rd_kafka_assignment_lost(handle.pointer) == 0 {
            revoke(until: nil)
            let stored = Int64(RD_KAFKA_OFFSET_INVALID)
            let list = Dictionary(uniqueKeysWithValues: partitions.map { ($0, stored) })
            PartitionList.with(list) { assign($0) }
        }
        return state.withLock { $0.reassignAt }
    }

    /// Notes whether anything is read of what is assigned, and says when nothing has been for long:
    /// a group's offsets that are part of a transaction are not known before it ends.
    func noteReading(_ isReading: Bool) {
        let change = state.withLock { state -> String? in
            guard !isReading, !state.membership.assignment.isEmpty, !state.status.brokersDown
            else {
                state.unreadSince = nil
                defer { state.isStalled = false }
                return state.isStalled ? "the assigned partitions are read again" : nil
            }
            let since = state.unreadSince ?? .now
            state.unreadSince = since
            guard !state.isStalled, since + stallPatience <= .now else { return nil }
            state.isStalled = true
            return "nothing was read of the assigned partitions for \(stallPatience): the group's"
                + " offsets are not known as long as a transaction with some of them is open"
        }
        guard let change else { return }
        log?(KafkaLogLine(level: 4, facility: "STALL", message: change))
    }
}
