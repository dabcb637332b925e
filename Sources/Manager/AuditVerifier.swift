internal import GridTopics
public import KafkaClient

/// Reads the whole audit and checks its chains.
public struct AuditVerifier: Sendable {
    /// What was found.
    public struct Finding: Sendable {
        /// How many records there are.
        public var records: Int
        /// How many compute-managers wrote them.
        public var writers: Int
        /// The records that do not follow the ones before them, the first 50, as
        /// `offset 17: what is wrong`.
        public var breaks: [String]
        /// How many there are in all.
        public var breakCount: Int
    }

    static let mostShown = 50

    private let configuration: KafkaConfiguration
    private let topic: String

    /// A verifier of a topic.
    public init(configuration: KafkaConfiguration, topic: String) {
        self.configuration = configuration
        self.topic = topic
    }

    /// Reads all records that are there now.
    ///
    /// - Throws: `KafkaError` when they cannot be read.
    public func verify() async throws -> Finding {
        let partition = TopicPartition(topic: topic, partition: 0)
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: [partition: .beginning]
        )
        do {
            let finding = try await verify(reader, partition)
            await reader.close()
            return finding
        } catch {
            await reader.close()
            throw error
        }
    }

    private func verify(
        _ reader: KafkaReader,
        _ partition: TopicPartition
    ) async throws -> Finding {
        let ranges = try await reader.endOffsets()
        let ends = InitialEnds(ranges)
        var chain = AuditChain(isCut: (ranges[partition]?.low ?? 0) > 0)
        var finding = Finding(records: 0, writers: 0, breaks: [], breakCount: 0)
        while !ends.areReached(by: reader.positions) {
            for record in try await reader.nextBatch(maximum: 1_000, within: .seconds(1)) {
                guard let problem = chain.add(record.value ?? []) else { continue }
                finding.breakCount += 1
                guard finding.breaks.count < Self.mostShown else { continue }
                finding.breaks.append("offset \(record.offset): \(problem)")
            }
        }
        finding.records = chain.count
        finding.writers = chain.newest.count
        return finding
    }
}
