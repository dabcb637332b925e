import Foundation
import GridAPI
import GridProtocol
import Ledger
import Reports
import Testing

@Suite(.serialized, .timeLimit(.minutes(5))) struct JoinSpeedTests {
    /// VALGRID_JOIN_TRADES sets another number.
    private static let trades =
        ProcessInfo.processInfo.environment["VALGRID_JOIN_TRADES"].flatMap(Int.init) ?? 100_000

    @Test func manyTradesAreJoinedAndReported() throws {
        let job = try TestJob(trades: Self.trades, perBatch: 100, failing: 100)
        let records = job.all
        let directory = try TestDirectory()
        let core = try directory.core()
        let clock = ContinuousClock()
        var completed: [JobID] = []
        let joining = try clock.measure {
            for start in stride(from: 0, to: records.count, by: 200) {
                let list = Array(records[start..<min(records.count, start + 200)])
                completed += try core.apply(list).completed
            }
        }
        #expect(completed == [job.id])
        var summary: ReportSummary?
        let reporting = try clock.measure {
            summary = try ReportWriter(ledgerPath: directory.ledger)
                .write(job.id, to: directory.path + "/report")
        }
        #expect(summary?.missing == 0)
        #expect(summary?.completeness.matches == true)
        print("\(Self.trades) trades: joined in \(joining), reported in \(reporting)")
    }
}
