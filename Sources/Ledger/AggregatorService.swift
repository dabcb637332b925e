public import GridProtocol
internal import GridTopics
public import KafkaClient
public import Operations
internal import Synchronization

/// Reads the topics and joins their records, until it is shut down.
///
/// Offsets are stored in the ledger, in the same transaction as the records; no consumer group is
/// used. A restarted aggregator continues where its ledger ends; without a ledger it reads
/// everything.
public final class AggregatorService: GracefulService {
    private struct State {
        var isShutDown = false
        var reader: KafkaReader?
        var hasCaughtUp = false
        /// What the topics had when the reader was made.
        var ends: InitialEnds?
        var trouble: String?
        var partitions = 0
        var afterPurge: @Sendable () -> Void = {}
    }

    /// How often the service checks whether retention has removed records that were not read.
    private static let lossInterval = Duration.seconds(30)
    /// How often the service checks whether jobs are past their retention.
    private static let retentionInterval = Duration.seconds(60)
    /// Offsets missing before a record that transactions' marks do not explain.
    private static let gap: Int64 = 100

    /// What is joined.
    public let core: AggregatorCore
    private let configuration: KafkaConfiguration
    private let topics: Topics
    private let keepJobs: Duration?
    private let logger: Logger
    private let joined: Counter
    private let refused: Counter
    private let lost: Counter
    private let state = Mutex(State())

    /// Makes a service; nothing is read before ``run()``.
    ///
    /// - Parameters:
    ///   - core: what is joined.
    ///   - configuration: how Kafka is reached.
    ///   - topics: where the topics are.
    ///   - keepJobs: how long after its deadline a job is kept; nil for ever.
    ///   - logger: where lines go.
    ///   - registry: where metrics go.
    public init(
        core: AggregatorCore,
        configuration: KafkaConfiguration,
        topics: Topics,
        keepJobs: Duration? = nil,
        logger: Logger,
        registry: MetricsRegistry
    ) {
        self.core = core
        self.configuration = configuration
        self.topics = topics
        self.keepJobs = keepJobs
        self.logger = logger
        joined = registry.counter("grid_results_joined_total", help: "Batch results joined.")
        refused = registry.counter(
            "grid_records_refused_total",
            help: "Records that could not be joined."
        )
        lost = registry.counter(
            "grid_records_lost_total",
            help: "Records that retention removed before they were read."
        )
    }

    /// Why the aggregator is not up to date; nil when it is.
    public var trouble: String? {
        state.withLock { state in
            if let trouble = state.trouble { return trouble }
            if state.reader?.brokersDown == true { return "no broker answers" }
            return state.hasCaughtUp ? nil : "the ledger is still reading the topics"
        }
    }

    /// Partitions of the topic of batches; 0 before they are known.
    public var batchPartitions: Int { state.withLock { $0.partitions } }

    /// Calls `body` about once a minute, after jobs may have been removed and while the ledger
    /// is up to date.
    public func afterPurge(_ body: @escaping @Sendable () -> Void) {
        state.withLock { $0.afterPurge = body }
    }

    /// Reads and joins until ``shutdown()``.
    ///
    /// - Throws: `KafkaError` when Kafka fails permanently, ``AggregationError`` when the ledger
    ///   does.
    public func run() async throws {
        let reader = try await makeReader()
        let producer = try KafkaProducer(configuration: configuration)
        let isShutDown = state.withLock { state in
            state.reader = reader
            return state.isShutDown
        }
        do {
            if !isShutDown { try await follow(reader, producer) }
        } catch {
            await reader.close()
            await producer.close()
            throw error
        }
        await reader.close()
        await producer.close()
    }

    /// Lets ``run()`` return after the records that it is joining.
    public func shutdown() async {
        let reader = state.withLock { state -> KafkaReader? in
            state.isShutDown = true
            return state.reader
        }
        await reader?.close()
    }

    // MARK: Private

    private var isShutDown: Bool { state.withLock { $0.isShutDown } }

