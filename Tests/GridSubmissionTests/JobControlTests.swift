import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct JobControlTests {
    private func record(_ state: JobState, deadline: Int64 = 0) -> JobRecord {
        var record = JobRecord()
        record.state = state
        record.deadline = deadline
        return record
    }

    @Test func aJobThatHasEndedIsRefusedByEachVerbAlike() {
        for (job, reason) in [
            (record(.cancelled), "it was cancelled"),
            (record(.submitted, deadline: 10), "its deadline has passed"),
        ] {
            #expect(job.endProblem(at: 11) == reason)
            #expect(job.holdProblem(at: 11) == reason)
        }
    }

    @Test func aJobThatIsStillBeingSubmittedCanBeCancelledButNotPaused() {
        let job = record(.submitting, deadline: 20)
        #expect(job.endProblem(at: 11) == nil)
        #expect(job.holdProblem(at: 11)?.hasPrefix("it is still being submitted") == true)
        #expect(record(.submitted, deadline: 20).holdProblem(at: 11) == nil)
    }
}
