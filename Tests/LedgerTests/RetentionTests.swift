import Foundation
import GridProtocol
import Testing

@testable import AggregatorAPI
@testable import HTTP
@testable import Ledger

@Suite struct RetentionTests {
    private static let day: Int64 = 86_400_000_000
    private let age = Duration.seconds(30 * 86_400)

    /// `old` ended with its deadline 31 days before `now`, `young` 29 days before.
    private let now = TestJob.start + 40 * RetentionTests.day

    private func jobs() throws -> (old: TestJob, young: TestJob) {
        var old = try TestJob("old", trades: 50)
        old.record.deadline = now - 31 * Self.day
        var young = try TestJob("young", trades: 25)
        young.record.deadline = now - 29 * Self.day
        return (old, young)
    }

    private func records(of job: TestJob, from offset: Int64) -> [SourceRecord] {
        [job.jobRecord(offset: offset)]
            + job.batches.indices.map { job.batchRecord($0, offset: offset) }
            + job.results.indices.map { job.resultRecord($0, offset: offset) }
    }

    private func forgetAll(_ core: AggregatorCore) throws -> [JobID] {
        var gone: [JobID] = []
        for _ in 0..<100 {
            let (jobs, isDone) = try core.forget(olderThan: age)
            gone += jobs
            if isDone { return gone }
        }
        Issue.record("it does not end")
        return gone
    }

    private func rows(_ core: AggregatorCore) throws -> [Int64] {
        var counts: [Int64] = []
        for statement in [
            try core.store.connection.prepare("SELECT count(*) FROM jobs"),
            try core.store.connection.prepare("SELECT count(*) FROM batch_facts"),
            try core.store.connection.prepare("SELECT count(*) FROM batch_headers"),
            try core.store.connection.prepare("SELECT count(*) FROM result_facts"),
            try core.store.connection.prepare("SELECT count(*) FROM result_records"),
            try core.store.connection.prepare("SELECT count(*) FROM forgotten"),
        ] {
            try statement.query([]) { (row) throws(AggregationError) in
                counts.append(row.integer(0))
            }
        }
        return counts
    }

    @Test func jobsPastTheirTimeGoWithAllTheirRowsAndOthersStay() throws {
        let (old, young) = try jobs()
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(records(of: old, from: 0) + records(of: young, from: 1))
        #expect(try rows(core) == [2, 8, 8, 8, 8, 0])
        // Before the topics have been read to their ends, nothing is known to be over.
        #expect(try forgetAll(core).isEmpty)
        _ = core.advance(to: now)
        let before = try directory.report(young.id)
        #expect(try forgetAll(core) == [old.id])
        #expect(core.progress(of: old.id, at: now) == nil)
        #expect(try rows(core) == [1, 3, 3, 3, 3, 0])
        #expect(try directory.report(young.id) == before)
    }

    @Test func aLedgerBuiltAnewForgetsTheSame() throws {
        let (old, young) = try jobs()
        // Of old jobs the compacted topic keeps the record, and nothing keeps batches and results.
        var abandoned = try TestJob("abandoned")
        abandoned.record.state = .submitting
        abandoned.record.deadline = now - 35 * Self.day
        var endless = try TestJob("endless")
        endless.record.deadline = 0
        let kept =
            [
                old.jobRecord(offset: 0), abandoned.jobRecord(offset: 1),
                endless.jobRecord(offset: 2),
            ]
            + records(of: young, from: 3)
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(kept)
        _ = core.advance(to: now)
        #expect(try forgetAll(core) == [abandoned.id, endless.id, old.id])
        #expect(core.jobs(at: now).map(\.job) == [young.id])
    }

    @Test func manyRowsGoInBoundedStepsAndARestartGoesOn() throws {
        var job = try TestJob("large", trades: 5_000, perBatch: 1)
        job.record.deadline = now - 31 * Self.day
        let directory = try TestDirectory()
        do {
            let core = try directory.core()
            _ = try core.apply(records(of: job, from: 0))
            _ = core.advance(to: now)
            let (gone, isDone) = try core.forget(olderThan: age)
            #expect(gone == [job.id])
            #expect(!isDone)
            #expect(try rows(core) == [0, 3_000, 3_000, 3_000, 3_000, 1])
        }
        let core = try directory.core()
        #expect(core.jobs(at: now).isEmpty)
        // A job that comes meanwhile does not get the number whose rows are still there.
        let next = try TestJob("next")
        _ = try core.apply(records(of: next, from: 10))
        #expect(try forgetAll(core).isEmpty)
        #expect(try rows(core) == [1, 3, 3, 3, 3, 0])
        #expect(core.progress(of: next.id, at: TestJob.start)?.phase == .completeWithErrors)
    }

    @Test func reportsOfForgottenJobsGoAndWhatIsNotOursStays() throws {
        let (old, young) = try jobs()
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(records(of: old, from: 0) + records(of: young, from: 1))
        _ = core.advance(to: now)
        let api = JobsAPI(core: core)
        for job in ["old", "young"] {
            let answer = api.response(to: HTTPRequest(path: "/jobs/\(job)/summary.json"), at: now)
            #expect(answer?.status == 200)
        }
        let reports = "\(directory.ledger).reports"
        try FileManager.default.createDirectory(
            atPath: "\(reports)/job-mine",
            withIntermediateDirectories: true
        )
        try Data("notes".utf8).write(to: URL(fileURLWithPath: "\(reports)/job-mine/notes.txt"))
        #expect(try forgetAll(core) == [old.id])
        #expect(api.removeOrphans() == 1)
        let left = try FileManager.default.contentsOfDirectory(atPath: reports).sorted()
        #expect(left == ["job-mine", "job-young"])
    }
}
