internal import GridTopics
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Writes results, then lets the consumer commit: at least once.
final class AtLeastOnceDelivery: ResultDelivery {
    private let producer: any RecordSink
    private let makeSingle: @Sendable () throws(KafkaError) -> any RecordSink
    private let consumer: any RecordSource
    private let reduction: OversizeResultSplitter
    private let clock: EngineClock
    private let logger: Logger
    /// Made when a topic has refused a request as too large: each of its records goes alone, so
    /// that what is refused again is too large in itself.
    private let single = Mutex<(any RecordSink)?>(nil)

    /// Makes a delivery.
    ///
    /// - Parameters:
    ///   - producer: takes results.
    ///   - makeSingle: makes a producer that writes each record in a request of its own.
    ///   - consumer: whose records are finished.
    ///   - reduction: makes smaller what is too large.
    ///   - clock: the time it goes by.
    ///   - logger: is told of what fails.
    init(
        producer: any RecordSink,
        makeSingle: @escaping @Sendable () throws(KafkaError) -> any RecordSink,
        consumer: any RecordSource,
        reduction: OversizeResultSplitter,
        clock: EngineClock = .system,
        logger: Logger
    ) {
        self.producer = producer
        self.makeSingle = makeSingle
        self.consumer = consumer
        self.reduction = reduction
        self.clock = clock
        self.logger = logger
    }

    var isReady: Bool { true }
    func start() async throws(EngineError) {}
    func run() async throws {}
    func waitForRoom() async {}
    func take(_ record: ConsumedRecord) -> Bool { true }
    func abandon(_ record: ConsumedRecord) {}

    func close() async {
        await single.withLock { $0.take() }?.close(within: .seconds(1))
    }

    func deliver(
        _ records: [ProducedRecord],
        finishing record: ConsumedRecord
    ) async throws(EngineError) -> Bool {
        guard consumer.isCurrent(record) else { return false }
        for wanted in records {
            var open = reduction.fitting(wanted, of: record)
            while !open.isEmpty {
                let next = open.removeFirst()
                guard try await !send(next) else { continue }
                reduction.note(refusalOf: next)
                open = ([next] + open).flatMap { reduction.fitting($0, of: record) }
            }
        }
        consumer.finish(record)
        return true
    }

    // MARK: Private

    /// Produces a record; tries again with a growing pause while the broker is away.
    ///
    /// - Returns: whether its topic took it; if not, it is too large.
    private func send(_ record: ProducedRecord) async throws(EngineError) -> Bool {
        var pause = Duration.milliseconds(100)
        var attempt = 1
        while true {
            let single = single.withLock { $0 }
            do throws(KafkaError) {
                try await (single ?? producer).send(record)
                return true
            } catch {
                guard error.code != .messageTooLarge else {
                    guard single == nil else { return false }
                    try sendOneByOne()
                    continue
                }
                guard error.isRetriable, attempt < 30 else {
                    throw EngineError(error, context: "cannot write to \(record.topic)")
                }
                logger.info("write failed, trying again", [.error: error.reason])
            }
            do {
                try await clock.sleep(for: pause)
            } catch {
                throw EngineError("stopped while writing to \(record.topic)")
            }
            pause = min(pause * 2, .seconds(5))
            attempt += 1
        }
    }

    private func sendOneByOne() throws(EngineError) {
        do throws(KafkaError) {
            let made = try makeSingle()
            single.withLock { $0 = $0 ?? made }
        } catch {
            throw EngineError(error.reason)
        }
    }
}
