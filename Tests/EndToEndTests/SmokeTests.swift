import Foundation
import TestBed
import Testing

/// The real programs, once each way: in one process, and apart with an engine that is killed.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SmokeTests {
    private let count = 120

    /// What the pricer says of the same portfolio without any grid.
    private func byHand(_ portfolio: String, _ market: String, _ scratch: Scratch, metrics: String)
        async throws -> [String: [String: Double]]
    {
        let process = try RunningProcess(
            "pricer",
            ["--batch", portfolio, "--market", market, "--metrics", metrics],
            in: scratch.url
        )
        #expect(try await process.end() == 0, "\(process.standardError)")
        var values: [String: [String: Double]] = [:]
        for line in process.standardOutput.split(separator: "\n") {
            let trade = try JSONDecoder().decode(Report.Trade.self, from: Data(line.utf8))
            values[trade.tradeId] = trade.metrics?.mapValues(\.value)
        }
        return values
    }

    @Test func theExamplePortfolioEndsWithItsFailedTradesNamed() async throws {
        let scratch = try Scratch()
        let out = scratch.path("out")
        let process = try RunningProcess(
            "valgrid",
            [
                "run", Repository.path("examples/portfolio.csv"), "--market",
                Repository.path("examples/market"), "--metrics", "NPV,ParRate,FwdRate",
                "--engines", "2", "--output", out,
            ],
            in: scratch.url
        )
        let code = try await process.end()
        #expect(code == 3, "\(process.standardError)")
        let report = try Report(URL(fileURLWithPath: out))
        let summary = report.summary
        #expect(summary.state == "complete with errors")
        #expect(summary.trades == 1_000)
        #expect(summary.results + summary.errors == 1_000)
        #expect(summary.errors > 0 && summary.missing == 0)

        let portfolio = try String(
            contentsOfFile: Repository.path("examples/portfolio.csv"),
            encoding: .utf8
        )
        let ids = portfolio.split(separator: "\n").dropFirst().map {
            String($0.prefix { $0 != "," })
        }
        #expect(report.trades.map(\.tradeId) == ids)
        for trade in report.trades where trade.status == "error" {
            #expect(trade.tradeId.hasPrefix("BAD-"))
            #expect(try !#require(trade.error).message.isEmpty)
            #expect(process.standardOutput.contains(trade.tradeId.prefix(20)))
        }
        for trade in report.trades where trade.status == "ok" {
            #expect(trade.metrics?["NPV"]?.value.isFinite == true)
            #expect((trade.cpuMicroseconds ?? 0) > 0)
            #expect(["QuantLib", "valgrid"].contains(trade.engine?.split(separator: " ").first))
            #expect(trade.versions?.quantlib.isEmpty == false)
            #expect(trade.snapshot?.hasPrefix("sha256:") == true)
            let stages = try #require(trade.stages)
            #expect(stages.queued <= stages.taken && stages.taken <= stages.priced)
            #expect(stages.priced <= stages.joined)
        }
        #expect(try report.text("npv.csv").split(separator: "\n").count == 1_001)
        #expect(try report.text("npv.csv").contains("TradeId,TradeType,Maturity,MaturityTime,NPV"))
        #expect(try report.text("errors.csv").split(separator: "\n").count == summary.errors + 1)
        let page = try report.text("report.html")
        #expect(page.contains("<svg") && !page.contains("http://") && !page.contains("src=\"http"))
    }

    @Test(arguments: BrokerKind.available)
    func everyTradeEndsOnceWhenAnEngineIsKilledAndTheAggregatorRestarts(
        broker: BrokerKind
    ) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(count), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let metrics = "NPV,Delta"
        let hold = try scratch.write("", to: "hold")
        let script = try scratch.write("work 3 hang while \(hold)", to: "script")
        let expected = try await byHand(portfolio, market, scratch, metrics: metrics)
        #expect(expected.count == count)

        try await grid.startAggregator()
        // It is killed while its pricer holds the third batch that it got.
        let victim = try await grid.startEngine([
            "--allow-test-trades", "--pricer-script", script, "--batch-base-limit", "200s",
        ])
        #expect(victim.standardError.contains("kafka-config"))
        #expect(!victim.standardError.contains("reconnect.backoff"), "secrets are masked")
        let submitted = try await grid.submit(
            portfolio,
            market: market,
            metrics: metrics,
            job: "kill-1",
            more: ["--batch-size", "10"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("two batches are done", within: .seconds(60)) {
            try await grid.batchesDone("kill-1") == 2
        }
        victim.signal(SIGKILL)
        try await victim.end(within: .seconds(20))
        let heir = try await grid.startEngine()
        grid.aggregator?.signal(SIGTERM)
        #expect(try await grid.aggregator?.end(within: .seconds(30)) == 0)
        try await grid.startAggregator()

        let report = try await grid.report("kill-1")
        #expect(report.summary.state == "complete")
        #expect(report.summary.trades == count)
        #expect(report.summary.results + report.summary.errors == count)
        #expect(report.summary.missing == 0)
        #expect(report.trades.map(\.tradeId) == (0..<count).map { "OPT-\($0)" })
        if grid.isTransactional {
            let counts = try await grid.resultCounts("kill-1")
            #expect(counts == [:].merging((0..<UInt32(counts.count)).map { ($0, 1) }) { $1 })
            #expect(counts.count * 100 >= count)
        }
        for metric in ["NPV", "Delta"] {
            // Bit for bit: the grid must not change a number.
            #expect(report.values(of: metric) == expected.compactMapValues { $0[metric] })
        }
        heir.signal(SIGTERM)
        #expect(try await heir.end(within: .seconds(60)) == 0)
    }
}