    private func makeReader() async throws -> KafkaReader {
        let counts = try await KafkaAdmin.partitionCounts(
            ofExisting: core.sources,
            configuration: configuration
        )
        state.withLock { $0.partitions = counts[topics.batches] ?? 0 }
        let next = core.nextOffsets()
        var start: [TopicPartition: StartOffset] = [:]
        for (topic, count) in counts {
            for partition in 0..<Int32(count) {
                let source = SourcePartition(topic: topic, partition: partition)
                start[TopicPartition(topic: topic, partition: partition)] =
                    next[source].map(StartOffset.offset) ?? .beginning
            }
        }
        let reader = try KafkaReader(configuration: configuration, start: start)
        do {
            let ranges = try await reader.endOffsets()
            let read = next.map { source, offset in
                (TopicPartition(topic: source.topic, partition: source.partition), offset)
            }
            let ends = InitialEnds(ranges, from: Dictionary(uniqueKeysWithValues: read))
            state.withLock { $0.ends = ends }
            try rewindRecreated(ranges, next)
            try noteLosses(ranges, before: [])
        } catch {
            await reader.close()
            throw error
        }
        return reader
    }

    /// A topic that ends before the ledger's offset was created again; it is read from its
    /// beginning.
    private func rewindRecreated(
        _ ranges: [TopicPartition: OffsetRange],
        _ next: [SourcePartition: Int64]
    ) throws {
        for (partition, range) in ranges {
            let source = SourcePartition(topic: partition.topic, partition: partition.partition)
            guard let offset = next[source], offset > range.high else { continue }
            logger.warning(
                "the topic was created again: reading it from its beginning",
                [
                    .kafkaTopic: partition.topic, .kafkaPartition: String(partition.partition),
                    .kafkaOffset: String(offset),
                ]
            )
            try core.rewind(source, to: range.low)
        }
    }

    /// Records that retention removed before they were read are skipped, and stored as lost.
    ///
    /// - Parameters:
    ///   - ranges: the offsets that each partition has.
    ///   - records: what was read and is not joined yet.
    /// - Throws: ``AggregationError`` when the ledger cannot be written.
    private func noteLosses(
        _ ranges: [TopicPartition: OffsetRange],
        before records: [ConsumedRecord]
    ) throws {
        let next = core.nextOffsets()
        for (partition, range) in ranges where range.low > 0 {
            let source = SourcePartition(topic: partition.topic, partition: partition.partition)
            let first = records.first { $0.topicPartition == partition }?.offset
            let count = try core.skip(
                source,
                to: min(range.low, first ?? .max),
                at: WireClock.now()
            )
            guard count > 0 else { continue }
            let facts: [LogKey: String] = [
                .kafkaTopic: partition.topic, .kafkaPartition: String(partition.partition),
                .kafkaOffset: String(range.low), .count: String(count),
            ]
            guard next[source] != nil else {
                logger.info("the topic begins at a later offset, older records were removed", facts)
                continue
            }
            lost.increment(by: Double(count))
            logger.warning("retention removed records before they were read", facts)
        }
    }

    /// Checks whether retention removed records that were not read; retries later if no broker
    /// answers.
    private func lookForLosses(_ reader: KafkaReader, before records: [ConsumedRecord]) async {
        guard !reader.brokersDown else { return }
        do {
            try noteLosses(try await reader.endOffsets(within: .seconds(5)), before: records)
        } catch {
            logger.debug("cannot get the topics' offsets", [.error: "\(error)"])
        }
    }

    /// Whether so many offsets are missing before a record that retention may have taken them.
    private func hasGap(_ records: [ConsumedRecord]) -> Bool {
        var next = core.nextOffsets()
        for record in records {
            let source = SourcePartition(topic: record.topic, partition: record.partition)
            if record.offset - next[source, default: record.offset] > Self.gap { return true }
            next[source] = record.offset + 1
        }
        return false
    }

