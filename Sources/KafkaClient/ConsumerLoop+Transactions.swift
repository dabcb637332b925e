import Synchronization

extension ConsumerLoop {
    func beginTransaction(
        _ offsets: [TopicPartition: Int64],
        generation: Int
    ) -> GroupTransaction? {
        state.withLock { state in
            guard commits == .byTransaction, generation == state.membership.generation,
                let membership = state.membershipBytes,
                offsets.keys.allSatisfy(state.membership.assignment.contains)
            else { return nil }
            let extended = state.tracker.extended(offsets)
            guard !extended.isEmpty else { return nil }
            state.openTransactions += 1
            return GroupTransaction(
                generation: generation,
                offsets: extended,
                membership: membership
            )
        }
    }

    func endTransaction(_ transaction: GroupTransaction, isCommitted: Bool) {
        state.withLock { state in
            state.openTransactions -= 1
            guard isCommitted else { return }
            for (partition, offset) in transaction.offsets {
                state.tracker.noteCommitted(
                    offset,
                    of: partition,
                    generation: transaction.generation
                )
            }
        }
        // The thread may wait for this before it gives partitions back.
        wake.signal()
    }

    /// Waits for the transactions under way, and, unless the group is being left, for those that
    /// commit the rest of what is finished.
    func awaitTransactions(until deadline: ContinuousClock.Instant) {
        while ContinuousClock.now < deadline {
            let isSettled = state.withLock { state in
                state.openTransactions == 0
                    && (state.membership.isLeaving || !state.tracker.hasUncommittedRecords)
            }
            guard !isSettled else { return }
            wake.wait(until: min(deadline, .now + .seconds(1)))
        }
        state.withLock { $0.failedCommits += 1 }
    }
}
