internal import Foundation

/// What came of one round; a line of `rounds.jsonl`.
struct RoundOutcome: Codable, Sendable {
    /// The name of what was broken; `undisturbed` for nothing.
    var fault: String
    var brokers: Int
    var seed: UInt64
    var round: Int
    /// From the first submission to the last job's final report.
    var seconds = 0.0
    /// Above the time that the same jobs take undisturbed.
    var extraSeconds = 0.0
    /// Trades that are in no report, or missing in it, and batches without a result.
    var lost = 0
    /// Trades that are in a report, and batches that are in the results topic, more than once.
    var doubled = 0
    /// Trades whose values differ from the undisturbed run's.
    var wrong = 0
    /// What else did not hold.
    var problems: [String] = []
    /// What hit when, in seconds after the start.
    var hits: [String] = []
    /// How many transactions failed, and were tried again or dropped.
    var failedTransactions = 0
    /// How many commits had no answer, so that the group's offsets were asked.
    var commitsInDoubt = 0
    /// How many of them had been carried out.
    var commitsFoundDone = 0
    /// How many transactions Kafka ended for some of their partitions only: says whose doing it may be
    /// that a round failed, and excuses nothing.
    var halfEndedTransactions = 0
    /// How many transactions Kafka left open for good, so that they were aborted by hand.
    var hangingTransactions = 0
    /// How many commits the proxy let pass and cut off from their answer.
    var cutCommits = 0
    /// Where everything of the round is kept.
    var kept: String?

    var isGood: Bool { lost == 0 && doubled == 0 && wrong == 0 && problems.isEmpty }

    var jsonLine: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return try encoder.encode(self) + [0x0A]
        }
    }
}
