import CRDKafka
import Synchronization

extension ConsumerLoop {
    /// Commits earlier when no work is left, but not for each record.
    private static let idleCommitInterval = Duration.milliseconds(25)

    /// Commits in the background if a commit is due; otherwise returns when it will be.
    func commitIfDue() -> ContinuousClock.Instant? {
        guard commits == .byConsumer else { return nil }
        let (offsets, generation, deadline) = state.withLock {
            state -> ([TopicPartition: Int64], Int, ContinuousClock.Instant?) in
            guard state.isDirty, state.committing == nil else { return ([:], 0, nil) }
            let isIdle = state.isIdle
            let interval = isIdle ? min(commitInterval, Self.idleCommitInterval) : commitInterval
            let now = ContinuousClock.now
            guard state.lastCommit + interval <= now else {
                return ([:], 0, state.lastCommit + interval)
            }
            state.isDirty = false
            let offsets = state.tracker.uncommitted
            guard !offsets.isEmpty else { return ([:], 0, nil) }
            state.lastCommit = now
            state.committing = state.membership.generation
            return (offsets, state.membership.generation, nil)
        }
        guard !offsets.isEmpty else { return deadline }
        let error = commit(offsets, generation: generation, answerTo: groupQueue.pointer)
        if error != RD_KAFKA_RESP_ERR_NO_ERROR {
            noteAnswer(to: generation, error: error, elements: [])
        }
        return nil
    }

    /// Commits all finished records, at most until the deadline.
    func settleCommits(until deadline: ContinuousClock.Instant) {
        switch commits {
        case .byConsumer: commitAndWait(until: deadline)
        case .byTransaction: awaitTransactions(until: deadline)
        }
    }

    /// Commits the finished records and waits for the broker's answer.
    private func commitAndWait(until deadline: ContinuousClock.Instant) {
        let (offsets, generation) = state.withLock { state in
            (state.tracker.uncommitted, state.membership.generation)
        }
        guard !offsets.isEmpty, let answers = rd_kafka_queue_new(handle.pointer) else { return }
        defer { rd_kafka_queue_destroy(answers) }
        let error = commit(offsets, generation: generation, answerTo: answers)
        guard error == RD_KAFKA_RESP_ERR_NO_ERROR else {
            noteAnswer(to: generation, error: error, elements: [])
            return
        }
        while ContinuousClock.now < deadline {
            let left = ContinuousClock.now.duration(to: deadline).wholeMilliseconds
            guard let event = rd_kafka_queue_poll(answers, Int32(min(left, 1_000))) else {
                continue
            }
            defer { rd_kafka_event_destroy(event) }
            guard rd_kafka_event_type(event) == RD_KAFKA_EVENT_OFFSET_COMMIT else { continue }
            noteAnswer(
                to: generation,
                error: rd_kafka_event_error(event),
                elements: PartitionList.elements(rd_kafka_event_topic_partition_list(event))
            )
            return
        }
        state.withLock { $0.failedCommits += 1 }
    }

    /// Advances the committed offsets to those that the broker confirms, and no further.
    func noteAnswer(
        to generation: Int,
        error: rd_kafka_resp_err_t,
        elements: [PartitionList.Element]
    ) {
        state.withLock { state in
            if state.committing == generation {
                state.committing = nil
            }
            var failure = error
            if error == RD_KAFKA_RESP_ERR_NO_ERROR {
                state.status.noteAnswer()
                for element in elements {
                    if element.error == RD_KAFKA_RESP_ERR_NO_ERROR {
                        state.tracker.noteCommitted(
                            element.offset,
                            of: element.partition,
                            generation: generation
                        )
                    } else {
                        failure = element.error
                    }
                }
            }
            if failure != RD_KAFKA_RESP_ERR_NO_ERROR,
                failure != RD_KAFKA_RESP_ERR__NO_OFFSET
            {
                state.failedCommits += 1
                state.status.note(handle.error(failure, context: "commit"))
            }
            // Refused offsets, and records finished since, go with the next commit.
            if state.tracker.hasUncommitted {
                state.isDirty = true
            }
        }
    }

    private func commit(
        _ offsets: [TopicPartition: Int64],
        generation: Int,
        answerTo queue: OpaquePointer
    ) -> rd_kafka_resp_err_t {
        PartitionList.with(offsets) { list in
            rd_kafka_commit_queue(
                handle.pointer,
                list,
                queue,
                nil,
                UnsafeMutableRawPointer(bitPattern: generation)
            )
        }
    }
}
