import GridProtocol
import GridTopics
import KafkaClient
import KafkaFakes
import Operations
import Synchronization

@testable import GridEngine

/// What tests of deliveries have in common.
enum DeliveryBench {
    static let batches = TopicPartition(topic: "batches", partition: 0)
    static let others = TopicPartition(topic: "batches", partition: 1)
    static let placeholder = OffsetPlaceholder(
        partition: TopicPartition(topic: "market", partition: 0),
        offset: 3
    )

    static func result(_ name: String, bytes: Int = 10) -> ProducedRecord {
        ProducedRecord(
            topic: Topics().results,
            key: Array(name.utf8),
            value: [UInt8](repeating: 1, count: bytes)
        )
    }

    static func splitter() -> OversizeResultSplitter {
        OversizeResultSplitter(
            topics: Topics(),
            engineID: "engine",
            counters: EngineCounters(registry: MetricsRegistry()),
            logger: .silent
        )
    }

    static func connection(
        to kafka: FakeTransactions,
        _ clock: ManualClock
    ) -> TransactionConnection {
        TransactionConnection(
            makeSink: { isOneByOne throws(TransactionError) in
                try await kafka.open(isOneByOne: isOneByOne)
            },
            evidence: kafka,
            group: kafka.group,
            placeholder: { placeholder },
            clock: EngineClock(clock),
            logger: .silent
        )
    }

    /// Returns once something is so; what it waits for is a matter of turns, not of time.
    static func until(_ isSo: () -> Bool) async {
        while !isSo() { await Task.yield() }
    }

    static func error(
        _ code: KafkaError.Code,
        isRetriable: Bool = false
    ) -> KafkaError {
        KafkaError(code: code, reason: "\(code)", isRetriable: isRetriable)
    }
}

extension EngineClock {
    /// The time of a test.
    init(_ clock: ManualClock) {
        self.init(now: { clock.now }, sleepUntil: { try await clock.sleep(until: $0) })
    }
}

extension [ProducedRecord] {
    /// The keys, as text.
    var names: [String] { map { String(decoding: $0.key ?? [], as: UTF8.self) } }
}
