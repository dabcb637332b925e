internal import GridTopics
internal import KafkaClient

/// Finds out from written records whether a transaction committed, once its coordinator is done.
struct TransactionOutcomeProbe {
    private let configuration: KafkaConfiguration
    private let firstOffsets: [TopicPartition: Int64]

    /// How long a partition may take to give a record.
    private static let patience = Duration.seconds(10)

    /// Makes a probe of the records that begin at `firstOffsets` in each partition.
    init(_ configuration: KafkaConfiguration, of firstOffsets: [TopicPartition: Int64]) {
        self.configuration = configuration
        self.firstOffsets = firstOffsets
    }

    /// Asks the partitions.
    func look() async -> TransactionVisibility {
        guard !firstOffsets.isEmpty else { return .undecided }
        do throws(KafkaError) {
            // An open transaction that is the oldest of its partition begins where that ends for
            // readers of committed records.
            let ends = try await ends()
            if firstOffsets.allSatisfy({ ends[$0.key] == $0.value }) { return .undecided }
            for (partition, first) in firstOffsets where (ends[partition] ?? 0) > first {
                switch try await isVisible(first, in: partition) {
                case true?: return .committed
                case false?: return .aborted
                case nil: return .unclear
                }
            }
            return .unclear
        } catch {
            return .unclear
        }
    }

    private func ends() async throws(KafkaError) -> [TopicPartition: Int64] {
        let reader = try reader(from: firstOffsets)
        let ends = await Self.ends(reader)
        await reader.close()
        return try ends.get()
    }

    private static func ends(
        _ reader: KafkaReader
    ) async -> Result<[TopicPartition: Int64], KafkaError> {
        do throws(KafkaError) {
            return .success(try await reader.endOffsets().mapValues(\.high))
        } catch {
            return .failure(error)
        }
    }

    /// Whether a record is committed; `nil` if that is not known in time.
    private func isVisible(
        _ offset: Int64,
        in partition: TopicPartition
    ) async throws(KafkaError) -> Bool? {
        let reader = try reader(from: [partition: offset])
        let first = await Self.first(reader)
        let isAtEnd = reader.isAtEnd
        await reader.close()
        guard let first = try first.get() else { return isAtEnd ? false : nil }
        return first == offset
    }

    /// The offset of the first record that can be read.
    private static func first(_ reader: KafkaReader) async -> Result<Int64?, KafkaError> {
        let deadline = ContinuousClock.now + patience
        do throws(KafkaError) {
            while !reader.isAtEnd, ContinuousClock.now < deadline {
                if let record = try await reader.nextBatch(maximum: 1, within: .seconds(1)).first {
                    return .success(record.offset)
                }
            }
            return .success(nil)
        } catch {
            return .failure(error)
        }
    }

    private func reader(
        from offsets: [TopicPartition: Int64]
    ) throws(KafkaError) -> KafkaReader {
        try KafkaReader(
            configuration: configuration,
            isolation: .readCommitted,
            start: offsets.mapValues { .offset($0) }
        )
    }
}
