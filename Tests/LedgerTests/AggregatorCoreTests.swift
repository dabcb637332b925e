import Foundation
import GridAPI
import GridProtocol
import Ledger
import Reports
import Testing

@Suite struct AggregatorCoreTests {
    /// The report when everything comes once and in order.
    private func expected(_ job: TestJob) throws -> [String: [UInt8]] {
        let directory = try TestDirectory()
        let core = try directory.core()
        let applied = try core.apply(job.all)
        #expect(applied.completed == [job.id])
        return try directory.report(job.id)
    }

    @Test(arguments: 0..<12) func anyOrderWithDuplicatesAndCrashesGivesTheSameBytes(seed: Int)
        throws
    {
        let job = try TestJob(trades: 75)
        let expected = try expected(job)
        let directory = try TestDirectory()
        var generator = SeededGenerator(seed + 1)
        // Records come in any order, some again at a later offset (as an engine that is killed
        // writes them) and some again at the same offset (as after a crash of the aggregator).
        var records = job.all.shuffled(using: &generator)
        let again = records.prefix(10).map { record in
            var record = record
            record.offset += 1
            record.timestamp += 5_000_000
            return record
        }
        records = records + again + records.prefix(5)
        var core = try directory.core()
        for start in stride(from: 0, to: records.count, by: 4) {
            _ = try core.apply(Array(records[start..<min(records.count, start + 4)]))
            if Bool.random(using: &generator) { core = try reopened(&core, directory) }
        }
        let progress = try #require(core.progress(of: job.id, at: TestJob.start))
        #expect(progress.phase == .completeWithErrors)
        #expect(progress.conflicts == 0)
        #expect(try directory.report(job.id) == expected)
    }

    /// Lets go of a core, as a crash does, and opens the file again.
    private func reopened(
        _ core: inout AggregatorCore,
        _ directory: TestDirectory
    ) throws -> AggregatorCore {
        let empty = try TestDirectory()
        let before = core.nextOffsets()
        core = try empty.core()
        let opened = try directory.core()
        #expect(opened.nextOffsets() == before)
        return opened
    }

    @Test func aDeletedLedgerRebuildsToTheSameBytes() throws {
        let job = try TestJob(trades: 75)
        let directory = try TestDirectory()
        var reports: [[String: [UInt8]]] = []
        for _ in 0..<2 {
            let core = try directory.core()
            _ = try core.apply(job.all)
            reports.append(try directory.report(job.id))
            try directory.removeLedger()
        }
        #expect(reports[0] == reports[1])
    }

