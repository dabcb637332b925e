import CRDKafka

extension TransactionLoop {
    /// Begins a transaction and returns once Kafka has ended the one before.
    ///
    /// The new one has then touched the group only, and no record.
    func beginFenced(
        group: String,
        placeholder: OffsetPlaceholder,
        until deadline: Instant
    ) throws(TransactionError) {
        try begin()
        do throws(TransactionError) {
            try touch(group, placeholder: placeholder, until: deadline)
        } catch {
            // An abort would be told to the group, which may not know yet of the one before.
            throw TransactionError(.replaceProducer, error.cause)
        }
    }

    /// Carries out a transaction that touches what another did and ends the same way.
    ///
    /// Where it fails, what it touched may end the other way: so it is begun only where all of
    /// the partitions are served.
    func reassertOutcome(
        _ outcome: TransactionOutcome,
        placeholder: OffsetPlaceholder?,
        until deadline: Instant
    ) throws(TransactionError) -> TransactionOutcome {
        try awaitService(of: outcome.touched.partitions, until: deadline)
        try begin()
        let began = Instant.now
        try send(
            outcome.touched.partitions.map(ProducedRecord.init(confirmationIn:)),
            until: deadline
        )
        // Where they are written, the coordinator serves: the rest hardly fails.
        try awaitDelivery(until: deadline)
        if let placeholder {
            for group in outcome.touched.groups {
                try touch(group, placeholder: placeholder, until: deadline)
            }
        }
        if outcome.isCommitted {
            try commit(until: deadline)
        } else {
            try abort(until: deadline)
        }
        return TransactionOutcome(
            touched,
            isCommitted: outcome.isCommitted,
            began: began,
            ended: .now
        )
    }

    /// Waits until each partition has a leader that answers.
    private func awaitService(
        of partitions: Set<TopicPartition>,
        until deadline: Instant
    ) throws(TransactionError) {
        guard !partitions.isEmpty else { return }
        if case .failure(let error) = handle.offsets(of: partitions, until: deadline) {
            throw TransactionError(.tryAgain, error)
        }
    }

    /// Makes an offset that nobody reads from part of the transaction.
    ///
    /// Not as a member of the group, which may have gone on: what members commit stays as it is.
    private func touch(
        _ group: String,
        placeholder: OffsetPlaceholder,
        until deadline: Instant
    ) throws(TransactionError) {
        noteOffsets(of: group)
        guard let metadata = rd_kafka_consumer_group_metadata_new(group) else { return }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        while true {
            do throws(TransactionError) {
                let offsets = [placeholder.partition: placeholder.offset]
                return try add(offsets, of: metadata, until: deadline)
            } catch {
                // Giving up aborts what may have been committed, so a coordinator that moves or a
                // connection that breaks is no reason to.
                let isHopeless = error.cause.isFatal || error.remedy == .abort
                guard !isHopeless, Instant.now < deadline else { throw error }
            }
            serveEvents(for: TransactionLoop.pause)
        }
    }
}
