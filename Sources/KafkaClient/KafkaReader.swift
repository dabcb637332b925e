/// The isolation level of a reader.
public enum IsolationLevel: String, Hashable, Sendable {
    /// Only records of committed transactions, and those written without one.
    case readCommitted = "read_committed"
    /// All records, even of transactions that are open or were aborted.
    case readUncommitted = "read_uncommitted"
}

/// Where a reader starts in a partition.
public enum StartOffset: Hashable, Sendable {
    /// At the oldest record that is kept.
    case beginning
    /// After the newest record.
    case end
    /// At this offset, or at the oldest record if the offset was removed.
    case offset(Int64)
}

extension StartOffset {
    fileprivate var isAllowed: Bool {
        guard case .offset(let offset) = self else { return true }
        return offset >= 0
    }
}

/// The offsets between which a partition's records lie.
public struct OffsetRange: Hashable, Sendable {
    /// The offset of the oldest record that is kept.
    public var low: Int64
    /// The offset after the newest record that may be read under the reader's isolation.
    public var high: Int64

    /// Makes a range.
    public init(low: Int64, high: Int64) {
        self.low = low
        self.high = high
    }
}

/// Reads given partitions from given offsets, outside any group.
public final class KafkaReader: Sendable {
    private let loop: ReaderLoop

    /// Makes a reader, starts its thread and begins to read.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - isolation: the isolation level.
    ///   - start: the partitions, 1 or more, and where to start in each.
    ///   - maximumBuffered: 1 or more; how many records may be buffered.
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public init(
        configuration: KafkaConfiguration,
        isolation: IsolationLevel = .readCommitted,
        start: [TopicPartition: StartOffset],
        maximumBuffered: Int = 1_000
    ) throws(KafkaError) {
        guard !start.isEmpty, maximumBuffered > 0 else {
            throw KafkaError(
                code: .configuration,
                reason: "a reader needs a partition and a positive bound on its records"
            )
        }
        for (partition, offset) in start {
            try TopicName.validate(partition.topic)
            if partition.partition < 0 || !offset.isAllowed {
                throw KafkaError(
                    code: .configuration,
                    reason: "\(partition) cannot be read from \(offset): partitions and offsets "
                        + "are counted from 0"
                )
            }
        }
        loop = try ReaderLoop(
            configuration,
            isolation: isolation,
            start: start,
            maximumBuffered: maximumBuffered
        )
        do throws(KafkaError) {
            try ClientThread.start(loop, name: "kafka-reader")
        } catch {
            loop.end()
            throw error
        }
    }

    deinit {
        loop.abandon()
    }

    /// Returns the next record, waiting for one; `nil` once the reader is closed.
    ///
    /// A cancelled call takes no record.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the reader.
    public func next() async throws(KafkaError) -> ConsumedRecord? {
        try await ask(maximum: 1, before: nil, until: nil)?.first
    }

    /// Returns 1 to `maximum` records as soon as there is one; none when the time is over or the
    /// reader is closed.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the reader.
    public func nextBatch(
        maximum: Int,
        within duration: Duration
    ) async throws(KafkaError) -> [ConsumedRecord] {
        try await ask(maximum: max(1, maximum), before: nil, until: .now + duration) ?? []
    }

    /// Returns 1 to `maximum` records as soon as there is one; none at once when all before `ends`
    /// was handed out, when the time is over or when the reader is closed.
    ///
    /// Records after the ends may come as well. The last entry of a partition may be the marker
    /// of a transaction: ``positions`` tell whether an end was reached.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the reader.
    public func nextBatch(
        maximum: Int,
        before ends: [TopicPartition: Int64],
        within duration: Duration
    ) async throws(KafkaError) -> [ConsumedRecord] {
        try await ask(maximum: max(1, maximum), before: ends, until: .now + duration) ?? []
    }

    /// Returns the offsets between which each partition's records lie now.
    ///
    /// - Parameters:
    ///   - time: milliseconds since 1970-01-01 UTC; only what follows the first record that is not
    ///     older lies between them. Nil for all records. librdkafka's own broker does not search by
    ///     time and says that there is none.
    ///   - duration: how long brokers may take to answer.
    /// - Returns: the offsets, by partition.
    /// - Throws: ``KafkaError`` when a broker does not say so in time.
    public func endOffsets(
        since time: Int64? = nil,
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: OffsetRange] {
        let deadline = ContinuousClock.now + duration
        return try await withCheckedContinuation { continuation in
            loop.askOffsets(since: time, until: deadline, continuation)
        }.get()
    }

    /// The offset up to which each partition was handed out.
    ///
    /// At a partition's end it is the end, although the last entries may be transaction markers
    /// and not records: equal to ``OffsetRange/high`` when all was read. Partitions of which
    /// nothing was read yet are absent.
    public var positions: [TopicPartition: Int64] { loop.positions }

    /// Whether every partition's end, as the last answers of its broker gave it, was reached and
    /// all records before it were handed out.
    ///
    /// Costs no request.
    public var isAtEnd: Bool { loop.isAtEnd }

    /// Stops reading and frees the client.
    ///
    /// Further calls wait for the first.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.close(continuation)
        }
    }

    /// Whether no broker is connected.
    public var brokersDown: Bool { loop.status.brokersDown }

    /// The error after which this reader cannot be used any more, if there was one.
    public var fatalError: KafkaError? { loop.status.fatal }

    /// The last error that librdkafka reported, even if it retries.
    public var lastError: KafkaError? { loop.status.lastError }

    private func ask(
        maximum: Int,
        before ends: [TopicPartition: Int64]?,
        until deadline: ContinuousClock.Instant?
    ) async throws(KafkaError) -> [ConsumedRecord]? {
        let id = loop.makeID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.ask(id, maximum: maximum, before: ends, until: deadline, continuation)
                if Task.isCancelled {
                    loop.cancel(id)
                }
            }
        } onCancel: {
            loop.cancel(id)
        }
        switch answer {
        case .records(let records): return records
        case .ended: return nil
        case .failed(let error): throw error
        }
    }
}
