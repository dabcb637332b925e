import Finance
import Foundation
import GridProtocol
import GridTopics
import KafkaClient
import TestBed
import Testing

/// Records that are no batches, and results that their topic refuses.
extension PoisonTests {
    /// How results reach a real Kafka; none without one.
    private static var deliveries: [String] {
        BrokerKind.available.contains(.kafka) ? ["exactly-once", "at-least-once"] : []
    }

    /// A record that is no batch, and whether only a real broker can hold it.
    private static func garbage() -> [(record: ProducedRecord, isLarge: Bool)] {
        func record(_ value: [UInt8]?, schema: String? = nil) -> ProducedRecord {
            ProducedRecord(
                topic: "",
                partition: 0,
                key: Array("x".utf8),
                value: value,
                headers: schema.map {
                    [KafkaHeader(name: RecordHeaders.schemaName, value: Array($0.utf8))]
                } ?? []
            )
        }
        let sound = Batch(jobID: "other", index: 0, tradeCount: 1).encoded()
        return [
            (record(nil), false),
            (record([]), false),
            (record([0xFF, 0xFF, 0xFF]), false),
            (record(sound, schema: "valgrid.v2.Batch"), false),
            (record(sound, schema: "valgrid.v1.BatchResult"), false),
            (record(Batch(jobID: "other", index: 0, tradeCount: 4_000_000).encoded()), false),
            (record([UInt8](repeating: 0xFF, count: (8 << 20) - 2_048)), true),
            (record([UInt8](repeating: 0xFF, count: 10 << 20)), true),
        ]
    }

    @Test(arguments: BrokerKind.real)
    func aRecordThatIsNoBatchGoesToTheDeadLettersAndTheNextIsPriced(
        broker: BrokerKind
    ) async throws {
        let grid = try Grid(broker)
        var configuration = KafkaConfiguration(bootstrapServers: grid.brokers, clientID: "test")
        configuration.messageMaxBytes = 16 << 20
        if broker == .kafka {
            try await grid.create("batches", ["max.message.bytes": String(16 << 20)])
        }
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--pricers", "1"])
        let producer = try KafkaProducer(configuration: configuration)
        var places: [(offset: Int64, bytes: Int)] = []
        for (record, isLarge) in Self.garbage() where broker == .kafka || !isLarge {
            var record = record
            record.topic = grid.prefix + "batches"
            let delivery = try await producer.send(record)
            places.append((delivery.offset, record.value?.count ?? 0))
            let job = "after-\(places.count)"
            try await publish(job, behaviours: [:], count: 2, isSpoilt: false, on: grid)
            #expect(try await grid.report(job).summary.results == 2)
        }
        await producer.close()
        let letters = try await deadLetters(of: grid, expecting: places.count)
        #expect(letters.count == places.count)
        for (place, letter) in zip(places, letters) {
            #expect(letter.topic == grid.prefix + "batches")
            #expect(letter.partition == 0)
            #expect(letter.offset == place.offset)
            #expect(letter.cause == "undecodable")
            #expect(!letter.message.isEmpty)
            #expect(letter.attempt == 1)
            // Cut to what a record can hold.
            let kept = min(place.bytes, Topics.maximumRecordBytes - 65_536)
            #expect(letter.bytes.count == kept)
        }
        #expect(engine.isRunning)
        #expect(grid.aggregator?.isRunning == true)
    }

    @Test(arguments: deliveries)
    func aResultThatItsTopicRefusesEndsAsErrorsAndTheEngineGoesOn(
        delivery: String
    ) async throws {
        let grid = try Grid(.kafka)
        try await grid.create("results", ["max.message.bytes": "1500"])
        try await grid.create("deadletter", ["max.message.bytes": "2000"], partitions: 1)
        let scratch = try Scratch()
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--delivery", delivery, "--pricers", "2"])
        let count = 40
        let submitted = try await grid.submit(
            try scratch.write(TestMarket.options(count), to: "portfolio.json"),
            market: market,
            metrics: "NPV,OptionPV",
            job: "wide",
            more: ["--batch-size", "20"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        let report = try await grid.report("wide")
        let refused = report.trades.filter { $0.error?.code == "result_too_large" }
        #expect(!refused.isEmpty)
        #expect(report.summary.results + refused.count == count)
        // Of options that cost 60 ms each, a batch has 17 at most: it is closed after a second.
        #expect(try await grid.resultCounts("wide") == [0: 1, 1: 1, 2: 1])
        let letters = try await deadLetters(of: grid, expecting: refused.count)
        #expect(Set(letters.map(\.tradeID)) == Set(refused.map(\.tradeId)))
        #expect(letters.count == refused.count)
        #expect(
            letters.allSatisfy { $0.cause == "result_too_large" && $0.bytes.count < 2_000 }
        )
        // What fits goes through as ever, with the same engine.
        let small = try await grid.submit(
            try scratch.write(TestMarket.options(3), to: "small.json"),
            market: market,
            metrics: "NPV",
            job: "small",
            more: ["--batch-size", "1"]
        )
        #expect(small.code == 0, "\(small.errors)")
        #expect(try await grid.report("small").summary.results == 3)
        #expect(engine.isRunning)
    }

    @Test(arguments: deliveries)
    func aForeignPricersResultLargerThanARecordEndsAsErrors(delivery: String) async throws {
        let grid = try Grid(.kafka)
        let scratch = try Scratch()
        let large = (0..<30_000).map { number in
            Factor(name: String(repeating: "NODE-", count: 60) + "\(number)", value: 0.5)
        }
        let results = [large, []].map { factors in
            TradeResult(
                outcome: .priced([
                    MetricValue(metric: .npv, value: 1, baseValue: 1, factors: factors)
                ]),
                engine: "other"
            )
        }
        let answer = PricedBatch(results: results).encoded()
        #expect(answer.count > 8 << 20)
        let pricer = try Self.pricer(answering: .priced(answer), in: scratch)
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--pricer", pricer, "--delivery", delivery])
        try await publish("huge", behaviours: [:], count: 2, isSpoilt: false, on: grid)
        let report = try await grid.report("huge")
        #expect(report.trades.map(\.status) == ["error", "ok"])
        #expect(report.trades[0].error?.code == "result_too_large")
        let letters = try await deadLetters(of: grid, expecting: 1)
        #expect(letters.map(\.tradeID) == ["T-0"])
        #expect(engine.isRunning)
    }
}

extension Grid {
    /// Makes a topic on a real broker before the programs do.
    func create(
        _ name: String,
        _ configuration: [String: String],
        partitions: Int = 8
    ) async throws {
        let admin = try KafkaAdmin(
            configuration: KafkaConfiguration(bootstrapServers: brokers, clientID: "test")
        )
        let topic = TopicSpecification(
            name: prefix + name,
            partitions: partitions,
            replicationFactor: -1,
            configuration: configuration
        )
        let created = try await admin.createMissing([topic])
        await admin.close()
        #expect(created == [topic.name])
    }
}
