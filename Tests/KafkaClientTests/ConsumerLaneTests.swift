import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(3))) struct ConsumerLaneTests {
    private func makeConsumer(
        _ cluster: EmbeddedCluster,
        _ lanes: [ConsumerLane]
    ) throws -> KafkaConsumer {
        try KafkaConsumer(configuration: cluster.configuration, group: "g", lanes: lanes)
    }

    private func fill(
        _ cluster: EmbeddedCluster,
        _ topic: String,
        _ numbers: Range<Int>
    ) async throws {
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await send(numbers, to: topic, by: producer)
        await producer.close()
    }

    @Test func aFullLaneHoldsUpNoOtherAndTheFirstGoesFirst() async throws {
        let cluster = try makeCluster(["first": 2, "second": 2])
        try await fill(cluster, "second", 0..<2_000)
        let consumer = try makeConsumer(
            cluster,
            [
                ConsumerLane(topics: ["first"], maximumUnfinished: 4),
                ConsumerLane(topics: ["second"], maximumUnfinished: 4),
            ]
        )
        var open: [ConsumedRecord] = []
        for _ in 0..<3 {
            let record = try #require(try await consumer.next())
            #expect(record.topic == "second")
            open.append(record)
        }
        // One more waits, and no room is left in the second lane.
        try await eventually("the second lane is full") { consumer.unfinishedCount == 4 }
        try await fill(cluster, "first", 0..<10)
        try await eventually("both lanes are full") { consumer.unfinishedCount == 8 }
        // The one that waits in the second lane waits on while the first has any.
        var seen: Set<Int> = []
        while seen.count < 10 {
            let record = try #require(try await consumer.next())
            guard record.topic == "first" else {
                // The thread had not brought the next ones yet.
                #expect(seen.count >= 4)
                open.append(record)
                continue
            }
            seen.insert(try #require(record.number))
            consumer.finish(record)
        }
        #expect(open.count <= 4)
        #expect(seen == Set(0..<10))
        open.forEach { consumer.finish($0) }
        for _ in 0..<100 {
            let record = try #require(try await consumer.next())
            #expect(record.topic == "second")
            #expect(consumer.unfinishedCount <= 8)
            consumer.finish(record)
        }
        await consumer.close()
    }

    @Test func aClosedGateKeepsTheThreadIdleAndItsRecordsComeAgain() async throws {
        let cluster = try makeCluster(["gated": 1, "other": 1])
        try await fill(cluster, "gated", 0..<20)
        let opening = Opening()
        let lanes = [
            ConsumerLane(topics: ["gated"], maximumUnfinished: 4) {
                opening.contains($0.first?.offset)
            },
            ConsumerLane(topics: ["other"], maximumUnfinished: 4),
        ]
        let consumer = try makeConsumer(cluster, lanes)
        try await eventually("the gated lane is full") { consumer.unfinishedCount == 4 }
        #expect(consumer.isIdle)
        try await fill(cluster, "other", 0..<50)
        for _ in 0..<50 {
            let record = try #require(try await consumer.next())
            #expect(record.topic == "other")
            #expect(!consumer.isIdle)
            consumer.finish(record)
        }
        try await eventually("nothing is left to do") { consumer.isIdle }
        // One who waits is woken when the gate opens.
        async let waiting = consumer.next()
        opening.insert(0)
        consumer.reconsider()
        let first = try #require(try await waiting)
        #expect(first.topic == "gated")
        #expect(first.offset == 0)
        consumer.finish(first)
        let start = ContinuousClock.now
        await consumer.close()
        #expect(start.duration(to: .now) < .seconds(8))

        for offset in 1..<20 { opening.insert(Int64(offset)) }
        let next = try makeConsumer(cluster, lanes)
        for offset in 1..<20 {
            let record = try #require(try await next.next())
            #expect(record.topic == "gated")
            #expect(record.offset == Int64(offset))
            next.finish(record)
        }
        await next.close()
    }

    @Test func aRebalanceWithAClosedGateLosesNothing() async throws {
        let cluster = try makeCluster(["gated": 4, "other": 4])
        try await fill(cluster, "gated", 0..<40)
        let opening = Opening()
        let lanes = [
            ConsumerLane(topics: ["other"], maximumUnfinished: 4),
            ConsumerLane(topics: ["gated"], maximumUnfinished: 4) { _ in opening.contains(0) },
        ]
        let first = try makeConsumer(cluster, lanes)
        try await eventually("the gated lane is full") { first.unfinishedCount == 4 }
        let second = try makeConsumer(cluster, lanes)
        try await eventually("both have partitions of both") {
            first.assignment.count == 4 && second.assignment.count == 4
        }
        let seen = Seen()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for consumer in [first, second] {
                group.addTask {
                    while let record = try await consumer.next() {
                        seen.note(record.number)
                        consumer.finish(record)
                    }
                }
            }
            opening.insert(0)
            first.reconsider()
            second.reconsider()
            try await eventually("all were seen") { seen.all == Set(0..<40) }
            await first.close()
            await second.close()
            try await group.waitForAll()
        }
    }

    @Test func lanesThatCannotBeAreRefused() async throws {
        for lanes in [
            [], [ConsumerLane(topics: [], maximumUnfinished: 1)],
            [ConsumerLane(topics: ["t"], maximumUnfinished: 0)],
            [
                ConsumerLane(topics: ["t"], maximumUnfinished: 1),
                ConsumerLane(topics: ["t"], maximumUnfinished: 1),
            ],
        ] {
            let error = await failure { () throws(KafkaError) in
                try KafkaConsumer(
                    configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
                    group: "g",
                    lanes: lanes
                )
            }
            #expect(error?.code == .configuration)
        }
    }
}
