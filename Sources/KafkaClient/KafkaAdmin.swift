/// Queries a cluster and creates topics.
///
/// Its calls run one after the other on the client's thread, each with its own time limit.
public final class KafkaAdmin: Sendable {
    private let loop: AdminLoop

    /// Makes an admin client and starts its thread.
    ///
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public init(configuration: KafkaConfiguration) throws(KafkaError) {
        loop = try AdminLoop(configuration)
        try ClientThread.start(loop, name: "kafka-admin")
    }

    deinit {
        loop.abandon()
    }

    /// Returns the addresses of the cluster's brokers, sorted.
    ///
    /// - Throws: ``KafkaError``: `brokersUnavailable` naming the addresses tried, or
    ///   `authentication` when that is why.
    public func brokers(
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String] {
        try await run(within: duration) { [loop] deadline throws(KafkaError) in
            try loop.metadata(allTopics: false, until: deadline).brokers.sorted()
        }
    }

    /// Returns how many partitions the topics have; those that do not exist are absent.
    public func partitionCounts(
        of topics: [String],
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) -> [String: Int] {
        try await run(within: duration) { [loop] deadline throws(KafkaError) in
            let asked = Set(topics)
            // All topics: a request for one by its name would create it on some brokers.
            return try loop.metadata(allTopics: true, until: deadline).topics
                .filter { asked.contains($0.key) }.mapValues(\.partitions)
        }
    }

    /// Returns how many partitions the topics have, every one of which must exist.
    ///
    /// Brokers learn of a new topic at different times, so a missing topic is requested again
    /// until it has been missing for two seconds. The call uses its own client.
    ///
    /// - Throws: ``KafkaError``: `unknownTopic` where one does not exist, or may not be seen.
    public static func partitionCounts(
        ofExisting topics: [String],
        configuration: KafkaConfiguration,
        within duration: Duration = .seconds(15)
    ) async throws(KafkaError) -> [String: Int] {
        let admin = try KafkaAdmin(configuration: configuration)
        let found: Result<[String: Int], KafkaError>
        do throws(KafkaError) {
            let loop = admin.loop
            found = .success(
                try await admin.run(within: duration) { deadline throws(KafkaError) in
                    try loop.partitionCounts(ofExisting: topics, until: deadline)
                }
            )
        } catch {
            found = .failure(error)
        }
        await admin.close()
        return try found.get()
    }

    /// Returns the number of the broker that leads each of a topic's partitions, in order; negative
    /// where none does at the moment, empty where there is no such topic.
    public func leaders(
        of topic: String,
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) -> [Int] {
        try await run(within: duration) { [loop] deadline throws(KafkaError) in
            try loop.metadata(allTopics: true, until: deadline).topics[topic]?.leaders
                .map { Int($0) } ?? []
        }
    }

    /// Creates the topics that do not exist; returns their names once all of the topics show all
    /// their partitions with leaders.
    ///
    /// Existing topics are not changed, even if their number of partitions differs.
    ///
    /// - Throws: ``KafkaError``: `unsupported` from brokers that create no topics, such as the
    ///   embedded one; nothing is undone then.
    public func createMissing(
        _ topics: [TopicSpecification],
        within duration: Duration = .seconds(15)
    ) async throws(KafkaError) -> [String] {
        for topic in topics {
            try topic.validate()
        }
        return try await run(within: duration) { [loop] deadline throws(KafkaError) in
            try loop.createMissing(topics, until: deadline)
        }
    }

    /// Returns the offsets that a group has committed; partitions without one are absent.
    ///
    /// The call uses its own client, as librdkafka needs one per group.
    public func committedOffsets(
        of group: String,
        in partitions: Set<TopicPartition>,
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) -> [TopicPartition: Int64] {
        try await run(within: duration) { [loop] deadline throws(KafkaError) in
            try loop.committedOffsets(of: group, in: partitions, until: deadline)
        }
    }

    /// Ends the client.
    ///
    /// Further calls wait for the first.
    public func close() async {
        await withCheckedContinuation { continuation in
            loop.close(continuation)
        }
    }

    private func run<Value: Sendable>(
        within duration: Duration,
        _ body:
            @escaping @Sendable (ContinuousClock.Instant) throws(KafkaError) -> Value
    ) async throws(KafkaError) -> Value {
        let deadline = ContinuousClock.now + duration
        let result = await withCheckedContinuation {
            (continuation: CheckedContinuation<Result<Value, KafkaError>, Never>) in
            loop.submit { isClosed in
                guard !isClosed else {
                    continuation.resume(returning: .failure(.closed("admin client")))
                    return
                }
                do throws(KafkaError) {
                    continuation.resume(returning: .success(try body(deadline)))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
        }
        return try result.get()
    }
}
