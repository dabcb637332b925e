import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(3))) struct KafkaConsumerTests {
    private func makeConsumer(
        _ cluster: EmbeddedCluster,
        group: String = "g",
        maximumUnfinished: Int = 100
    ) throws -> KafkaConsumer {
        try KafkaConsumer(
            configuration: cluster.configuration,
            group: group,
            topics: ["t"],
            maximumUnfinished: maximumUnfinished
        )
    }

    private func fill(_ cluster: EmbeddedCluster, _ numbers: Range<Int>) async throws {
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await send(numbers, to: "t", by: producer)
        await producer.close()
    }

    @Test func aNewGroupGetsAllThatIsThereWithinTheBound() async throws {
        let cluster = try makeCluster(["t": 4])
        try await fill(cluster, 0..<300)
        let consumer = try makeConsumer(cluster, maximumUnfinished: 8)
        #expect(!consumer.isJoined)
        var seen: Set<Int> = []
        var open: [ConsumedRecord] = []
        while seen.count < 300 {
            let record = try #require(try await consumer.next())
            seen.insert(try #require(record.number))
            open.append(record)
            #expect(consumer.unfinishedCount <= 8)
            if open.count == 8 || seen.count == 300 {
                open.reversed().forEach { consumer.finish($0) }
                open = []
            }
        }
        #expect(seen == Set(0..<300))
        #expect(consumer.isJoined)
        #expect(consumer.assignment.count == 4)
        await consumer.close()
        #expect(!consumer.isJoined)
        #expect(consumer.assignment.isEmpty)
    }

    @Test func whatWasNotFinishedComesAgainAndTheRestDoesNot() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<10)
        let first = try makeConsumer(cluster)
        var records: [ConsumedRecord] = []
        for _ in 0..<10 {
            records.append(try #require(try await first.next()))
        }
        for record in records where record.offset != 4 && record.offset != 8 {
            first.finish(record)
        }
        await first.close()
        #expect(!first.isCurrent(records[4]))
        #expect(!first.finish(records[4]))

        let second = try makeConsumer(cluster)
        let again = try #require(try await second.next())
        #expect(again.offset == 4)
        #expect(second.isCurrent(again))
        await second.close()
    }

    @Test func finishedRecordsAreCommittedInTheBackground() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<20)
        let first = try makeConsumer(cluster)
        // A commit that is refused is sent again: REBALANCE_IN_PROGRESS.
        try cluster.fail(.offsetCommit, with: [27])
        for _ in 0..<10 {
            first.finish(try #require(try await first.next()))
        }
        try await eventually("a refused commit") { first.failedCommits > 0 }
        try cluster.clearErrors(of: .offsetCommit)
        let reached = try await committed(cluster, group: "g", atLeast: 10)
        #expect(reached)
        await first.close()
    }

    /// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, REQUEST_TIMED_OUT,
    /// UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION, UNSTABLE_OFFSET_COMMIT, UNKNOWN_SERVER_ERROR: what a
    /// broker that starts may say, once or a few times.
    @Test(arguments: [14, 15, 16, 7, 25, 22, 88, -1] as [Int32], [1, 4])
    func offsetsThatAreRefusedAreAskedForAgain(error: Int32, times: Int) async throws {
        let cluster = try makeCluster(["t": 2])
        try await fill(cluster, 0..<20)
        try cluster.fail(.offsetFetch, with: Array(repeating: error, count: times))
        let consumer = try makeConsumer(cluster)
        let reading = Task {
            var seen: Set<Int> = []
            while seen.count < 20, let record = try await consumer.next() {
                seen.insert(record.number ?? -1)
                consumer.finish(record)
            }
            return seen
        }
        let limit = Task {
            try await Task.sleep(for: .seconds(20))
            reading.cancel()
        }
        #expect(try await reading.value == Set(0..<20))
        limit.cancel()
        await consumer.close()
    }

    /// UNSTABLE_OFFSET_COMMIT, again and again: what a transaction that does not end comes to.
    @Test func aConsumerThatIsNotToldItsOffsetsIsStalled() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<5)
        try cluster.fail(.offsetFetch, with: Array(repeating: 88, count: 10_000))
        let consumer = try makeConsumer(cluster)
        try await eventually("it is in the group") { consumer.isJoined }
        #expect(!consumer.isStalled)
        try await eventually("it is stalled", within: .seconds(60)) { consumer.isStalled }
        try cluster.clearErrors(of: .offsetFetch)
        for _ in 0..<5 { consumer.finish(try #require(try await consumer.next())) }
        try await eventually("it is not stalled any more") { !consumer.isStalled }
        await consumer.close()
    }

    /// UNKNOWN_TOPIC_OR_PARTITION and LEADER_NOT_AVAILABLE: what brokers may say of a topic that they
    /// are about to know again.
    @Test(arguments: [3, 5] as [Int32])
    func aTopicThatWasGoneForAWhileIsReadOn(error: Int32) async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<5)
        let consumer = try makeConsumer(cluster)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [TopicPartition(topic: "t", partition: 0): .beginning]
        )
        for _ in 0..<5 { consumer.finish(try #require(try await consumer.next())) }
        try await eventually("the reader is at the end") {
            _ = try await reader.nextBatch(maximum: 100, within: .milliseconds(100))
            return reader.isAtEnd
        }
        try cluster.setError(error, ofTopic: "t")
        // NOT_LEADER_OR_FOLLOWER: both ask for metadata.
        try cluster.fail(.fetch, with: [6, 6, 6, 6])
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        try await eventually("the topic is gone") {
            try await admin.partitionCounts(of: ["t"])["t"] ?? 0 == 0
        }
        await admin.close()
        try cluster.clearErrors(of: .fetch)
        try cluster.setError(0, ofTopic: "t")
        try await fill(cluster, 5..<10)
        let deadline = ContinuousClock.now + .seconds(40)
        var read = 0
        while read < 5, ContinuousClock.now < deadline {
            read += try await reader.nextBatch(maximum: 100, within: .milliseconds(100)).count
        }
        #expect(read == 5)
        var numbers: Set<Int> = []
        while numbers.count < 5 {
            let record = try #require(try await consumer.next())
            numbers.insert(try #require(record.number))
            consumer.finish(record)
        }
        #expect(numbers == Set(5..<10))
        await reader.close()
        await consumer.close()
    }

    /// Whether the group's offset comes to be this far, seen from outside the consumer.
    private func committed(
        _ cluster: EmbeddedCluster,
        group: String,
        atLeast offset: Int64
    ) async throws -> Bool {
        let admin = try KafkaAdmin(configuration: cluster.configuration)
        defer { _ = admin }
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline {
            let offsets = try await admin.committedOffsets(
                of: group,
                in: [TopicPartition(topic: "t", partition: 0)],
                within: .seconds(5)
            )
            if offsets.values.contains(where: { $0 >= offset }) {
                await admin.close()
                return true
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        await admin.close()
        return false
    }

    @Test func whatIsLostIsNotCommitted() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<10)
        var configuration = cluster.configuration
        configuration.commitIntervalMillis = 60_000
        let consumer = try KafkaConsumer(
            configuration: configuration,
            group: "g",
            topics: ["t"],
            maximumUnfinished: 100
        )
        var records: [ConsumedRecord] = []
        for _ in 0..<5 {
            records.append(try #require(try await consumer.next()))
        }
        records.dropLast().forEach { consumer.finish($0) }
        // UNKNOWN_MEMBER_ID: the group has gone on without us.
        try cluster.fail(.heartbeat, with: [25])
        let last = records[4]
        try await eventually("the partition is lost") { !consumer.isCurrent(last) }
        #expect(!consumer.finish(last))
        try cluster.clearErrors(of: .heartbeat)
        var again = try #require(try await consumer.next())
        while again.generation == last.generation {
            again = try #require(try await consumer.next())
        }
        #expect(again.offset == 0)
        #expect(consumer.failedCommits == 0)
        await consumer.close()
    }

    @Test func aTombstoneIsARecord() async throws {
        let cluster = try makeCluster(["t": 1])
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await producer.send(ProducedRecord(topic: "t", key: [1], value: nil))
        try await producer.send(ProducedRecord(topic: "t", value: 1.bytes))
        let consumer = try makeConsumer(cluster)
        let tombstone = try #require(try await consumer.next())
        #expect(tombstone.value == nil)
        #expect(tombstone.key == [1])
        consumer.finish(tombstone)
        #expect(try await consumer.next()?.number == 1)
        await consumer.close()
        await producer.close()
    }

    @Test func aMemberThatJoinsLateLosesNothing() async throws {
        let cluster = try makeCluster(["t": 4])
        try await fill(cluster, 0..<300)
        let seen = Seen()
        let first = try makeConsumer(cluster, maximumUnfinished: 8)
        let work: @Sendable (KafkaConsumer) async throws -> Void = { consumer in
            while let record = try await consumer.next() {
                try await Task.sleep(for: .milliseconds(1))
                seen.note(record.number)
                consumer.finish(record)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work(first) }
            try await eventually("the first works") { seen.all.count > 20 }
            let second = try makeConsumer(cluster, maximumUnfinished: 8)
            group.addTask { try await work(second) }
            try await eventually("both have partitions") {
                first.assignment.count == 2 && second.assignment.count == 2
            }
            try await fill(cluster, 300..<600)
            try await eventually("everything was seen") { seen.all == Set(0..<600) }
            await first.close()
            try await fill(cluster, 600..<700)
            try await eventually("the second took over") { seen.all == Set(0..<700) }
            await second.close()
            try await group.waitForAll()
        }
    }

    @Test func drainingKeepsTheMembershipAndHandsOutNothing() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<10)
        let consumer = try makeConsumer(cluster)
        let record = try #require(try await consumer.next())
        consumer.drain()
        #expect(try await consumer.next() == nil)
        #expect(consumer.isJoined)
        #expect(consumer.isCurrent(record))
        consumer.finish(record)
        await consumer.close()
        let next = try makeConsumer(cluster)
        #expect(try await next.next()?.offset == 1)
        await next.close()
    }

    @Test func aCancelledWaitTakesNoRecord() async throws {
        let cluster = try makeCluster(["t": 1])
        let consumer = try makeConsumer(cluster)
        let waiting = Task {
            await failure { () throws(KafkaError) in try await consumer.next() }
        }
        try await eventually("joined") { consumer.isJoined }
        waiting.cancel()
        #expect(await waiting.value?.code == .cancelled)
        try await fill(cluster, 0..<1)
        #expect(try await consumer.next()?.number == 0)
        await consumer.close()
    }

    @Test func closeEndsInTimeWhenNoBrokerAnswers() async throws {
        let consumer = try KafkaConsumer(
            configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
            group: "g",
            topics: ["t"],
            maximumUnfinished: 10
        )
        try await eventually("all brokers down") { consumer.brokersDown }
        let start = ContinuousClock.now
        await consumer.close(within: .seconds(2))
        #expect(start.duration(to: .now) < .seconds(10))
        #expect(try await consumer.next() == nil)
    }

    @Test func closeFinishesWhileRecordsAreInWorkAndBrokersAreGone() async throws {
        let cluster = try makeCluster(["t": 1])
        try await fill(cluster, 0..<10)
        let consumer = try makeConsumer(cluster)
        let record = try #require(try await consumer.next())
        try cluster.takeDown()
        consumer.finish(record)
        let start = ContinuousClock.now
        await consumer.close(within: .seconds(1))
        #expect(start.duration(to: .now) < .seconds(10))
    }

    @Test func aDroppedConsumerEndsItsThread() async throws {
        let cluster = try makeCluster(["t": 1])
        for number in 0..<5 {
            _ = try makeConsumer(cluster, group: "dropped-\(number)")
        }
    }
}
