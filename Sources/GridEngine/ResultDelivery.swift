internal import KafkaClient

/// Brings what came of a record to Kafka, and with it the note that the record is done.
protocol ResultDelivery: Sendable {
    /// Whether results can be delivered.
    var isReady: Bool { get }

    /// Gets ready; called once, before anything is taken.
    func start() async throws(EngineError)

    /// Works until it is cancelled or fails; then the waiters are told.
    func run() async throws

    /// Returns when another record may be taken: what waits for its turn has a bound.
    func waitForRoom() async

    /// Notes that work on a record begins; in the order of the records.
    ///
    /// - Returns: whether its results are wanted; if not, it was taken before.
    func take(_ record: ConsumedRecord) -> Bool

    /// Writes records and notes that `record` is done; returns when the broker has both.
    ///
    /// - Returns: whether that was in time; if not, the record comes again, here or elsewhere, and
    ///   nothing was written that readers see.
    func deliver(
        _ records: [ProducedRecord],
        finishing record: ConsumedRecord
    ) async throws(EngineError) -> Bool

    /// Notes that a record taken will not be finished here; it and what waits for it come again.
    func abandon(_ record: ConsumedRecord)

    /// Lets go of its client.
    func close() async
}
