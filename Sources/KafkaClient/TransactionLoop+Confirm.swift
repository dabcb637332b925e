import CRDKafka

extension TransactionLoop {
    /// Carries out a transaction that touches what another did and ends the same way.
    func confirm(
        _ ending: TransactionEnding,
        placeholder: TopicPartition?,
        until deadline: Instant
    ) throws(TransactionError) {
        try begin()
        try send(
            ending.trace.partitions.map(ProducedRecord.init(confirmationIn:)),
            until: deadline
        )
        // Where they are written, the coordinator serves: the rest hardly fails.
        try awaitDelivery(until: deadline)
        if let placeholder {
            for group in ending.trace.groups {
                try touch(group, placeholder: placeholder, until: deadline)
            }
        }
        if ending.isCommitted {
            try commit(until: deadline)
        } else {
            try abort(until: deadline)
        }
    }

    /// Makes an offset that nobody reads from part of the transaction.
    ///
    /// Not as a member of the group, which may have gone on: what members commit stays as it is.
    private func touch(
        _ group: String,
        placeholder: TopicPartition,
        until deadline: Instant
    ) throws(TransactionError) {
        guard let metadata = rd_kafka_consumer_group_metadata_new(group) else { return }
        defer { rd_kafka_consumer_group_metadata_destroy(metadata) }
        while true {
            do throws(TransactionError) {
                return try add([placeholder: 0], of: metadata, until: deadline)
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
