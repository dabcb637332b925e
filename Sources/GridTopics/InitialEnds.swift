public import KafkaClient

/// The ends that partitions had when a reader of them started.
///
/// Under a steady flow of records a reader is never at the end, but it has soon read all that was
/// there at its start.
public struct InitialEnds: Sendable {
    private let ends: [TopicPartition: Int64]

    /// Keeps the ends of partitions that have something to read.
    ///
    /// - Parameters:
    ///   - ranges: the offsets between which each partition's records lay.
    ///   - start: from which offset a partition is read; from its first record by default.
    public init(
        _ ranges: [TopicPartition: OffsetRange],
        from start: [TopicPartition: Int64] = [:]
    ) {
        ends = ranges.filter { $0.value.high > max($0.value.low, start[$0.key] ?? 0) }
            .mapValues(\.high)
    }

    /// Whether everything before the ends was handed out, by the offset up to which each partition
    /// was; a partition that is absent was not read yet.
    public func areReached(by positions: [TopicPartition: Int64]) -> Bool {
        ends.allSatisfy { partition, end in (positions[partition] ?? -1) >= end }
    }
}
