import Testing

@testable import gridfaults

@Suite struct FaultTableTests {
    @Test func sumsRoundsUpByFault() {
        var table = FaultTable()
        for (round, extra) in [3.04, 1, 9.96, 2].enumerated() {
            var outcome = RoundOutcome(fault: "engine", brokers: 1, seed: 1, round: round)
            outcome.extraSeconds = extra
            outcome.commitsInDoubt = 1
            table.add(outcome)
        }
        var bad = RoundOutcome(fault: "leader", brokers: 3, seed: 1, round: 1)
        bad.doubled = 4
        table.add(bad)
        let lines = table.text.split(separator: "\n")
        let rows = lines.map { $0.split(separator: " ").map(String.init) }
        #expect(rows.count == 4)
        #expect(rows[1].joined(separator: " ") == "engine 1 4 0 2.5 10.0 0 0 0 4 0 0 0")
        #expect(rows[2].joined(separator: " ") == "leader 3 1 1 0.0 0.0 0 4 0 0 0 0 0")
        #expect(rows[3].joined(separator: " ") == "all 1,3 5 1 2.0 10.0 0 4 0 4 0 0 0")
        #expect(Set(lines.map(\.count)).count == 1)
    }
}
