internal import KafkaClient
internal import Operations

/// Writes results, then lets the consumer commit: at least once.
struct PlainDelivery: ResultDelivery {
    let producer: KafkaProducer
    let consumer: KafkaConsumer
    let logger: Logger

    var isReady: Bool { true }
    func start() async throws(EngineError) {}
    func run() async throws {}
    func waitForRoom() async {}
    func take(_ record: ConsumedRecord) -> Bool { true }
    func giveUp(_ record: ConsumedRecord) {}

    func close() async {}

    func deliver(
        _ records: [ProducedRecord],
        finishing record: ConsumedRecord
    ) async throws(EngineError) -> Bool {
        guard consumer.isCurrent(record) else { return false }
        for record in records { try await send(record) }
        consumer.finish(record)
        return true
    }

    /// Produces a record; tries again with a growing pause while the broker is away.
    private func send(_ record: ProducedRecord) async throws(EngineError) {
        var pause = Duration.milliseconds(100)
        for attempt in 1... {
            do throws(KafkaError) {
                try await producer.send(record)
                return
            } catch {
                guard error.isRetriable, attempt < 30 else {
                    throw EngineError(error, context: "cannot write to \(record.topic)")
                }
                logger.info("write failed, trying again", [.error: error.reason])
            }
            do {
                try await Task.sleep(for: pause)
            } catch {
                throw EngineError("stopped while writing to \(record.topic)")
            }
            pause = min(pause * 2, .seconds(5))
        }
    }
}
