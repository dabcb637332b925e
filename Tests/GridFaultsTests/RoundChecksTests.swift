import Foundation
import Testing

@testable import gridfaults

@Suite struct RoundChecksTests {
    private func trades(_ lines: [String]) throws -> [ReportedTrade] {
        try lines.map { try JSONDecoder().decode(ReportedTrade.self, from: Data($0.utf8)) }
    }

    private func line(_ id: String, _ value: String, status: String = "priced") -> String {
        #"{"tradeId":"\#(id)","status":"\#(status)","engine":"\#(value)","attempt":3,"#
            + #""metrics":{"NPV":{"value":\#(value),"currency":"EUR","factors":{"a":1.5}}}}"#
    }

    private func compared(_ found: [String], _ expected: [String]) throws -> RoundOutcome {
        var outcome = RoundOutcome(fault: "engine", brokers: 1, seed: 1, round: 1)
        RoundChecks.compare(try trades(found), with: try trades(expected), &outcome)
        return outcome
    }

    @Test func findsNothingInTheSameValues() throws {
        let same = [line("A", "0.1"), line("B", "-2")]
        #expect(try compared(same, same).isGood)
    }

    @Test func ignoresWhichEnginePricedATrade() throws {
        let other = line("A", "0.1").replacingOccurrences(of: "attempt\":3", with: "attempt\":1")
        #expect(try compared([other], [line("A", "0.1")]).isGood)
    }

    @Test(arguments: ["0.10000000000000002", "-0.1"])
    func tellsValuesApartByTheirLastBit(value: String) throws {
        let outcome = try compared([line("A", value)], [line("A", "0.1")])
        #expect(outcome.wrong == 1)
        #expect(!outcome.isGood)
        #expect(try compared([line("A", "-0.0")], [line("A", "0.0")]).wrong == 1)
    }

    @Test func countsWhatIsLostAndDoubled() throws {
        let expected = [line("A", "1"), line("B", "2"), line("C", "3")]
        let outcome = try compared(
            [line("A", "1"), line("A", "1"), line("C", "3", status: "missing")],
            expected
        )
        #expect(outcome.lost == 2)
        #expect(outcome.doubled == 1)
        #expect(try !compared(expected.reversed(), expected).isGood)
        #expect(try !compared(expected + [line("D", "4")], expected).isGood)
    }

    @Test func countsBatches() {
        var outcome = RoundOutcome(fault: "engine", brokers: 1, seed: 1, round: 1)
        RoundChecks.count([0: 1, 1: 1, 2: 1], batches: 3, &outcome)
        #expect(outcome.isGood)
        RoundChecks.count([0: 2, 2: 3], batches: 4, &outcome)
        #expect(outcome.doubled == 2)
        #expect(outcome.lost == 2)
        #expect(outcome.problems.isEmpty)
        RoundChecks.count([0: 1, 7: 1], batches: 1, &outcome)
        #expect(outcome.problems.count == 1)
    }

    @Test func namesWhatTheAggregatorMisses() {
        var outcome = RoundOutcome(fault: "engine", brokers: 1, seed: 1, round: 1)
        var state = JobState(
            state: "complete",
            isFinal: true,
            waitingFor: nil,
            trades: 10,
            results: 8,
            failed: 2,
            missing: 0,
            batches: 1,
            batchesDone: 1,
            duplicates: 0,
            conflicts: 0
        )
        RoundChecks.check(state, of: "job", trades: 10, &outcome)
        #expect(outcome.isGood)
        state.results = 7
        state.missing = 1
        state.duplicates = 1
        RoundChecks.check(state, of: "job", trades: 11, &outcome)
        #expect(outcome.problems.count == 4)
    }
}
