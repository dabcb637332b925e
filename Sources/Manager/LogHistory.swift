internal import GridAPI
internal import KafkaClient

/// Reads old lines of the topic `logs`, forward in time.
struct LogHistory: Sendable {
    /// Lines that a filter permits, and where to go on.
    struct Page: Sendable {
        /// In the order of their time.
        var lines: [LogEntry]
        /// The offset of each partition that is read next; nil when all was read.
        var next: [Int32: Int64]?
    }

    /// Of one request.
    static let mostRecords = 200_000
    private static let mostTime = Duration.seconds(5)

    let configuration: KafkaConfiguration
    let topic: String

    /// Reads a page.
    ///
    /// - Parameters:
    ///   - filter: which lines; its `from` is where reading begins.
    ///   - place: `next` of the page before.
    ///   - most: lines of the page. It ends with fewer after ``mostRecords`` records or 5 s.
    /// - Returns: the lines, and where to go on.
    /// - Throws: `KafkaError` when the topic cannot be read.
    func page(
        _ filter: LogRing.Filter,
        after place: [Int32: Int64]?,
        most: Int
    ) async throws(KafkaError) -> Page {
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: [topic],
            configuration: configuration
        )
        let partitions = (0..<Int32(counts[topic] ?? 0)).map {
            TopicPartition(topic: topic, partition: $0)
        }
        guard !partitions.isEmpty else { return Page(lines: [], next: nil) }
        let all = Dictionary(uniqueKeysWithValues: partitions.map { ($0, StartOffset.beginning) })
        let since = filter.from.flatMap(QueryTime.init).map { $0.microseconds / 1_000 }
        let ranges = try await reading(all) { (reader) async throws(KafkaError) in
            let found = try await reader.endOffsets(since: since)
            // A broker that cannot search by time says that nothing is there.
            guard since != nil, !found.values.contains(where: { $0.low < $0.high }) else {
                return found
            }
            return try await reader.endOffsets()
        }
        var start: [TopicPartition: Int64] = [:]
        for (partition, range) in ranges {
            let from = max(place?[partition.partition] ?? range.low, range.low)
            if from < range.high { start[partition] = from }
        }
        guard !start.isEmpty else { return Page(lines: [], next: nil) }
        let first = start
        return try await reading(first.mapValues { .offset($0) }) {
            (reader) async throws(KafkaError) in
            try await read(reader, filter, from: first, to: ranges.mapValues(\.high), most: most)
        }
    }

    private func read(
        _ reader: KafkaReader,
        _ filter: LogRing.Filter,
        from start: [TopicPartition: Int64],
        to ends: [TopicPartition: Int64],
        most: Int
    ) async throws(KafkaError) -> Page {
        let deadline = ContinuousClock.now + Self.mostTime
        var lines: [LogEntry] = []
        var next = start
        var open = ends.filter { start[$0.key] != nil }
        var read = 0
        while !open.isEmpty, lines.count < most, read < Self.mostRecords,
            ContinuousClock.now < deadline
        {
            let records = try await reader.nextBatch(
                maximum: 500,
                before: open,
                within: .milliseconds(500)
            )
            for record in records where lines.count < most {
                let partition = TopicPartition(topic: topic, partition: record.partition)
                next[partition] = record.offset + 1
                guard let value = record.value,
                    let line = try? APIJSON.decoded(LogEntry.self, from: value)
                else { continue }
                if filter.permits(line) { lines.append(line) }
                // What follows is later, up to the clocks of several engines.
                if let to = filter.to, line.at >= to { open[partition] = nil }
            }
            read += records.count
            // Positions also pass records that are gone; but not lines that the page had no room for.
            if lines.count < most {
                let positions = reader.positions
                open = open.filter { partition, end in (positions[partition] ?? 0) < end }
            }
        }
        let rest = next.filter { partition, offset in
            open[partition].map { offset < $0 } ?? false
        }
        return Page(
            lines: lines.sorted { $0.at < $1.at },
            next: rest.isEmpty
                ? nil
                : Dictionary(
                    uniqueKeysWithValues: ends.map { ($0.key.partition, next[$0.key] ?? $0.value) }
                )
        )
    }

    private func reading<Value: Sendable>(
        _ start: [TopicPartition: StartOffset],
        _ body: (KafkaReader) async throws(KafkaError) -> Value
    ) async throws(KafkaError) -> Value {
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: start,
            maximumBuffered: 2_000
        )
        do throws(KafkaError) {
            let value = try await body(reader)
            await reader.close()
            return value
        } catch {
            await reader.close()
            throw error
        }
    }
}

extension [Int32: Int64] {
    /// Offsets by partition as text, to be signed.
    var cursorText: String {
        sorted { $0.key < $1.key }.map { "\($0.key):\($0.value)" }.joined(separator: ",")
    }

    /// Reads offsets; nil for other text.
    init?(cursorText: String) {
        self = [:]
        for part in cursorText.split(separator: ",") {
            let numbers = part.split(separator: ":")
            guard numbers.count == 2, let partition = Int32(numbers[0]),
                let offset = Int64(numbers[1]), offset >= 0
            else { return nil }
            self[partition] = offset
        }
    }
}
