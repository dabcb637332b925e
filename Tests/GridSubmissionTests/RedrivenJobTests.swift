import Finance
import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct RedrivenJobTests {
    private func job(_ batch: DeadBatch = DeadBatch()) throws -> RedrivenJob {
        let request = try #require(plan([try batch.letter(2), try batch.letter(5)]).requests.first)
        return try RedrivenJob(
            request,
            snapshotBytes: batch.snapshotBytes,
            timeLimit: .seconds(10),
            submitter: "desk"
        )
    }

    @Test func theRecordCountsAndHashesTheDeadTrades() throws {
        let batch = DeadBatch()
        let job = try job(batch)
        let record = job.record(state: .submitted, submittedAt: 1_000_000)
        let trades = try batch.trades()
        #expect(record.jobID == job.request.defaultJobID.rawValue)
        #expect(record.tradeCount == 2 && record.batchCount == 1)
        #expect(record.tradeIdsHash == tradeIDsHash([trades[2].id, trades[5].id]))
        #expect(record.snapshotID == SnapshotID(of: batch.snapshot).rawValue)
        #expect(record.snapshotName == "EOD" && record.baseCurrency == "EUR")
        #expect(record.valuationDay == 20_000)
        #expect(record.metrics == ["NPV"])
        #expect(record.deadline == 11_000_000)
        #expect(record.portfolioName == "dead letters of eod-1")
    }

    @Test func batchesAreNumberedAnewAndHaveTheNewDeadline() throws {
        let job = try job(DeadBatch(index: 41))
        let batch = try job.batch(0, submittedAt: 1_000_000, queuedAt: 5)
        #expect(batch.jobID == job.jobID.rawValue && batch.index == 0)
        #expect(batch.queuedAt == 5 && batch.deadline == 11_000_000)
        #expect(batch.snapshotID == job.snapshotID.rawValue)
        let envelope = try BatchEnvelope.decode(batch.encoded())
        #expect(envelope.tradeCount == 2)
    }

    @Test func theContentHashDoesNotDependOnTheIDOrTheTime() throws {
        let job = try job()
        let other = try RedrivenJob(
            job.request,
            jobID: JobID(rawValue: "other"),
            snapshotBytes: job.snapshotBytes,
            timeLimit: nil
        )
        #expect(other.jobID.rawValue == "other")
        #expect(other.contentHash == job.contentHash)
        #expect(other.record(state: .submitted, submittedAt: 5).deadline == 0)
    }

    @Test func anotherSnapshotIsRefused() throws {
        let request = try job().request
        var other = DeadBatch()
        other.snapshot.name = "another"
        #expect(throws: SubmissionError.self) {
            try RedrivenJob(request, snapshotBytes: other.snapshotBytes)
        }
    }
}

@Suite struct LetterSelectionTests {
    private let places = [1, 2].map { LetterPlace(partition: 0, offset: $0) }

    private func problem(_ selection: LetterSelection, _ plan: RedrivePlan, found: [LetterPlace])
        -> String?
    {
        do throws(SubmissionError) {
            try selection.check(plan, found: Set(found))
            return nil
        } catch {
            return error.reason
        }
    }

    @Test func aJobsOtherLettersArePassedOver() throws {
        let job = LetterSelection.job(try #require(JobID(rawValue: "eod-1")))
        var broken = try DeadBatch().letter(1, at: 2)
        broken.letter.bytes = []
        let good = try DeadBatch().letter(1, at: 1)
        #expect(problem(job, plan([good, broken]), found: []) == nil)
        #expect(problem(job, plan([broken]), found: [])?.contains("letter 0/2 cannot") == true)
        #expect(problem(job, plan([]), found: [])?.contains("no dead letter of job eod-1") == true)
    }

    @Test func ofGivenLettersAllMustDo() throws {
        let selection = LetterSelection.places(Set(places))
        var broken = try DeadBatch().letter(1, at: 2)
        broken.letter.topic = "results"
        let good = try DeadBatch().letter(1, at: 1)
        #expect(problem(selection, plan([good]), found: places) == nil)
        #expect(
            problem(selection, plan([good]), found: [places[0]]) == "there is no dead letter 0/2"
        )
        #expect(problem(selection, plan([good, broken]), found: places)?.contains("0/2") == true)
    }
}
