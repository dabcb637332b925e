internal import GridProtocol
internal import GridTopics
internal import KafkaClient

extension JobHoldTable.Parked {
    /// The header with the offset up to which the parking engine had read the jobs topic.
    ///
    /// An offset in decimal digits, and no time: the clocks of machines differ.
    static let positionName = "valgrid-parked"

    /// Reads the headers of a parked record.
    init(_ record: ConsumedRecord) {
        let position = record.header(Self.positionName)
            .flatMap { String(validating: $0, as: UTF8.self) }.flatMap { Int64($0) }
        self.init(job: RecordHeaders(record).jobID, position: position ?? -1)
    }
}

extension ProducedRecord {
    /// The record of a batch whose job is paused: key, value and foreign headers as they were.
    init(parking record: ConsumedRecord, _ envelope: BatchEnvelope, in topic: String, at: Int64) {
        let ours =
            RecordHeaders(
                schema: Batch.self,
                jobID: envelope.jobID,
                batchIndex: envelope.index
            ).kafka + [
                KafkaHeader(
                    name: JobHoldTable.Parked.positionName,
                    value: Array(String(at).utf8)
                )
            ]
        let names = Set(ours.map(\.name))
        self.init(
            topic: topic,
            key: record.key,
            value: record.value,
            headers: record.headers.filter { !names.contains($0.name) } + ours
        )
    }
}
