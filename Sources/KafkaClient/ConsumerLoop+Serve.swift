import CRDKafka
import Synchronization

extension ConsumerLoop {
    /// Takes at most this many records between two looks at the group's queue.
    private static let longestRun = 256

    func serve() -> ClientTurn {
        serveGroup(until: nil)
        let nextQuestion = startIfKnown()
        for lane in lanes.indices { takeRecords(of: lane) }
        failIfRefused()
        let phase = state.withLock { $0.phase }
        guard case .closing(let deadline) = phase else {
            return .wait(until: [commitIfDue(), nextQuestion].compactMap { $0 }.min())
        }
        leave(until: deadline)
        return .finished
    }

    // MARK: - The group's queue

    /// Serves the group's queue until it is empty; `deadline` bounds commits while leaving.
    func serveGroup(until deadline: ContinuousClock.Instant?) {
        while let event = groupQueue.poll() {
            handle(event, until: deadline)
        }
    }

    /// Answers an event of the group's queue, and frees it.
    func handle(_ event: OpaquePointer, until deadline: ContinuousClock.Instant?) {
        defer { rd_kafka_event_destroy(event) }
        switch rd_kafka_event_type(event) {
        case RD_KAFKA_EVENT_REBALANCE:
            rebalance(event, until: deadline)
        case RD_KAFKA_EVENT_FETCH:
            // A record that was on its way before its partition's queue was forwarded.
            var copier = RecordCopier()
            let generation = state.withLock { $0.membership.generation }
            if let record = copier.record(of: event, generation: generation) {
                add([record])
            }
        case RD_KAFKA_EVENT_OFFSET_COMMIT:
            noteAnswer(
                to: Int(bitPattern: rd_kafka_event_opaque(event)),
                error: rd_kafka_event_error(event),
                elements: PartitionList.elements(rd_kafka_event_topic_partition_list(event))
            )
        default:
            // The end of a partition comes with its records; here it would overtake them.
            guard KafkaHandle.reachedEnd(in: event) == nil,
                let change = handle.status(of: event, log: log)
            else { return }
            apply(change)
        }
    }

    private func apply(_ change: StatusChange) {
        state.withLock { $0.status.apply(change) }
    }

    private func failIfRefused() {
        let answers = state.withLock { state -> [Reply] in
            state.status.endIfRefused()
            return state.status.fatal.map { state.buffer.fail($0) } ?? []
        }
        ConsumerLoop.resume(answers)
    }

    // MARK: - Rebalance

    private func rebalance(_ event: OpaquePointer, until deadline: ContinuousClock.Instant?) {
        let list = rd_kafka_event_topic_partition_list(event)
        switch rd_kafka_event_error(event) {
        case RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS:
            assign(list)
        case RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS:
            revoke(until: deadline)
        default:
            rd_kafka_assign(handle.pointer, nil)
        }
    }

    private func assign(_ list: PartitionList.Pointer?) {
        let partitions = Set(PartitionList.elements(list).map(\.partition))
        let bytes = commits == .byTransaction ? handle.membership : nil
        let steps = state.withLock { state in
            state.membershipBytes = bytes
            let steps = state.membership.assigned(partitions)
            state.track(state.membership.assignment)
            state.committing = nil
            state.isDirty = false
            state.start = nil
            state.status.noteAnswer()
            return steps
        }
        for step in steps {
            switch step {
            case .accept:
                _ = PartitionList.with([:]) { rd_kafka_assign(handle.pointer, $0) }
                forgetRecords()
            case .start:
                guard !partitions.isEmpty else { break }
                state.withLock { $0.start = ReadingStart(partitions: partitions) }
            case .withhold, .commit, .unassign: break
            }
        }
    }

    /// What was read ahead under an assignment is not to be met under the next.
    private func forgetRecords() {
        for queue in recordQueues {
            while let event = queue.poll() { rd_kafka_event_destroy(event) }
        }
    }

