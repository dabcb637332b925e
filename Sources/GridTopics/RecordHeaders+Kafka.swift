public import GridProtocol
public import KafkaClient

extension RecordHeaders {
    /// The headers as Kafka takes them.
    public var kafka: [KafkaHeader] {
        list.map { KafkaHeader(name: $0.name, value: $0.value) }
    }

    /// Reads a record's headers.
    public init(_ record: ConsumedRecord) {
        self.init(record.headers.map { ($0.name, $0.value) })
    }
}

extension ProducedRecord {
    /// Makes the record of a message.
    public init<Message: WireMessage>(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8],
        message: Message,
        jobID: String? = nil,
        batchIndex: UInt32? = nil
    ) {
        self.init(
            topic: topic,
            partition: partition,
            key: key,
            value: message.encoded(),
            headers: RecordHeaders(schema: Message.self, jobID: jobID, batchIndex: batchIndex).kafka
        )
    }
}
