import Finance
import GridProtocol
import GridTopics
import KafkaClient
import KafkaFakes
import Operations
import Testing

@testable import GridEngine

/// What becomes of a record that is not to be priced.
@Suite(.timeLimit(.minutes(1))) struct BatchProcessorTests {
    private let source = FakeSource()
    private let sink = FakeSink()
    private let pool = PricerPool(
        count: 1,
        configuration: PricerConfiguration(path: "/no/pricer")
    )
    private let jobs = JobFollower(topic: "jobs", open: { _ in FakeReader() })
    private let processor: BatchProcessor

    init() {
        let configuration = EngineConfiguration(
            engineID: "engine",
            host: "here",
            topics: Topics(),
            kafka: KafkaConfiguration(bootstrapServers: "127.0.0.1:1"),
            group: "engines",
            pricers: 1,
            pricer: PricerConfiguration(path: "/no/pricer")
        )
        let counters = EngineCounters(registry: MetricsRegistry())
        processor = BatchProcessor(
            configuration: configuration,
            delivery: AtLeastOnceDelivery(
                producer: sink,
                makeSingle: { () throws(KafkaError) in FakeSink() },
                consumer: source,
                reduction: DeliveryBench.splitter(),
                logger: .silent
            ),
            pool: pool,
            jobs: jobs,
            pricing: SupervisedPricing(
                configuration: configuration,
                pool: pool,
                snapshots: SnapshotFetcher(topic: "market", limit: 1, open: { _ in FakeReader() }),
                jobs: jobs,
                counters: counters,
                inFlight: InFlightBatches(),
                logger: .silent
            ),
            counters: counters,
            logger: .silent
        )
        source.assign([DeliveryBench.batches])
    }

    private func handle(_ record: ConsumedRecord) async throws {
        try await processor.handle(record, with: await pool.acquire())
        #expect(pool.busy == 0, "the pricer is lent to others again")
        #expect(source.finished == [record])
    }

    @Test(arguments: [nil, [], [0xFF, 0, 0xFE], [UInt8](repeating: 7, count: 100_000)])
    func whatIsNoBatchBecomesADeadLetterAndIsFinished(value: [UInt8]?) async throws {
        try await handle(source.take(17, of: DeliveryBench.batches, value: value))
        let letter = try DeadLetter.decode(try #require(sink.written.first?.value))
        #expect(sink.written.map(\.topic) == [Topics().deadLetters])
        #expect(letter.topic == "batches")
        #expect(letter.partition == 0)
        #expect(letter.offset == 17)
        #expect(letter.cause == FailureReason.Code.undecodable.rawValue)
        #expect(letter.bytes == value ?? [])
        #expect(!letter.message.isEmpty)
    }

    @Test func aBatchPastItsDeadlineIsFinishedWithoutAResult() async throws {
        var batch = Batch(jobID: "late", index: 0, tradeCount: 1)
        batch.deadline = 1
        try await handle(source.take(3, of: DeliveryBench.batches, value: batch.encoded()))
        #expect(sink.written.isEmpty)
    }

    @Test func aRecordOfAnotherSchemaBecomesADeadLetter() async throws {
        let headers = RecordHeaders(schema: JobRecord.self, jobID: "a").kafka
        let bytes = Batch(jobID: "a", index: 0, tradeCount: 1).encoded()
        try await handle(
            source.take(0, of: DeliveryBench.batches, value: bytes, headers: headers)
        )
        #expect(sink.written.map(\.topic) == [Topics().deadLetters])
    }
}
