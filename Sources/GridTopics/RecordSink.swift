public import KafkaClient

/// What takes records, each for itself.
public protocol RecordSink: Sendable {
    /// Writes a record; returns when it is acknowledged.
    ///
    /// - Throws: ``KafkaError``; the record may then be written all the same, unless it is too large.
    @discardableResult
    func send(_ record: ProducedRecord) async throws(KafkaError) -> Delivery

    /// Writes what it has taken, within the time given, and frees the client.
    func close(within duration: Duration) async
}

extension KafkaProducer: RecordSink {}
