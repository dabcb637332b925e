import GridProtocol
import Ledger
import Testing

@Suite struct LedgerTests {
    private let job: JobID
    private let record: JobRecord
    private let hash: [UInt8] = [1, 2, 3]

    init() throws {
        job = try JobID.test("eod-1")
        var record = JobRecord()
        record.jobID = "eod-1"
        record.state = .submitted
        record.tradeCount = 25
        record.batchCount = 3
        record.tradeIdsHash = hash
        record.submittedAt = 1_000_000
        record.deadline = 10_000_000
        self.record = record
    }

    private func batch(_ index: UInt32) -> BatchFacts {
        BatchFacts(job: job, index: index, trades: index == 2 ? 5 : 10)
    }

    private func result(_ index: UInt32, at: Int64 = 2_000_000) -> ResultFacts {
        ResultFacts(
            job: job,
            index: index,
            priced: index == 2 ? 4 : 9,
            failed: 1,
            joinedAt: at,
            engine: "engine-\(index)"
        )
    }

    @Test(arguments: 0..<40) func anyOrderOfArrivalEndsTheSame(seed: Int) throws {
        var generator = SeededGenerator(seed + 1)
        var ledger = Ledger()
        var steps = Array(0..<7)
        steps.shuffle(using: &generator)
        for step in steps {
            switch step {
            case 0: ledger.apply(job: record, of: job, at: 1_000_000)
            case 1...3: #expect(ledger.apply(batch: batch(UInt32(step - 1))) == .joined)
            default: #expect(ledger.apply(result: result(UInt32(step - 4))) == .joined)
            }
        }
        #expect(ledger.needsProof(job))
        ledger.apply(proof: CompletenessProof(trades: 25, hash: hash), of: job)
        let progress = try #require(ledger.progress(of: job, at: 3_000_000))
        #expect(progress.phase == .completeWithErrors)
        #expect(progress.done == 25)
        #expect(progress.failed == 3)
        #expect(progress.missing == 0)
        #expect(progress.seconds == 1)
        #expect(progress.engines == ["engine-0", "engine-1", "engine-2"])
    }

    @Test func aPausedJobIsPausedUntilItEndsOrGoesOn() throws {
        func phase(_ ledger: Ledger, at time: Int64 = 3_000_000) -> JobPhase? {
            ledger.progress(of: job, at: time)?.phase
        }
        var paused = record
        paused.hold = .paused
        var resumed = record
        resumed.hold = .resumed
        var ledger = Ledger()
        ledger.apply(job: record, of: job, at: 1_000_000)
        #expect(ledger.apply(result: result(0)) == .joined)
        #expect(phase(ledger) == .running)
        ledger.apply(job: paused, of: job, at: 2_000_000)
        #expect(phase(ledger) == .paused)
        #expect(ledger.progress(of: job, at: 3_000_000)?.isFinal == false)
        #expect(ledger.progress(of: job, at: 3_000_000)?.secondsLeft != nil)
        // What was being priced counts, and the deadline goes on.
        #expect(ledger.apply(result: result(1)) == .joined)
        #expect(phase(ledger, at: 10_000_001) == .expired)
        ledger.apply(job: resumed, of: job, at: 4_000_000)
        #expect(phase(ledger) == .running)
        ledger.apply(job: paused, of: job, at: 5_000_000)
        for index: UInt32 in 0..<3 { _ = ledger.apply(batch: batch(index)) }
        #expect(ledger.apply(result: result(2)) == .joined)
        ledger.apply(proof: CompletenessProof(trades: 25, hash: hash), of: job)
        #expect(phase(ledger) == .completeWithErrors)
        var cancelled = paused
        cancelled.state = .cancelled
        var other = Ledger()
        other.apply(job: paused, of: job, at: 1_000_000)
        other.apply(job: cancelled, of: job, at: 2_000_000)
        other.apply(job: resumed, of: job, at: 3_000_000)
        #expect(phase(other) == .cancelled)
        var submitting = paused
        submitting.state = .submitting
        var begun = Ledger()
        begun.apply(job: submitting, of: job, at: 1_000_000)
        #expect(phase(begun) == .submitting)
    }

    @Test func duplicatesAreCountedAndChangeNothing() throws {
        var ledger = Ledger()
        ledger.apply(job: record, of: job, at: 0)
        #expect(ledger.apply(result: result(1)) == .joined)
        #expect(ledger.apply(result: result(1)) == .duplicate)
        #expect(ledger.apply(batch: batch(1)) == .joined)
        #expect(ledger.apply(batch: batch(1)) == .duplicate)
        let progress = try #require(ledger.progress(of: job, at: 3_000_000))
        #expect(progress.done == 10)
        #expect(progress.duplicates == 2)
    }

