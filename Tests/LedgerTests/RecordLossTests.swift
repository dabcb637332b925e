import GridProtocol
import Testing

@testable import Ledger

@Suite struct RecordLossTests {
    private let results = SourcePartition(topic: TestJob.topics.results, partition: 2)

    @Test func whatRetentionTookIsPassedOverAndRememberedAcrossRestarts() throws {
        let directory = try TestDirectory()
        do {
            let core = try directory.core()
            #expect(try core.skip(results, to: 17, at: TestJob.start) == 17)
            #expect(try core.skip(results, to: 17, at: TestJob.start) == 0)
            #expect(try core.skip(results, to: 9, at: TestJob.start) == 0)
            #expect(core.nextOffsets()[results] == 17)
        }
        let core = try directory.core()
        #expect(core.nextOffsets()[results] == 17)
        #expect(
            try core.store.losses() == [
                RecordLoss(source: results, offsets: 0..<17, noticedAt: TestJob.start)
            ]
        )
    }

    @Test func aJobSaysThatItsResultsMayBeGone() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        var market = MarketSnapshotRecord()
        market.name = "EOD"
        market.valuationDay = 20_468
        market.baseCurrency = "EUR"
        let bytes = market.encoded()
        var job = try TestJob()
        job.record.snapshotID = SnapshotID(canonicalBytes: bytes).rawValue
        let source = TestJob.source(TestJob.topics.market, 0, 0, TestJob.start, bytes)
        _ = try core.apply([source] + job.all.filter { $0 != job.resultRecord(1) })
        _ = try core.skip(results, to: 17, at: TestJob.start + 50_000_000)
        let reason = core.waitingReason(
            of: job.id,
            in: LiveGridState(),
            at: TestJob.start + 100_000_000
        )
        #expect(
            reason
                == "2 of 3 batches have results, and the rest may be lost: retention removed 16 "
                + "records of valgrid.results before they were read, the last up to offset 17 of "
                + "partition 2"
        )
    }

    @Test func oldLossesAreForgotten() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        for offset in 1...(Int64(LedgerStore.lossesKept) + 50) {
            _ = try core.skip(results, to: offset, at: TestJob.start)
        }
        let losses = try core.store.losses()
        #expect(losses.count == LedgerStore.lossesKept)
        #expect(losses.last?.offsets.upperBound == Int64(LedgerStore.lossesKept) + 50)
    }
}
