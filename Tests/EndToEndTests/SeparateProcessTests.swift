import Foundation
import TestBed
import Testing

/// eodservice, engines and aggregator as processes of their own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SeparateProcessTests {
    @Test(arguments: BrokerKind.real)
    func aJobSubmittedAgainOrKilledInMidSubmitIsOneJob(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(3_000), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        let arguments =
            ["submit", portfolio, "--market", market, "--metrics", "NPV", "--job-id", "twice"]
            + ["--batch-size", "1"] + grid.kafkaOptions
        let first = try RunningProcess("eodservice", arguments, in: grid.directory)
        try await eventually("the first batches are queued", within: .seconds(60)) {
            try await grid.status("twice") != nil
        }
        first.signal(SIGKILL)
        try await first.end()
        let second = try await grid.eodservice(arguments)
        #expect(second.code == 0, "\(second.errors)")
        let third = try await grid.eodservice(arguments)
        #expect(third.code == 0)
        #expect(third.errors.contains("submitted before"))

        let other = try scratch.write(TestMarket.options(10), to: "other.json")
        let refused = try await grid.submit(
            other,
            market: market,
            metrics: "NPV",
            job: "twice"
        )
        #expect(refused.code == 2)
        #expect(refused.errors.contains("another --job-id"))

        try await grid.startEngine(["--pricers", "2"])
        let report = try await grid.report("twice")
        #expect(report.summary.trades == 3_000)
        #expect(report.summary.results == 3_000)
        #expect(Set(report.trades.map(\.tradeId)).count == 3_000)
    }

    @Test func aCancelledJobStaysCancelled() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(40), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        let job = ["--job-id", "given-up"] + grid.kafkaOptions
        let submit = ["submit", portfolio, "--market", market, "--metrics", "NPV"] + job
        #expect(try await grid.eodservice(submit).code == 0)
        #expect(try await grid.eodservice(["cancel", "given-up"] + grid.kafkaOptions).code == 0)
        try await grid.startEngine()
        let waited = try await grid.eodservice(["wait", "given-up"] + grid.aggregatorOptions)
        #expect(waited.code == 4, "\(waited.errors)")
        let again = try await grid.eodservice(submit)
        #expect(again.code == 4, "\(again.errors)")
        #expect(again.errors.contains("was cancelled"))
        let target = scratch.path("report")
        let report = try await grid.eodservice(
            ["report", "given-up", "--output", target] + grid.aggregatorOptions
        )
        #expect(report.code == 4)
        let found = try Report(URL(fileURLWithPath: target))
        #expect(found.summary.state == "cancelled")
        #expect(found.summary.missing == 40)
        #expect(found.trades.allSatisfy { $0.status == "missing" && $0.error != nil })
    }

}
