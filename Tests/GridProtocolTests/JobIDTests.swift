import GridProtocol
import Testing

@Suite struct JobIDTests {
    @Test(arguments: ["a", "eod-20260115", "A.b_C-9", String(repeating: "x", count: 64), ".a"])
    func soundIdentifiersAreKept(text: String) {
        #expect(JobID(rawValue: text)?.rawValue == text)
    }

    @Test(
        arguments: [
            "", ".", "..", "a b", "a/b", "é", "a\n", "\u{0}", String(repeating: "x", count: 65),
        ])
    func othersAreRefused(text: String) {
        #expect(JobID(rawValue: text) == nil)
    }

    @Test func newIdentifiersSayWhenTheyWereMade() {
        // 2026-01-15 14:30:59.5 UTC
        let id = JobID.random(at: 1_768_487_459_500_000)
        #expect(id.rawValue.hasPrefix("eod-20260115-143059-"))
        #expect(id.rawValue.count == 24)
        #expect(JobID(rawValue: id.rawValue) == id)
    }

    @Test func newIdentifiersDiffer() {
        let ids = Set((0..<50).map { _ in JobID.random() })
        #expect(ids.count >= 49)
    }

    @Test func phasesAreSpeltAsReportsSpellThem() {
        #expect(
            JobPhase.allCases.map(\.rawValue) == [
                "submitting", "running", "paused", "complete", "complete with errors", "cancelled",
                "expired",
            ]
        )
        #expect(JobPhase.allCases.filter { !$0.isFinal } == [.submitting, .running, .paused])
        #expect(JobPhase.allCases.filter(\.hasAllTrades) == [.complete, .completeWithErrors])
    }
}
