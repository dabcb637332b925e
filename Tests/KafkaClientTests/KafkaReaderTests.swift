import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(2))) struct KafkaReaderTests {
    private let zero = TopicPartition(topic: "t", partition: 0)

    private func fill(_ cluster: EmbeddedCluster, _ numbers: Range<Int>) async throws {
        let producer = try KafkaProducer(configuration: cluster.configuration)
        for number in numbers {
            try await producer.send(ProducedRecord(topic: "t", partition: 0, value: number.bytes))
        }
        await producer.close()
    }

    @Test func everythingOfARecordComesBack() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        let records = [
            ProducedRecord(
                topic: "t",
                key: [1, 2],
                value: [3, 4, 5],
                headers: [
                    KafkaHeader(name: "schema", value: Array("batch".utf8)),
                    KafkaHeader(name: "empty", value: []),
                    KafkaHeader(name: "schema", value: [0xFF]),
                ]
            ),
            ProducedRecord(topic: "t", key: [9], value: nil),
            ProducedRecord(topic: "t", value: []),
            ProducedRecord(topic: "t", key: [], value: [UInt8](repeating: 7, count: 1_000_000)),
        ]
        for record in records {
            try await producer.send(record)
        }
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning]
        )
        for (offset, sent) in records.enumerated() {
            let read = try #require(try await reader.next())
            #expect(read.topic == "t")
            #expect(read.offset == Int64(offset))
            #expect(read.key == sent.key)
            #expect(read.value == sent.value)
            #expect(read.headers == sent.headers)
            #expect(read.timestampMillis > 1_600_000_000_000)
        }
        #expect(
            ConsumedRecord(
                topic: "t",
                partition: 0,
                offset: 0,
                value: nil,
                headers: records[0].headers
            ).header("schema") == [0xFF]
        )
        await reader.close()
        await producer.close()
    }

    @Test func readingStartsWhereItIsToldTo() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<10)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .offset(7)]
        )
        #expect(try await reader.next()?.number == 7)
        #expect(reader.positions == [zero: 8])
        await reader.close()

        let late = try KafkaReader(configuration: cluster.configuration, start: [zero: .end])
        try await eventually("at the end") { late.positions[zero] == 10 }
        try await fill(cluster, 10..<11)
        #expect(try await late.next()?.number == 10)
        await late.close()
    }

    @Test func aBatchHoldsWhatIsThereAndNoneWhenTimeIsUp() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<100)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning],
            maximumBuffered: 8
        )
        var numbers: [Int?] = []
        while numbers.count < 100 {
            let batch = try await reader.nextBatch(maximum: 30, within: .seconds(20))
            #expect((1...8).contains(batch.count))
            numbers += batch.map(\.number)
        }
        #expect(numbers == Array(0..<100))
        let start = ContinuousClock.now
        #expect(try await reader.nextBatch(maximum: 30, within: .milliseconds(50)).isEmpty)
        #expect(start.duration(to: .now) >= .milliseconds(50))
        #expect(start.duration(to: .now) < .seconds(5))
        await reader.close()
    }

    @Test func endsAreToldForAllPartitions() async throws {
        let cluster = try makeCluster(["t": 3])
        try await fill(cluster, 0..<5)
        let partitions = (0..<3).map { TopicPartition(topic: "t", partition: Int32($0)) }
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .beginning) })
        )
        let ends = try await reader.endOffsets()
        #expect(ends[partitions[0]] == OffsetRange(low: 0, high: 5))
        #expect(ends[partitions[1]] == OffsetRange(low: 0, high: 0))
        #expect(ends.count == 3)
        var count = 0
        while count < 5 {
            count += try await reader.nextBatch(maximum: 10, within: .seconds(20)).count
        }
        try await eventually("all read") {
            let positions = reader.positions
            return partitions.allSatisfy { positions[$0] == ends[$0]?.high }
        }
        await reader.close()
    }

    /// A topic that was just created, as a broker knows it that does not know its leader yet.
    @Test func endsAreAskedForUntilThereIsALeader() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<2)
        try cluster.setLeader(nil, of: zero)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning]
        )
        let start = ContinuousClock.now
        let early = await failure { () throws(KafkaError) in
            try await reader.endOffsets(within: .seconds(1))
        }
        #expect(early?.code == .unknownPartition)
        #expect(start.duration(to: .now) > .milliseconds(900), "it may come")
        async let ends = reader.endOffsets(within: .seconds(30))
        try cluster.setLeader(1, of: zero)
        #expect(try await ends == [zero: OffsetRange(low: 0, high: 2)])
        await reader.close()
    }

    @Test func endsAreNotWaitedForForEver() async throws {
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
            start: [zero: .beginning]
        )
        let start = ContinuousClock.now
        let error = await failure { () throws(KafkaError) in
            try await reader.endOffsets(within: .milliseconds(300))
        }
        #expect(error != nil)
        #expect(start.duration(to: .now) < .seconds(10))
        await reader.close()
    }

    @Test func whoWantsRecordsBeforeAnEndWaitsNoLongerThanToThere() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<3)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .offset(2)]
        )
        let start = ContinuousClock.now
        func next(before end: Int64) async throws -> [Int?] {
            try await reader.nextBatch(maximum: 9, before: [zero: end], within: .seconds(60))
                .map(\.number)
        }
        #expect(try await next(before: 3) == [2])
        #expect(try await next(before: 3) == [])
        async let later = next(before: 4)
        try await fill(cluster, 3..<4)
        #expect(try await later == [3])
        await reader.close()
        // Here only the end of the partition is reported, while a caller waits.
        let late = try KafkaReader(configuration: cluster.configuration, start: [zero: .end])
        #expect(
            try await late.nextBatch(maximum: 9, before: [zero: 4], within: .seconds(60)).isEmpty
        )
        #expect(late.positions == [zero: 4])
        await late.close()
        #expect(start.duration(to: .now) < .seconds(50))
    }

    @Test func readingBeginsWithoutAWaitForLeaders() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<1)
        var quickest = Duration.seconds(60)
        for _ in 0..<5 {
            let start = ContinuousClock.now
            let reader = try KafkaReader(
                configuration: cluster.configuration,
                start: [zero: .beginning]
            )
            #expect(try await reader.next()?.number == 0)
            quickest = min(quickest, start.duration(to: .now))
            await reader.close()
        }
        // librdkafka would look for a leader that it does not know every 500 ms.
        #expect(quickest < .milliseconds(400))
    }

    @Test(arguments: [StartOffset.offset(-1), .offset(.min)])
    func aStartBeforeTheFirstOffsetIsRefused(offset: StartOffset) {
        #expect(throws: KafkaError.self) {
            try KafkaReader(
                configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
                start: [zero: offset]
            )
        }
    }

    @Test func closeEndsThoseWhoWait() async throws {
        let cluster = try makeCluster()
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning]
        )
        async let next = reader.next()
        async let batch = reader.nextBatch(maximum: 3, within: .seconds(60))
        try await eventually("at the end") { reader.positions[zero] == 0 }
        await reader.close()
        #expect(try await next == nil)
        #expect(try await batch.isEmpty)
        #expect(try await reader.next() == nil)
        await reader.close()
    }

    @Test func aCancelledWaitTakesNoRecord() async throws {
        let cluster = try makeCluster()
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning]
        )
        let waiting = Task {
            await failure { () throws(KafkaError) in try await reader.next() }
        }
        waiting.cancel()
        #expect(await waiting.value?.code == .cancelled)
        try await fill(cluster, 0..<1)
        #expect(try await reader.next()?.number == 0)
        await reader.close()
    }

    @Test func aReaderWaitsForALostBroker() async throws {
        let cluster = try makeCluster()
        try await fill(cluster, 0..<1)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [zero: .beginning]
        )
        #expect(try await reader.next()?.number == 0)
        try cluster.takeDown()
        try await eventually("down") { reader.brokersDown }
        try cluster.bringUp()
        try await fill(cluster, 1..<2)
        #expect(try await reader.next()?.number == 1)
        #expect(!reader.brokersDown)
        await reader.close()
    }
}