    @Test func aDroppedResultIsMissingByName() throws {
        var job = try TestJob(trades: 25)
        job.record.deadline = TestJob.start + 500_000
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(1) })
        #expect(core.advance(to: TestJob.start + 600_000) == [job.id])
        let files = try directory.report(job.id)
        let summary = try ReportSummary(json: files["summary.json"] ?? [])
        #expect(summary.state == "expired")
        #expect(summary.missing == 10)
        #expect(summary.trades == summary.results + summary.errors + summary.missing)
        #expect(!summary.completeness.matches)
        let errors = String(decoding: files["errors.csv"] ?? [], as: UTF8.self)
        for n in 10..<20 { #expect(errors.contains("T\(n),")) }
        let why =
            "no result arrived before the job's deadline, 2026-01-15T14:30:59.500123Z; the batch "
            + "was queued at 2026-01-15T14:30:59.001123Z; the job's last result came at "
            + "2026-01-15T14:30:59.012123Z"
        #expect(errors.contains(why))
    }

    @Test func aBatchThatWasNeverPublishedIsNamed() throws {
        var job = try TestJob(trades: 25)
        job.record.deadline = TestJob.start + 500_000
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all.filter { $0 != job.batchRecord(1) })
        let files = try directory.report(job.id)
        let summary = try ReportSummary(json: files["summary.json"] ?? [])
        #expect(summary.missing == 10)
        #expect(summary.completeness.actualHash.isEmpty)
        #expect(summary.completeness.reason == "2 of 3 batches are published")
        let errors = String(decoding: files["errors.csv"] ?? [], as: UTF8.self)
        #expect(errors.contains("the batch was not published"))
    }

    @Test func tradeIDsThatAreNotTheJobsKeepItFromBeingFinal() throws {
        var job = try TestJob()
        job.record.setTestHash(of: [])
        let directory = try TestDirectory()
        let core = try directory.core()
        #expect(try core.apply(job.all).completed.isEmpty)
        let progress = try #require(core.progress(of: job.id, at: TestJob.start))
        #expect(!progress.isFinal)
        #expect(progress.reason?.contains("hash differs") == true)
    }

    @Test func aSecondResultWithOtherNumbersIsFlaggedAndTheFirstCounts() throws {
        let job = try TestJob()
        let expected = try expected(job)
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all)
        var other = job
        other.results[0] = TestJob.result(
            "eod-1",
            0,
            (1..<11).map { TestJob.result($0, failing: 0) }
        )
        _ = try core.apply([other.resultRecord(0, offset: 1)])
        let progress = try #require(core.progress(of: job.id, at: TestJob.start))
        #expect(progress.duplicates == 1)
        #expect(progress.conflicts == 1)
        #expect(try directory.report(job.id) == expected)
    }

    @Test func resultsAfterTheDeadlineAreTakenBackWhenTheRecordComesLast() throws {
        var job = try TestJob()
        job.record.deadline = TestJob.start + 11_500
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(Array(job.all.dropFirst()))
        _ = try core.apply([job.jobRecord()])
        let late = TestJob.start + 1_000_000
        // The clock alone expires no job: what came in time may not have been read yet.
        #expect(core.progress(of: job.id, at: late)?.phase == .running)
        _ = core.advance(to: late)
        #expect(core.time == late)
        let progress = try #require(core.progress(of: job.id, at: late))
        #expect(progress.phase == .expired)
        #expect(progress.late == 1)
        #expect(progress.missing == 5)
    }

    @Test(arguments: [Int64.min, -1, 1 << 53, .max])
    func timesThatAreNoneAreRefused(time: Int64) throws {
        var job = try TestJob()
        job.record.submittedAt = time
        job.results[0].pricedAt = time
        let directory = try TestDirectory()
        let core = try directory.core()
        let applied = try core.apply(job.all)
        #expect(applied.refused.count == 2)
        #expect(core.jobs(at: TestJob.start).isEmpty)
    }

    @Test func recordsThatCannotBeUsedAreRefusedWithoutEffect() throws {
        let job = try TestJob()
        let directory = try TestDirectory()
        let core = try directory.core()
        var wrongCount = job.results[0]
        wrongCount.tradeCount = 11
        var wrongPart = job.results[0]
        wrongPart.parts = [[0xFF, 0xFF, 0xFF]]
        var nameless = job.batches[0]
        nameless.names = []
        let bad: [(String, [UInt8])] = [
            (TestJob.topics.jobs, [0xFF]), (TestJob.topics.batches, [0x0A, 0x7F]),
            (TestJob.topics.results, [0xFF]), (TestJob.topics.results, wrongCount.encoded()),
            (TestJob.topics.results, wrongPart.encoded()),
            (TestJob.topics.batches, nameless.encoded()), ("other", [1]),
            (TestJob.topics.results, BatchResult(jobID: "../x").encoded()),
            (TestJob.topics.results, BatchResult(jobID: "eod-1", index: .max).encoded()),
        ]
        let records = bad.enumerated().map { position, record in
            TestJob.source(record.0, 90 + Int32(position), 0, TestJob.start, record.1)
        }
        let tombstone = TestJob.source(TestJob.topics.jobs, 99, 0, 0, nil)
        let applied = try core.apply(records + [tombstone] + job.all)
        #expect(applied.refused.count == bad.count)
        #expect(applied.skipped == 1)
        #expect(applied.completed == [job.id])
        #expect(applied.refused[0].deadLetter(at: 5).cause == "undecodable")
    }

    @Test(arguments: 0..<200) func damagedBytesNeverStopTheAggregator(seed: Int) throws {
        let job = try TestJob(trades: 5)
        let directory = try TestDirectory()
        let core = try directory.core()
        var generator = SeededGenerator(seed + 1)
        let records = job.all.map { record in
            var record = record
            if var bytes = record.value {
                for _ in 0..<3 {
                    let place = Int.random(in: bytes.indices, using: &generator)
                    bytes[place] = UInt8.random(in: 0...255, using: &generator)
                }
                record.value = bytes
            }
            return record
        }
        _ = try core.apply(records)
        for progress in core.jobs(at: TestJob.start) { _ = try directory.report(progress.job) }
    }
}
