import GridProtocol
import Testing

@testable import GridEngine

@Suite struct InFlightBatchesTests {
    private func envelope(_ index: UInt32) throws -> BatchEnvelope {
        try BatchEnvelope.decode(Batch(jobID: "eod-1", index: index, tradeCount: 1).encoded())
    }

    @Test func namesTheOldestWorkFirstAndNoMoreThanAskedFor() throws {
        let batches = InFlightBatches()
        let entries = try [30, 10, 20].map { time in
            batches.begin(try envelope(UInt32(time)), at: Int64(time))
        }
        #expect(batches.count == 3)
        #expect(batches.oldest(2).map(\.since) == [10, 20])
        #expect(batches.oldest(2).map(\.batchIndex) == [10, 20])
        batches.end(entries[1])
        batches.end(entries[1])
        #expect(batches.count == 2)
        #expect(batches.oldest(9).map(\.since) == [20, 30])
    }

    @Test func aHeartbeatFullOfWorkStaysSmall() throws {
        let work = (0..<24).map { index in
            EngineWork(
                jobID: String(repeating: "j", count: 64),
                batchIndex: .max - UInt32(index),
                since: 1_768_487_459_000_123
            )
        }
        let heartbeat = Heartbeat(
            engineID: String(repeating: "e", count: 128),
            host: String(repeating: "h", count: 253),
            partitions: Array(0..<1_024),
            work: work
        )
        #expect(heartbeat.encoded().count < 5_000)
    }
}
