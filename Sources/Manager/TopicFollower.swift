internal import GridTopics
internal import KafkaClient
internal import Operations

/// Reads a topic as it grows.
struct TopicFollower: Sendable {
    let configuration: KafkaConfiguration
    let topic: String
    /// How many of the newest records of a partition are read; nil for all.
    var newest: Int64?

    /// Hands over records until a signal; `isAtEnd` says that all that was there has been read.
    ///
    /// `skipped` is called first when there are older records than the newest that are read.
    func follow(
        until stopped: ShutdownSignal,
        skipped: @Sendable () -> Void = {},
        _ take: @Sendable (_ records: [ConsumedRecord], _ isAtEnd: Bool) -> Void
    ) async throws {
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: [topic],
            configuration: configuration
        )
        let partitions = (0..<Int32(counts[topic] ?? 0)).map {
            TopicPartition(topic: topic, partition: $0)
        }
        var start = Dictionary(
            uniqueKeysWithValues: partitions.map { ($0, StartOffset.beginning) }
        )
        if let newest {
            let looking = try makeReader(start)
            let ranges = try? await looking.endOffsets()
            await looking.close()
            if ranges?.values.contains(where: { $0.high - $0.low > newest }) ?? true { skipped() }
            for (partition, range) in ranges ?? [:] {
                start[partition] = .offset(max(range.low, range.high - newest))
            }
        }
        let reader = try makeReader(start)
        do {
            let ends = try? InitialEnds(await reader.endOffsets())
            while !stopped.isTriggered {
                let records = try await reader.nextBatch(
                    maximum: 1_000,
                    within: .milliseconds(300)
                )
                take(records, reader.isAtEnd || ends?.areReached(by: reader.positions) == true)
            }
        } catch {
            await reader.close()
            throw error
        }
        await reader.close()
    }

    private func makeReader(
        _ start: [TopicPartition: StartOffset]
    ) throws(KafkaError) -> KafkaReader {
        try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: start,
            maximumBuffered: 2_000
        )
    }
}