    func forward(_ partition: TopicPartition) {
        guard
            let queue = rd_kafka_queue_get_partition(
                handle.pointer,
                partition.topic,
                partition.partition
            )
        else { return }
        rd_kafka_queue_forward(queue, recordQueue(of: partition.topic).pointer)
        rd_kafka_queue_destroy(queue)
    }

    private func revoke(until deadline: ContinuousClock.Instant?) {
        // Lost first: the call tells the truth only until the assignment is given back.
        let lost = rd_kafka_assignment_lost(handle.pointer) != 0
        let steps = state.withLock { $0.membership.revoking(lost: lost) }
        for step in steps {
            switch step {
            case .withhold:
                state.withLock { $0.buffer.removeRecords() }
            case .commit:
                settleCommits(until: deadline ?? .now + revocationLimit)
            case .unassign:
                rd_kafka_assign(handle.pointer, nil)
                state.withLock { state in
                    state.membership.revoked(lost: lost)
                    state.track([])
                    state.isDirty = false
                    state.start = nil
                }
                forgetRecords()
            case .accept, .start:
                break
            }
        }
    }

    // MARK: - Records

    /// Moves a lane's records from librdkafka to the buffer, as far as there is room.
    private func takeRecords(of lane: Int) {
        var (wanted, generation) = state.withLock { state in
            (look(at: lane, &state), state.membership.generation)
        }
        var copier = RecordCopier()
        while wanted > 0 {
            let limit = min(wanted, ConsumerLoop.longestRun)
            var records: [ConsumedRecord] = []
            var polled = 0
            while polled < limit, let event = recordQueues[lane].poll() {
                defer { rd_kafka_event_destroy(event) }
                polled += 1
                if let record = copier.record(of: event, generation: generation) {
                    records.append(record)
                } else if let (partition, end) = KafkaHandle.reachedEnd(in: event) {
                    // What was read before the end comes before it.
                    add(records)
                    records = []
                    noteEnd(end, of: partition, generation: generation)
                } else if let change = handle.status(of: event, log: log) {
                    apply(change)
                }
            }
            guard polled > 0 else { return }
            add(records)
            wanted = state.withLock { look(at: lane, &$0) }
            if polled < limit {
                return
            }
            serveGroup(until: nil)
            generation = state.withLock { $0.membership.generation }
        }
    }

    /// Returns a lane's room, and notes whether there is none.
    private func look(at lane: Int, _ state: inout State) -> Int {
        let room = self.room(state, in: lane)
        state.loads[lane].isStalled = room <= 0
        return room
    }

    /// Notes the end of a partition, which may lie behind its last record.
    private func noteEnd(_ end: Int64, of partition: TopicPartition, generation: Int) {
        let tell = state.withLock { state -> (@Sendable () -> Void)? in
            state.status.noteAnswer()
            guard state.membership.isCurrent(partition, generation: generation) else { return nil }
            state.tracker.reachEnd(end, of: partition)
            switch commits {
            case .byConsumer:
                state.isDirty = state.isDirty || state.tracker.hasUncommitted
                return nil
            case .byTransaction:
                return state.tracker.hasUncommittedEnds ? state.onUncommittedEnds : nil
            }
        }
        tell?()
    }

    /// Hands records to the buffer and to those who wait.
    private func add(_ records: [ConsumedRecord]) {
        let answers = state.withLock { state -> [Reply] in
            for record in records
            where !record.isConfirmation
                && state.membership.isCurrent(record.topicPartition, generation: record.generation)
                && state.tracker.read(record.offset, of: record.topicPartition)
            {
                let lane = self.lane(of: record)
                state.loads[lane].unfinished += 1
                state.buffer.append(record, to: lane)
            }
            if !records.isEmpty {
                state.status.noteAnswer()
            }
            return state.buffer.deliver()
        }
        ConsumerLoop.resume(answers)
    }
}
