internal import GridProtocol
internal import KafkaClient

/// The results that readers of committed records see.
struct ResultsTopic: Sendable {
    private static let limit = Duration.seconds(60)

    let topics: Topics
    let bootstrap: String

    /// Returns where the results of each batch of each job are, and whose they are, once no transaction
    /// is open any more.
    func copies() async throws -> [String: [UInt32: [String]]] {
        let deadline = ContinuousClock.now + Self.limit
        let ends = try await ends(.readUncommitted, until: deadline)
        // What is behind an open transaction cannot be seen; the coordinator ends those of the dead.
        while try await ends != self.ends(.readCommitted, until: deadline) {
            guard ContinuousClock.now < deadline else {
                throw FaultTestError(
                    "a transaction stays open for \(Self.limit) in \(topics.results)"
                )
            }
            try await Task.sleep(for: .milliseconds(250))
        }
        let reader = try makeReader(.readCommitted)
        var copies: [String: [UInt32: [String]]] = [:]
        while !reader.isAtEnd {
            guard ContinuousClock.now < deadline else {
                throw FaultTestError("cannot read \(topics.results) within \(Self.limit)")
            }
            for record in try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200)) {
                let result = try BatchResult.decode(record.value ?? [])
                let copy =
                    "\(record.partition)/\(record.offset) by \(result.engineID), taken at"
                    + " \(result.takenAt), priced at \(result.pricedAt), written at"
                    + " \(record.timestampMillis)"
                copies[result.jobID, default: [:]][result.index, default: []].append(copy)
            }
        }
        await reader.close()
        return copies
    }

    private func ends(
        _ isolation: IsolationLevel,
        until deadline: ContinuousClock.Instant
    ) async throws -> [TopicPartition: Int64] {
        let reader = try makeReader(isolation)
        let ends = try await reader.endOffsets(within: ContinuousClock.now.duration(to: deadline))
        await reader.close()
        return ends.mapValues(\.high)
    }

    private func makeReader(_ isolation: IsolationLevel) throws -> KafkaReader {
        let partitions = (0..<topics.resultPartitions).map {
            (TopicPartition(topic: topics.results, partition: Int32($0)), StartOffset.beginning)
        }
        return try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: bootstrap),
            isolation: isolation,
            start: Dictionary(uniqueKeysWithValues: partitions)
        )
    }
}
