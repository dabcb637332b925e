import Finance
import Foundation
import GridProtocol
import Ledger
import Testing

/// What a pricer that is not ours writes where a number should be.
@Suite struct NotFiniteTests {
    private static let numbers = [Double.nan, .infinity, -.infinity, .signalingNaN]

    private func metric(_ value: Double, base: Double, factor: Double) -> TradeResult {
        TradeResult(
            outcome: .priced([
                MetricValue(
                    metric: .npv,
                    value: value,
                    baseValue: base,
                    factors: [Factor(name: "EUR/2027-01-15", value: factor)]
                )
            ]),
            engine: "other"
        )
    }

    @Test(arguments: numbers)
    func aNumberThatIsNoneIsAnErrorAndReachesNoTotal(number: Double) throws {
        var job = try TestJob(trades: 6, perBatch: 6, failing: 0)
        let sound = metric(10, base: 9, factor: 1)
        var outcomes = [
            sound, metric(number, base: 1, factor: 1), metric(1, base: number, factor: 1),
            metric(1, base: 1, factor: number), sound, sound,
        ]
        outcomes[5].cpuMicroseconds = number
        job.results = [TestJob.result("eod-1", 0, outcomes)]
        let directory = try TestDirectory()
        let core = try directory.core()
        let applied = try core.apply(job.all)
        #expect(applied.refused.isEmpty)
        // The ledger counts what the report will.
        let progress = try #require(core.progress(of: job.id, at: TestJob.start + 20_000_000))
        #expect(progress.phase == .completeWithErrors)
        let files = try directory.report(job.id)
        for (name, bytes) in files {
            let text = String(decoding: bytes, as: UTF8.self).lowercased()
            #expect(!text.contains(":nan") && !text.contains(": nan"), "\(name)")
            #expect(!text.contains("inf,") && !text.contains("inf}"), "\(name)")
        }
        let summary = try #require(
            try JSONSerialization.jsonObject(with: Data(files["summary.json"] ?? []))
                as? [String: Any]
        )
        #expect(summary["results"] as? Int == 3)
        #expect(summary["errors"] as? Int == 3)
        let lines = try String(decoding: files["results.jsonl"] ?? [], as: UTF8.self)
            .split(separator: "\n").map {
                try #require(
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
                )
            }
        #expect(
            lines.map { $0["status"] as? String } == ["ok", "error", "error", "error", "ok", "ok"]
        )
        for line in lines[1...3] {
            let error = try #require(line["error"] as? [String: String])
            #expect(error["code"] == "not_finite")
            #expect(error["field"] == "NPV")
        }
        let npv = String(decoding: files["npv.csv"] ?? [], as: UTF8.self).split(separator: "\n")
        #expect(npv.count == 7)
        #expect(npv[2].contains("#N/A") && !npv[1].contains("10,EUR,#N/A"))
        let html = String(decoding: files["report.html"] ?? [], as: UTF8.self)
        #expect(html.contains("27 EUR"))
    }

    @Test func aNotionalThatIsNoneMakesTheBatchNone() throws {
        var job = try TestJob(trades: 3, perBatch: 3)
        job.batches[0].headers[1].notional = .nan
        let core = try TestDirectory().core()
        let applied = try core.apply([job.jobRecord(), job.batchRecord(0)])
        #expect(applied.refused.map(\.cause) == ["inconsistent"])
    }

    @Test func aResultThatFailedAsAWholeIsAnErrorOfEveryTrade() throws {
        var job = try TestJob(trades: 7, perBatch: 4, failing: 0)
        job.results[1].parts = []
        job.results[1].failure = Failure(code: "result_too_large", message: "too large")
        let directory = try TestDirectory()
        let core = try directory.core()
        #expect(try core.apply(job.all).refused.isEmpty)
        let text = String(
            decoding: try directory.report(job.id)["results.jsonl"] ?? [],
            as: UTF8.self
        )
        let lines = text.split(separator: "\n")
        #expect(lines.count == 7)
        #expect(lines[..<4].allSatisfy { $0.contains("\"status\":\"ok\"") })
        #expect(lines[4...].allSatisfy { $0.contains("result_too_large") })
        // A number of trades that no batch has is refused, not believed.
        var absurd = try TestJob("other", trades: 3, perBatch: 4)
        absurd.results[0].parts = []
        absurd.results[0].failure = Failure(code: "result_too_large")
        absurd.results[0].tradeCount = 4_000_000_000
        let records = [absurd.jobRecord(offset: 9), absurd.resultRecord(0, offset: 9)]
        let refused = try core.apply(records)
        #expect(refused.refused.map(\.cause) == ["undecodable"])
    }
}
