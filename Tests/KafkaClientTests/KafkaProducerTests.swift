import KafkaClient
import KafkaEmbedded
import Testing

@Suite(.timeLimit(.minutes(2))) struct KafkaProducerTests {
    @Test func aSendTellsWhereTheRecordWent() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        for offset: Int64 in 0..<3 {
            let delivery = try await producer.send(ProducedRecord(topic: "t", value: [1]))
            #expect(delivery == Delivery(partition: 0, offset: offset))
        }
        await producer.close()
    }

    @Test func manySendsAtOnceStayWithinTheBound() async throws {
        let cluster = try makeCluster(["t": 4])
        var configuration = cluster.configuration
        configuration.maximumInFlight = 8
        let producer = try KafkaProducer(configuration: configuration)
        let highest = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<500 {
                group.addTask {
                    try await producer.send(ProducedRecord(topic: "t", value: number.bytes))
                    return producer.inFlightCount
                }
            }
            return try await group.reduce(0, max)
        }
        #expect(highest <= 8)
        #expect(producer.inFlightCount == 0)
        await producer.close()
    }

    @Test func aRefusedRecordWithHeadersFreesThemOnce() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await producer.send(ProducedRecord(topic: "t", value: [1]))
        for _ in 0..<20 {
            let error = await failure { () throws(KafkaError) in
                try await producer.send(
                    ProducedRecord(
                        topic: "t",
                        partition: 9,
                        value: [1],
                        headers: [
                            KafkaHeader(name: "a", value: [1, 2]),
                            KafkaHeader(name: "b", value: []),
                        ]
                    )
                )
            }
            #expect(error?.code == .unknownPartition)
        }
        await producer.close()
    }

    @Test func aRecordTooLargeIsRefusedAtOnce() async throws {
        let cluster = try makeCluster()
        var configuration = cluster.configuration
        configuration.messageMaxBytes = 100_000
        let producer = try KafkaProducer(configuration: configuration)
        let error = await failure { () throws(KafkaError) in
            try await producer.send(
                ProducedRecord(topic: "t", value: [UInt8](repeating: 0, count: 200_000))
            )
        }
        #expect(error?.code == .messageTooLarge)
        #expect(error?.isRetriable == false)
        await producer.close()
    }

    @Test func aTransientErrorIsRetriedInOrder() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await producer.send(ProducedRecord(topic: "t", value: [0]))
        // NOT_LEADER_FOR_PARTITION, and a broken connection.
        try cluster.fail(.produce, with: [6, -195])
        try await send(0..<50, to: "t", by: producer)
        let reader = try KafkaReader(
            configuration: cluster.configuration,
            start: [TopicPartition(topic: "t", partition: 0): .offset(1)]
        )
        var numbers: Set<Int> = []
        for _ in 0..<50 {
            numbers.insert(try #require(try await reader.next()?.number))
        }
        #expect(numbers == Set(0..<50))
        await reader.close()
        await producer.close()
    }

    @Test func flushWaitsForReportsThatNoOtherCallPolls() async throws {
        let cluster = try makeCluster()
        try cluster.setRoundTrip(milliseconds: 500)
        let producer = try KafkaProducer(configuration: cluster.configuration)
        async let sends: Void = send(0..<10, to: "t", by: producer)
        try await eventually("ten records in flight") { producer.inFlightCount == 10 }
        try await producer.flush(within: .seconds(10))
        #expect(producer.inFlightCount == 0)
        try await sends
        await producer.close()
    }

    @Test func flushThatIsNotDoneInTimeSaysSo() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await producer.send(ProducedRecord(topic: "t", value: [0]))
        try cluster.takeDown()
        async let send = failure { () throws(KafkaError) in
            try await producer.send(ProducedRecord(topic: "t", value: [1]))
        }
        try await eventually("a record in flight") { producer.inFlightCount == 1 }
        let error = await failure { () throws(KafkaError) in
            try await producer.flush(within: .milliseconds(50))
        }
        #expect(error?.code == .timedOut)
        await producer.close(within: .zero)
        #expect(await send?.code == .closed)
    }

    @Test func closeDeliversWhatIsPendingAndRefusesTheRest() async throws {
        let cluster = try makeCluster()
        try cluster.setRoundTrip(milliseconds: 500)
        var configuration = cluster.configuration
        configuration.maximumInFlight = 5
        let producer = try KafkaProducer(configuration: configuration)
        async let sends: Void = send(0..<20, to: "t", by: producer)
        try await eventually("records in flight") { producer.inFlightCount == 5 }
        try await eventually("the others wait") { producer.waitingCount == 15 }
        await producer.close()
        try await sends
        let error = await failure { () throws(KafkaError) in
            try await producer.send(ProducedRecord(topic: "t", value: [1]))
        }
        #expect(error?.code == .closed)
        await producer.close()
    }

    @Test func closeEndsInTimeWhenNoBrokerAnswers() async throws {
        let producer = try KafkaProducer(
            configuration: KafkaConfiguration(bootstrapServers: "127.0.0.1:1")
        )
        async let send = failure { () throws(KafkaError) in
            try await producer.send(ProducedRecord(topic: "t", value: [1]))
        }
        try await eventually("all brokers down") { producer.brokersDown }
        let start = ContinuousClock.now
        await producer.close(within: .milliseconds(200))
        #expect(start.duration(to: .now) < .seconds(5))
        #expect(await send?.code == .closed)
    }

    @Test func aCancelledSendThatWaitsForRoomIsNeverSent() async throws {
        let cluster = try makeCluster()
        var configuration = cluster.configuration
        configuration.maximumInFlight = 1
        let producer = try KafkaProducer(configuration: configuration)
        try await producer.send(ProducedRecord(topic: "t", value: [0]))
        try cluster.takeDown()
        async let first = producer.send(ProducedRecord(topic: "t", value: [1]))
        try await eventually("a record in flight") { producer.inFlightCount == 1 }
        let second = Task {
            await failure { () throws(KafkaError) in
                try await producer.send(ProducedRecord(topic: "t", value: [2]))
            }
        }
        try await eventually("another waits") { producer.waitingCount == 1 }
        second.cancel()
        #expect(await second.value?.code == .cancelled)
        try cluster.bringUp()
        #expect(try await first.offset == 1)
        let last = try await producer.send(ProducedRecord(topic: "t", value: [3]))
        #expect(last.offset == 2)
        await producer.close()
    }

    @Test func aTaskThatIsCancelledAlreadySendsNothing() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure { () throws(KafkaError) in
                try await producer.send(ProducedRecord(topic: "t", value: [1]))
            }
        }.value
        #expect(error?.code == .cancelled)
        #expect(try await producer.send(ProducedRecord(topic: "t", value: [2])).offset == 0)
        await producer.close()
    }

    @Test func brokersDownIsNoticedAndForgottenWithoutTraffic() async throws {
        let cluster = try makeCluster()
        let producer = try KafkaProducer(configuration: cluster.configuration)
        try await producer.send(ProducedRecord(topic: "t", value: [0]))
        #expect(!producer.brokersDown)
        try cluster.takeDown()
        try await eventually("down") { producer.brokersDown }
        #expect(producer.lastError?.isFatal == false)
        try cluster.bringUp()
        try await eventually("up again") { !producer.brokersDown }
        await producer.close()
    }

    @Test func whatLibrdkafkaLogsIsHandedOver() async throws {
        let lines = Seen()
        var configuration = KafkaConfiguration(bootstrapServers: "127.0.0.1:1")
        configuration.log = { line in
            guard line.message.contains("refused") else { return }
            lines.note(line.level)
        }
        let producer = try KafkaProducer(configuration: configuration)
        try await eventually("a line about the refused connection") { !lines.all.isEmpty }
        await producer.close()
    }

    @Test func aDroppedProducerEndsItsThread() async throws {
        let cluster = try makeCluster()
        for _ in 0..<20 {
            _ = try KafkaProducer(configuration: cluster.configuration)
        }
    }
}
