import Finance
import GridProtocol
import GridSubmission
import GridTopics
import KafkaClient
import TestBed
import Testing

/// Records that are not what their topic holds, and records that are gone.
@Suite(.timeLimit(.minutes(2))) struct EmbeddedRecordTests {
    /// Records that are no batches.
    private static func garbage(_ topic: String) -> [ProducedRecord] {
        func record(_ value: [UInt8]?, schema: String? = nil) -> ProducedRecord {
            ProducedRecord(
                topic: topic,
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
            record(nil), record([]), record([0xFF, 0xFF, 0xFF]),
            record(sound, schema: "valgrid.v2.Batch"),
            record(sound, schema: "valgrid.v1.BatchResult"),
            record(Batch(jobID: "other", index: 0, tradeCount: 4_000_000).encoded()),
        ]
    }

    @Test func recordsThatAreNoBatchGoToTheDeadLettersAndTheNextArePriced() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            let engine = try await grid.startEngine()
            let records = Self.garbage(grid.topics.batches)
            var places: [(offset: Int64, bytes: Int)] = []
            try await grid.withProducer { producer in
                for record in records {
                    let delivery = try await producer.send(record)
                    places.append((delivery.offset, record.value?.count ?? 0))
                }
            }
            // On every partition, so behind the garbage as well.
            try await grid.submit(
                try samples.options(24),
                market: samples.market,
                job: "after",
                batchSize: 1
            )
            #expect(try await grid.report("after").summary.results == 24)
            let letters = try await grid.deadLetters(expecting: records.count).map(\.letter)
            #expect(letters.count == places.count)
            let byOffset = Dictionary(letters.map { ($0.offset, $0) }) { first, _ in first }
            for place in places {
                let letter = try #require(byOffset[place.offset])
                #expect(letter.topic == grid.topics.batches)
                #expect(letter.partition == 0)
                #expect(letter.cause == "undecodable")
                #expect(!letter.message.isEmpty)
                #expect(letter.attempt == 1)
                #expect(letter.bytes.count == place.bytes)
            }
            #expect(engine.isRunning)
        }
    }

    @Test func recordsThatWereRemovedUnreadAreNamed() async throws {
        try await EmbeddedGrid.with { grid in
            func produce(_ bytes: Int, times: Int) async throws {
                try await grid.withProducer { producer in
                    for _ in 0..<times {
                        let value = [UInt8](repeating: 0xFF, count: bytes)
                        try await producer.send(
                            ProducedRecord(topic: grid.topics.results, partition: 0, value: value)
                        )
                    }
                }
            }
            try await grid.startAggregator()
            try await produce(10, times: 1)
            try await eventually("the first record is read", within: .seconds(30)) {
                try grid.aggregator.metric("grid_records_refused_total") == 1
            }
            await grid.stopAggregator()
            // The embedded broker keeps 5 MiB of a partition.
            try await produce(500_000, times: 16)
            try await grid.startAggregator()
            let lost = try grid.aggregator.metric("grid_records_lost_total") ?? 0
            #expect((1..<16).contains(lost))
            let words = "retention removed records before they were read"
            #expect(grid.log.text.contains(words))
        }
    }

    @Test func deadTradesAreRedrivenAsAJobOfTheirOwnAndGetTheirValues() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let portfolio = try samples.options(8)
            let expected = try await samples.byHand(portfolio, metrics: "NPV,OptionPV")
            try await grid.startAggregator()
            let broken = try await grid.startEngine(script: "trade 1 die ABRT\ntrade 4 exit 7")
            try await grid.submit(
                portfolio,
                market: samples.market,
                metrics: [.npv, .optionPV],
                job: "poison"
            )
            #expect(try await grid.report("poison").summary.errors == 2)
            let letters = try await grid.deadLetters(of: "poison", expecting: 2)
            try await broken.stop()
            try await grid.startEngine()

            let queue = RedriveQueue(
                configuration: grid.kafka,
                topics: grid.topics,
                delivery: .atLeastOnce,
                logger: grid.log.logger("redrive")
            )
            var plan = RedrivePlan(batchesTopics: Set(grid.topics.allBatches))
            for letter in letters { plan.add(letter) }
            #expect(plan.refusals.isEmpty)
            let jobs = try await queue.jobs(of: plan, timeLimit: nil, submitter: "test")
            var outcomes: [JobSubmitter.Outcome] = []
            for _ in 0..<2 {
                try await queue.submit(jobs) { _, outcome in outcomes.append(outcome) }
            }
            #expect(outcomes == [.submitted, .alreadySubmitted])
            let job = try #require(jobs.first?.jobID.rawValue)
            #expect(job.hasPrefix("poison-redrive-"))
            let report = try await grid.report(job)
            #expect(report.trades.map(\.tradeId) == ["OPT-1", "OPT-4"])
            for metric in ["NPV", "OptionPV"] {
                let values = expected.filter { ["OPT-1", "OPT-4"].contains($0.key) }
                    .compactMapValues { $0[metric] }
                #expect(report.values(of: metric) == values)
            }
            #expect(try await grid.deadLetters(of: job).isEmpty)
            // The first report is as it was.
            #expect(try await grid.report("poison").summary.errors == 2)
        }
    }
}
