import KafkaClient
import Testing

@testable import GridSubmission

@Suite struct SubmissionRetryPolicyTests {
    private let start = ContinuousClock.now

    private func failure(_ code: KafkaError.Code) -> TransactionError {
        TransactionError(.replaceProducer, KafkaError(code: code, reason: "no luck"))
    }

    @Test func pausesGrowUntilThereIsProgress() throws {
        var patience = SubmissionRetryPolicy(at: start)
        let pauses = try (0..<4).map { _ in
            try patience.pause(after: failure(.timedOut), batchesThere: 0, at: start)
        }
        #expect(pauses == [200, 400, 800, 1_600].map { .milliseconds($0) })
        #expect(
            try patience.pause(after: failure(.timedOut), batchesThere: 1, at: start)
                == .milliseconds(200)
        )
    }

    @Test func noPauseIsLong() throws {
        var patience = SubmissionRetryPolicy(at: start)
        let longest = try (0..<100).map { _ in
            try patience.pause(after: failure(.other), batchesThere: 0, at: start)
        }
        #expect(longest.max() == .seconds(5))
    }

    @Test func withoutProgressItEnds() throws {
        var patience = SubmissionRetryPolicy(at: start)
        let almost = start + .seconds(119)
        _ = try patience.pause(after: failure(.timedOut), batchesThere: 5, at: almost)
        let late = almost + .seconds(120)
        #expect(throws: SubmissionError.self) {
            try patience.pause(after: failure(.timedOut), batchesThere: 5, at: late)
        }
    }

    @Test(arguments: [KafkaError.Code.authorization, .authentication, .messageTooLarge])
    func whatNoTryMendsEndsAtOnce(code: KafkaError.Code) {
        var patience = SubmissionRetryPolicy(at: start)
        #expect(throws: SubmissionError.self) {
            try patience.pause(after: failure(code), batchesThere: 9, at: start)
        }
    }

    @Test func anotherSubmissionThatTookTheJobOverHasTimeToFinishIt() throws {
        var patience = SubmissionRetryPolicy(at: start)
        for _ in 0..<3 {
            #expect(
                try patience.pause(after: failure(.fenced), batchesThere: 0, at: start)
                    == .seconds(5)
            )
            #expect(patience.wasTakenOver)
        }
        #expect(throws: SubmissionError.self) {
            try patience.pause(after: failure(.fenced), batchesThere: 0, at: start)
        }
    }
}