    private func follow(_ reader: KafkaReader, _ producer: KafkaProducer) async throws {
        var lastLook = ContinuousClock.now
        var nextPurge = ContinuousClock.now
        while !isShutDown {
            let records = try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200))
            if lastLook.duration(to: .now) > Self.lossInterval || hasGap(records) {
                await lookForLosses(reader, before: records)
                lastLook = .now
            }
            if !records.isEmpty { try await join(records, producer) }
            lookAtTime(reader)
            if reader.isAtEnd, nextPurge <= .now, forgetJobs() {
                nextPurge = .now + Self.retentionInterval
            }
        }
    }

    /// Removes some of the jobs that ended long ago; returns whether all of them are removed.
    private func forgetJobs() -> Bool {
        guard let keepJobs else { return true }
        do throws(AggregationError) {
            let (jobs, isDone) = try core.forget(olderThan: keepJobs)
            for job in jobs { logger.info("job removed by retention", [.jobID: job.rawValue]) }
            if isDone { state.withLock { $0.afterPurge }() }
            return isDone
        } catch {
            // What cannot be written now is removed later.
            logger.debug("jobs are not removed yet", [.error: error.reason])
            return true
        }
    }

    private func join(_ records: [ConsumedRecord], _ producer: KafkaProducer) async throws {
        let taken = records.map { record in
            SourceRecord(
                source: SourcePartition(topic: record.topic, partition: record.partition),
                offset: record.offset,
                timestamp: Self.time(of: record),
                value: record.value,
                schema: RecordHeaders(record).schema
            )
        }
        let applied = try await apply(taken)
        joined.increment(by: Double(applied.results))
        for job in applied.completed { logger.info("job complete", [.jobID: job.rawValue]) }
        for refusal in applied.refused {
            refused.increment()
            logger.warning(
                "record refused",
                [
                    .kafkaTopic: refusal.record.source.topic,
                    .kafkaOffset: String(refusal.record.offset), .error: refusal.message,
                ]
            )
            guard !refusal.isBuriedByEngines(topics) else { continue }
            var letter = refusal.deadLetter(at: WireClock.now())
            letter.bytes = Array(letter.bytes.prefix(Topics.maximumRecordBytes / 2))
            await send(letter, producer)
        }
    }

    /// Writes a dead letter, without its bytes if they are too many for the topic.
    ///
    /// A letter that is refused for another reason is only logged.
    private func send(_ letter: DeadLetter, _ producer: KafkaProducer) async {
        func record(of letter: DeadLetter) -> ProducedRecord {
            ProducedRecord(
                topic: topics.deadLetters,
                key: Array(letter.jobID.utf8),
                message: letter
            )
        }
        do throws(KafkaError) {
            do throws(KafkaError) {
                try await producer.send(record(of: letter))
            } catch {
                guard error.code == .messageTooLarge else { throw error }
                var short = letter
                short.bytes = []
                try await producer.send(record(of: short))
            }
        } catch {
            logger.warning(
                "a dead letter cannot be written",
                [.kafkaTopic: topics.deadLetters, .error: error.reason]
            )
        }
    }

    /// When the record entered its topic, so that a rebuilt ledger equals the first one.
    ///
    /// Kafka counts milliseconds; the last microsecond of it is after every time that led to it.
    private static func time(of record: ConsumedRecord) -> Int64 {
        record.timestampMillis >= 0 ? record.timestampMillis * 1_000 + 999 : -1
    }

    /// Applies records; waits while the disk is full, because nothing is lost meanwhile.
    private func apply(_ records: [SourceRecord]) async throws -> AppliedRecords {
        while true {
            do throws(AggregationError) {
                let applied = try core.apply(records)
                state.withLock { $0.trouble = nil }
                return applied
            } catch {
                guard error.code == .full || error.code == .busy, !isShutDown else { throw error }
                let isNew = state.withLock { state in
                    defer { state.trouble = error.reason }
                    return state.trouble == nil
                }
                guard isNew else {
                    try await Task.sleep(for: .seconds(1))
                    continue
                }
                logger.warning("the ledger cannot be written, trying again", [.error: error.reason])
            }
            try await Task.sleep(for: .seconds(1))
        }
    }

    /// Lets jobs expire, once everything that came in time has been read.
    private func lookAtTime(_ reader: KafkaReader) {
        let isAtEnd = reader.isAtEnd
        // Under a steady flow of results the reader is never at the end.
        state.withLock { state in
            guard !state.hasCaughtUp else { return }
            state.hasCaughtUp = isAtEnd || state.ends?.areReached(by: reader.positions) == true
        }
        guard isAtEnd else { return }
        for job in core.advance(to: WireClock.now()) {
            logger.warning("job expired", [.jobID: job.rawValue])
        }
    }
}
