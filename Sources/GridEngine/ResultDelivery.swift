internal import KafkaClient

/// Writes the results of a record to Kafka, and commits the record.
protocol ResultDelivery: Sendable {
    /// Whether results can be delivered.
    var isReady: Bool { get }

    /// Prepares; called once, before any record is taken.
    func start() async throws(EngineError)

    /// Works until it is cancelled or fails; then the waiters are told.
    func run() async throws

    /// Returns when another record may be taken: the number of waiting records has a bound.
    func waitForRoom() async

    /// Notes that a record was taken; in the order of the records.
    ///
    /// - Returns: whether its results are wanted; if not, it was taken before.
    func take(_ record: ConsumedRecord) -> Bool

    /// Writes records and notes that `record` is done; returns when the broker has both.
    ///
    /// - Returns: whether that was in time; if not, the record is redelivered, here or elsewhere,
    ///   and nothing was written that readers see.
    func deliver(
        _ records: [ProducedRecord],
        finishing record: ConsumedRecord
    ) async throws(EngineError) -> Bool

    /// Notes that a taken record will not be finished here; it and the records that wait for it are
    /// redelivered.
    func abandon(_ record: ConsumedRecord)

    /// Closes its client.
    func close() async
}
