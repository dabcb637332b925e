internal import KafkaClient

/// Writes batches one by one, many in flight at the same time.
///
/// Batches that a killed submission had in flight may arrive after its successor has searched for
/// them, and are then there twice. Without transactions this cannot be prevented.
struct AtLeastOncePublication: Sendable {
    let producer: KafkaProducer
    /// How many batches are in flight to Kafka at the same time.
    let window: Int

    /// Writes the batches at `positions`; `acknowledged` is called after each.
    func publish(
        _ records: BatchRecords,
        at positions: [Int],
        admit: @Sendable (Int) async throws -> Void,
        acknowledged: () -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            var onTheirWay = 0
            for position in positions {
                try await admit(position)
                if onTheirWay >= window {
                    try await group.next()
                    onTheirWay -= 1
                    acknowledged()
                }
                let record = try records.record(position)
                group.addTask { try await producer.write(record) }
                onTheirWay += 1
            }
            while try await group.next() != nil { acknowledged() }
        }
    }
}

extension KafkaProducer {
    /// Writes a record of a submission.
    func write(_ record: ProducedRecord) async throws(SubmissionError) {
        do {
            _ = try await send(record)
        } catch {
            throw SubmissionError(
                code: .kafka,
                reason: "cannot write to \(record.topic): \(error.reason)"
            )
        }
    }
}
