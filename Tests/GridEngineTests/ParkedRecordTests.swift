import GridProtocol
import KafkaClient
import Testing

@testable import GridEngine

@Suite struct ParkedRecordTests {
    private func envelope() throws -> BatchEnvelope {
        try BatchEnvelope.decode(Batch(jobID: "a", index: 3, tradeCount: 1).encoded())
    }

    private func read(_ record: ProducedRecord) -> ConsumedRecord {
        ConsumedRecord(
            topic: record.topic,
            partition: 0,
            offset: 0,
            key: record.key,
            value: record.value,
            headers: record.headers
        )
    }

    @Test func aParkedBatchIsTheSameBatchAndSaysWhenItWasParked() throws {
        let record = ConsumedRecord(
            topic: "batches",
            partition: 5,
            offset: 17,
            key: [1],
            value: [2, 3],
            headers: [KafkaHeader(name: "foreign", value: [9])]
        )
        let parked = ProducedRecord(parking: record, try envelope(), in: "parked", at: 41)
        #expect(parked.topic == "parked")
        #expect(parked.partition == nil)
        #expect(parked.key == [1])
        #expect(parked.value == [2, 3])
        #expect(parked.headers.contains(KafkaHeader(name: "foreign", value: [9])))
        #expect(JobHoldTable.Parked(read(parked)) == JobHoldTable.Parked(job: "a", position: 41))
        // Parked again, it says so of the last time only.
        let again = ProducedRecord(parking: read(parked), try envelope(), in: "parked", at: 50)
        #expect(JobHoldTable.Parked(read(again)) == JobHoldTable.Parked(job: "a", position: 50))
        #expect(again.headers.count == parked.headers.count)
        #expect(RecordHeaders(again.headers.map { ($0.name, $0.value) }).batchIndex == 3)
    }

    @Test(arguments: [[UInt8]("x".utf8), [0xFF], []])
    func aMarkThatIsNoneIsOlderThanAny(value: [UInt8]) {
        let record = ConsumedRecord(
            topic: "parked",
            partition: 0,
            offset: 0,
            value: nil,
            headers: [KafkaHeader(name: JobHoldTable.Parked.positionName, value: value)]
        )
        #expect(JobHoldTable.Parked(record) == JobHoldTable.Parked(job: nil, position: -1))
    }
}
