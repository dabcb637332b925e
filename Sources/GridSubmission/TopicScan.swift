internal import GridProtocol
internal import KafkaClient

/// Reads topics as far as they go at present, outside any group.
struct TopicScan: Sendable {
    /// After so many seconds without a record a scan ends.
    private static let patience = 15

    let configuration: KafkaConfiguration

    /// Returns the number of a topic's partitions.
    func partitionCount(of topic: String) async throws(SubmissionError) -> Int {
        do throws(KafkaError) {
            return try await KafkaAdmin.partitionCounts(
                ofExisting: [topic],
                configuration: configuration
            )[topic] ?? 0
        } catch {
            throw SubmissionError(code: .kafka, reason: error.reason)
        }
    }

    /// Calls `take` with every record of a topic, in order within each partition.
    func records(of topic: String, _ take: (ConsumedRecord) -> Void) async throws(SubmissionError) {
        try await read(topic, start: try await beginnings(of: topic)) { record in
            take(record)
            return true
        }
    }

    /// Calls `take` with the records of a topic since a time, in order within each partition, until
    /// it returns false.
    ///
    /// - Parameters:
    ///   - topic: the topic.
    ///   - time: microseconds since 1970-01-01 UTC. Records that are older may come as well, as
    ///     those of a broker that cannot search by time do.
    ///   - take: gets a record, says whether it wants more.
    /// - Throws: ``SubmissionError`` `kafka` when the topic cannot be read.
    func records(
        of topic: String,
        since time: Int64,
        _ take: (ConsumedRecord) -> Bool
    ) async throws(SubmissionError) {
        var start = try await beginnings(of: topic)
        guard !start.isEmpty else { return }
        do throws(KafkaError) {
            let reader = try KafkaReader(configuration: configuration, start: start)
            do throws(KafkaError) {
                let ranges = try await reader.endOffsets(since: time / 1_000)
                if ranges.values.contains(where: { $0.low < $0.high }) {
                    start = ranges.mapValues { .offset($0.low) }
                }
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        } catch {
            throw SubmissionError(code: .kafka, reason: "cannot read \(topic): \(error.reason)")
        }
        try await read(topic, start: start, take)
    }

    /// Returns the record at a place; nil when there is none.
    func record(
        at offset: Int64,
        in partition: Int32,
        of topic: String
    ) async throws(SubmissionError) -> ConsumedRecord? {
        guard partition < (try await partitionCount(of: topic)) else { return nil }
        let place = TopicPartition(topic: topic, partition: partition)
        var found: ConsumedRecord?
        try await read(topic, start: [place: .offset(offset)]) { record in
            // For an offset past the end or before the beginning, Kafka starts elsewhere.
            if record.offset == offset { found = record }
            return false
        }
        return found
    }

    // MARK: Private

    /// The beginning of each partition of a topic.
    private func beginnings(
        of topic: String
    ) async throws(SubmissionError) -> [TopicPartition: StartOffset] {
        let partitions = 0..<Int32(try await partitionCount(of: topic))
        return Dictionary(
            uniqueKeysWithValues: partitions.map {
                (TopicPartition(topic: topic, partition: $0), StartOffset.beginning)
            }
        )
    }

    private func read(
        _ topic: String,
        start: [TopicPartition: StartOffset],
        _ take: (ConsumedRecord) -> Bool
    ) async throws(SubmissionError) {
        do throws(KafkaError) {
            let reader = try KafkaReader(configuration: configuration, start: start)
            do throws(KafkaError) {
                try await read(reader, start, take)
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        } catch {
            throw SubmissionError(code: .kafka, reason: "cannot read \(topic): \(error.reason)")
        }
    }

    /// Reads until `take` wants no more or the present ends of the topic are reached.
    private func read(
        _ reader: KafkaReader,
        _ start: [TopicPartition: StartOffset],
        _ take: (ConsumedRecord) -> Bool
    ) async throws(KafkaError) {
        var open = try await reader.endOffsets().filter { partition, range in
            if case .offset(let first)? = start[partition], first >= range.high { return false }
            return range.high > range.low
        }
        .mapValues(\.high)
        var silent = 0
        while !open.isEmpty {
            let records = try await reader.nextBatch(
                maximum: 1_000,
                before: open,
                within: .seconds(1)
            )
            for record in records {
                guard take(record) else { return }
            }
            // Positions also pass transaction markers and compacted offsets.
            let positions = reader.positions
            open = open.filter { partition, end in (positions[partition] ?? 0) < end }
            silent = records.isEmpty ? silent + 1 : 0
            guard open.isEmpty || silent < Self.patience else {
                throw KafkaError(
                    code: .timedOut,
                    reason: "no record arrived for \(Self.patience) s; more were expected"
                )
            }
        }
    }
}
