/// Writes records, idempotently and acknowledged by all replicas in sync.
///
/// Every send returns its own result, and there are never more records in flight than the
/// configuration allows. Close it: a producer that is dropped forgets what it still holds.
public final class KafkaProducer: Sendable {
    private let loop: ProducerLoop

    /// Makes a producer and starts its thread; brokers are looked for in the background.
    ///
    /// - Throws: ``KafkaError`` `configuration` if a setting is wrong.
    public init(configuration: KafkaConfiguration) throws(KafkaError) {
        loop = try ProducerLoop(configuration)
        try ClientThread.start(loop, name: "kafka-producer")
    }

    deinit {
        loop.abandon()
    }

    /// Writes a record and returns where it went, once all replicas in sync have it.
    ///
    /// Suspends while the bound on records in flight is reached. A task that is cancelled before
    /// its record had room never sends it; one that is cancelled later stops waiting, and its
    /// record may or may not be written.
    ///
    /// - Throws: ``KafkaError``; `closed` once the producer was asked to close.
    @discardableResult
    public func send(_ record: ProducedRecord) async throws(KafkaError) -> Delivery {
        guard !Task.isCancelled else { throw .cancelled("the send") }
        let id = loop.makeID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.add(id, record, continuation)
                // A cancellation that came before the record was added found nothing to cancel.
                if Task.isCancelled {
                    loop.cancel(id)
                }
            }
        } onCancel: {
            loop.cancel(id)
        }
        return try result.get()
    }

    /// Fetches the metadata of topics, so that the first record to each of them goes out at once
    /// instead of after up to a second.
    ///
    /// - Throws: ``KafkaError`` when no broker tells in time; sending works all the same.
    public func prepare(
        topics: [String],
        within duration: Duration = .seconds(10)
    ) async throws(KafkaError) {
        let deadline = ContinuousClock.now + duration
        let result = await withCheckedContinuation { continuation in
            loop.prepare(topics, until: deadline, continuation)
        }
        try result.get()
    }

    /// Waits until the records sent so far are delivered or failed; each reports to its own sender.
    ///
    /// - Throws: ``KafkaError`` `timedOut` when some are still in flight; they continue.
    public func flush(within duration: Duration) async throws(KafkaError) {
        let id = loop.makeID()
        let deadline = ContinuousClock.now + duration
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                loop.flush(id, until: deadline, continuation)
                if Task.isCancelled {
                    loop.cancelFlush(id)
                }
            }
        } onCancel: {
            loop.cancelFlush(id)
        }
        try result.get()
    }

    /// Takes no more records, waits for the pending ones, fails the rest with `closed`.
    ///
    /// Returns when the client is freed. Further calls wait for the first.
    public func close(within duration: Duration = .seconds(10)) async {
        let deadline = ContinuousClock.now + duration
        await withCheckedContinuation { continuation in
            loop.close(until: deadline, continuation)
        }
    }

    /// The error after which this producer cannot be used any more, if there was one.
    public var fatalError: KafkaError? { loop.status.fatal }

    /// The last error that librdkafka reported, even if it retries.
    public var lastError: KafkaError? { loop.status.lastError }

    /// Whether no broker is connected.
    public var brokersDown: Bool { loop.status.brokersDown }

    /// How many records are in flight in librdkafka.
    public var inFlightCount: Int { loop.inFlightCount }

    /// How many sends wait for room.
    public var waitingCount: Int { loop.waitingCount }
}