    @Test func aJobWithOtherTradesThanItsRecordIsNotComplete() throws {
        for proof in [
            CompletenessProof(trades: 25, hash: [9]), CompletenessProof(trades: 24, hash: hash),
            CompletenessProof(trades: 25, hash: hash, unequalBatch: 1),
        ] {
            var ledger = Ledger()
            ledger.apply(job: record, of: job, at: 0)
            for index: UInt32 in 0..<3 {
                _ = ledger.apply(batch: batch(index))
                _ = ledger.apply(result: result(index))
            }
            ledger.apply(proof: proof, of: job)
            let progress = try #require(ledger.progress(of: job, at: 3_000_000))
            #expect(progress.phase == .running)
            #expect(!progress.isFinal)
            #expect(progress.reason != nil)
            #expect(ledger.progress(of: job, at: 10_000_001)?.phase == .expired)
        }
    }

    @Test func theDeadlineEndsAJobOnce() throws {
        var ledger = Ledger()
        ledger.apply(job: record, of: job, at: 0)
        _ = ledger.apply(result: result(0))
        #expect(ledger.advance(to: 10_000_000).isEmpty)
        #expect(ledger.advance(to: 10_000_001) == [job])
        #expect(ledger.advance(to: 10_000_002).isEmpty)
        #expect(ledger.apply(result: result(1, at: 10_000_001)) == .late)
        let progress = try #require(ledger.progress(of: job, at: 0))
        #expect(progress.phase == .expired)
        #expect(progress.isFinal)
        #expect(progress.missing == 15)
        #expect(progress.late == 1)
        #expect(progress.missingBatches == [1..<3])
        #expect(progress.seconds == 9)
    }

    @Test func aResultThatCameInTimeAndIsReadLateCounts() throws {
        var ledger = Ledger()
        ledger.apply(job: record, of: job, at: 0)
        _ = ledger.advance(to: 11_000_000)
        #expect(ledger.apply(result: result(0, at: 9_999_999)) == .joined)
    }

    @Test func aCancelledJobIsFinal() throws {
        var ledger = Ledger()
        var cancelled = record
        cancelled.state = .cancelled
        ledger.apply(job: record, of: job, at: 1_000_000)
        ledger.apply(job: cancelled, of: job, at: 5_000_000)
        #expect(ledger.apply(result: result(0, at: 5_000_001)) == .late)
        #expect(ledger.progress(of: job, at: 6_000_000)?.phase == .cancelled)
        #expect(ledger.progress(of: job, at: 60_000_000)?.phase == .cancelled)
    }

    @Test func aSubmissionThatWasUnderWayDoesNotReviveACancelledJob() throws {
        var ledger = Ledger()
        var cancelled = record
        cancelled.state = .cancelled
        var submitted = record
        submitted.state = .submitted
        ledger.apply(job: record, of: job, at: 1_000_000)
        let taken = [
            ledger.apply(job: cancelled, of: job, at: 5_000_000),
            ledger.apply(job: submitted, of: job, at: 6_000_000),
            ledger.apply(job: cancelled, of: job, at: 7_000_000),
        ]
        #expect(taken == [true, false, false])
        #expect(ledger.progress(of: job, at: 8_000_000)?.phase == .cancelled)
        #expect(ledger.cutoff(of: job) == 5_000_000)
    }

    @Test func indexesThatAreNoneOfTheJobsAreStrays() {
        var ledger = Ledger()
        ledger.apply(job: record, of: job, at: 0)
        #expect(ledger.apply(result: result(3)) == .stray)
        #expect(ledger.apply(batch: batch(3)) == .stray)
        #expect(ledger.apply(result: result(.max)) == .stray)
    }

    @Test func jobsAreListedNewestFirst() throws {
        var ledger = Ledger()
        for (name, at) in [("a", 1), ("b", 3), ("c", 2)] as [(String, Int64)] {
            var other = record
            other.submittedAt = at
            ledger.apply(job: other, of: try JobID.test(name), at: at)
        }
        #expect(ledger.jobs(at: 10).map(\.job.rawValue) == ["b", "c", "a"])
    }

    @Test func aSubmittingJobSaysSo() {
        var ledger = Ledger()
        var submitting = record
        submitting.state = .submitting
        ledger.apply(job: submitting, of: job, at: 0)
        #expect(ledger.progress(of: job, at: 1)?.phase == .submitting)
        ledger.apply(job: record, of: job, at: 0)
        #expect(ledger.progress(of: job, at: 1)?.phase == .running)
    }
}
