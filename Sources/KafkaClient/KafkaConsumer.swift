/// A member of a consumer group.
///
/// Records are handed out while fewer than a bound are unfinished; a finished record's offset is
/// committed in the background once all before it are finished too. What was not finished when a
/// partition went to another member is read there again: deliveries are at least once.
///
/// Close it to leave the group; a consumer that is dropped is missed only after the session's time.
public final class KafkaConsumer: Sendable {
    private let loop: ConsumerLoop

    /// Makes a consumer, starts its thread, and asks to join the group.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - group: the group's name.
    ///   - lanes: 1 or more, no topic twice; records of the first lane go first.
    ///   - commits: who commits the offsets of finished records.
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public init(
        configuration: KafkaConfiguration,
        group: String,
        lanes: [ConsumerLane],
        commits: CommitMode = .byConsumer
    ) throws(KafkaError) {
        let topics = lanes.flatMap(\.topics)
        guard !group.isEmpty, !lanes.isEmpty, Set(topics).count == topics.count,
            lanes.allSatisfy({ !$0.topics.isEmpty && $0.maximumUnfinished > 0 })
        else {
            throw KafkaError(
                code: .configuration,
                reason: "a consumer needs a group, topics, none twice, and a positive bound on "
                    + "its records"
            )
        }
        for topic in topics {
            try TopicName.validate(topic)
        }
        loop = try ConsumerLoop(configuration, group: group, lanes: lanes, commits: commits)
        do throws(KafkaError) {
            try loop.subscribe()
            try ClientThread.start(loop, name: "kafka-consumer")
        } catch {
            loop.abandonBeforeStart()
            throw error
        }
    }

    /// Makes a consumer whose topics are one lane.
    ///
    /// - Parameters:
    ///   - configuration: how to reach Kafka.
    ///   - group: the group's name.
    ///   - topics: 1 or more names; patterns are refused.
    ///   - maximumUnfinished: 1 or more; how many records may be handed out, or wait here to be,
    ///     and not be finished.
    ///   - commits: who commits the offsets of finished records.
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public convenience init(
        configuration: KafkaConfiguration,
        group: String,
        topics: [String],
        maximumUnfinished: Int,
        commits: CommitMode = .byConsumer
    ) throws(KafkaError) {
        try self.init(
            configuration: configuration,
            group: group,
            lanes: [ConsumerLane(topics: topics, maximumUnfinished: maximumUnfinished)],
            commits: commits
        )
    }

    deinit {
        loop.abandon()
    }

    /// Returns the next record, waiting for one; `nil` once the consumer drains or closes.
    ///
    /// A cancelled call takes no record.
    ///
    /// - Throws: ``KafkaError``: `cancelled`, or the fatal error that ended the consumer.
    public func next() async throws(KafkaError) -> ConsumedRecord? {
        let id = loop.makeID()
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.ask(id, continuation)
                if Task.isCancelled {
                    loop.cancel(id)
                }
            }
        } onCancel: {
            loop.cancel(id)
        }
        switch answer {
        case .records(let records): return records.first
        case .ended: return nil
        case .failed(let error): throw error
        }
    }

    /// Notes that a record needs no more work; in any order, and late ones do no harm.
    ///
    /// - Returns: whether that was in time; if not, the record comes again, here or elsewhere.
    @discardableResult
    public func finish(_ record: ConsumedRecord) -> Bool {
        loop.finish(record)
    }

    /// Asks the gates of lanes again, after something changed by which they judge.
    public func reconsider() {
        loop.reconsider()
    }

    /// Hands out no more records; membership and partitions are kept until `close`.
    public func drain() {
        loop.drain()
    }

    /// Commits what is finished and leaves the group, within the time given.
    ///
    /// Returns when the client is gone. Further calls wait for the first.
    public func close(within duration: Duration = .seconds(10)) async {
        let deadline = ContinuousClock.now + duration
        await withCheckedContinuation { continuation in
            loop.close(until: deadline, continuation)
        }
    }

    /// Whether the record's assignment still stands, so that finishing it counts.
    public func isCurrent(_ record: ConsumedRecord) -> Bool {
        loop.isCurrent(record)
    }

    /// Joins offsets to a transaction that is about to begin.
    ///
    /// Offsets that are after the last record read become the end of their partition, and ends that are
    /// still to be committed join them: commit markers and aborted records, which take offsets and are
    /// not handed out, would otherwise be a lag for ever.
    ///
    /// The group gets the partitions back only after ``endTransaction(_:isCommitted:)``, within a
    /// limit of at most five seconds. What the transaction does after that, the broker refuses.
    ///
    /// - Parameters:
    ///   - offsets: the next offset to be read, by partition; all before it is finished. None, to commit
    ///     ends only.
    ///   - generation: the assignment that the finished records carry.
    /// - Returns: what to give to ``TransactionalProducer/sendOffsets(_:)``; `nil` once the
    ///   assignment is gone, and then the records come again, here or elsewhere; or if there is nothing
    ///   to commit.
    public func beginTransaction(
        _ offsets: [TopicPartition: Int64],
        generation: Int
    ) -> GroupTransaction? {
        loop.beginTransaction(offsets, generation: generation)
    }

    /// Notes how a transaction ended; called once for each that began.
    public func endTransaction(_ transaction: GroupTransaction, isCommitted: Bool) {
        loop.endTransaction(transaction, isCommitted: isCommitted)
    }

    /// Whether partitions end behind all that was committed of them, so that a transaction without
    /// records should commit their ends.
    public var hasUncommittedEnds: Bool { loop.hasUncommittedEnds }

    /// Calls `body` whenever a transaction could commit the end of a partition.
    ///
    /// It is called on the client's thread, must be quick and must not call the consumer.
    public func onUncommittedEnds(_ body: @escaping @Sendable () -> Void) {
        loop.onUncommittedEnds(body)
    }

    /// The lowest unfinished offset of each partition that was read, or the one to be read next.
    public var committable: [TopicPartition: Int64] { loop.committable }

    /// Counts assignments, from 1; records carry the number they were read under.
    public var generation: Int { loop.generation }

    /// The partitions owned now.
    public var assignment: Set<TopicPartition> { loop.assignment }

    /// Whether the group counts this consumer in; it may own no partition all the same.
    public var isJoined: Bool { loop.isJoined }

    /// Whether nothing has been read of the partitions owned for three session timeouts, because it is
    /// not known from where: a transaction with offsets of the group has not ended.
    public var isStalled: Bool { loop.isStalled }

    /// How many records are handed out, or wait here to be, and are not finished.
    public var unfinishedCount: Int { loop.unfinishedCount }

    /// Whether no record is handed out and unfinished, and none waits that could be handed out.
    public var isIdle: Bool { loop.isIdle }

    /// How many commits were refused or failed so far; each is repeated while it matters.
    public var failedCommits: Int { loop.failedCommits }

    /// Whether no broker is connected.
    public var brokersDown: Bool { loop.status.brokersDown }

    /// The error after which this consumer is of no more use, if there was one.
    public var fatalError: KafkaError? { loop.status.fatal }

    /// The last error librdkafka told, even if it tries to get over it.
    public var lastError: KafkaError? { loop.status.lastError }
}
