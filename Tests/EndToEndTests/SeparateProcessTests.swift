import Foundation
import Testing

/// eodservice, engines and aggregator as processes of their own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SeparateProcessTests {
    private let count = 120

    /// What the pricer says of the same portfolio without any grid.
    private func byHand(_ portfolio: String, _ market: String, _ scratch: Scratch, metrics: String)
        async throws -> [String: [String: Double]]
    {
        let process = try GridProcess(
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

    @Test(arguments: BrokerKind.available)
    func everyTradeEndsOnceWhenAnEngineIsKilledAndTheAggregatorRestarts(
        broker: BrokerKind
    ) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(count), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let metrics = "NPV,OptionPV,Delta"
        let expected = try await byHand(portfolio, market, scratch, metrics: metrics)
        #expect(expected.count == count)

        try await grid.startAggregator()
        let victim = try await grid.startEngine()
        try await grid.startEngine()
        let submitted = try await grid.submit(
            portfolio,
            market: market,
            metrics: metrics,
            job: "kill-1"
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("two batches are done", within: .seconds(60)) {
            try await grid.batchesDone("kill-1") >= 2
        }
        victim.signal(SIGKILL)
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
        for metric in ["NPV", "OptionPV", "Delta"] {
            // Bit for bit: the grid must not change a number.
            #expect(report.values(of: metric) == expected.compactMapValues { $0[metric] })
        }
    }

    @Test(arguments: BrokerKind.available)
    func concurrentJobsKeepTheirOwnValuationDates(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let dates = ["2026-01-15", "2026-07-15"]
        let portfolio = try scratch.write(TestMarket.options(40), to: "portfolio.json")
        var expected: [[String: [String: Double]]] = []
        var markets: [String] = []
        for date in dates {
            let market = try scratch.write(TestMarket.json(date: date), to: "\(date).json")
            markets.append(market)
            expected.append(try await byHand(portfolio, market, scratch, metrics: "NPV,Theta"))
        }
        #expect(expected[0] != expected[1])
        try await grid.startAggregator()
        try await grid.startEngine(["--pricers", "2"])
        // Four jobs of small batches in turn, so that every pricer changes dates again and again.
        for round in 0..<2 {
            for (position, market) in markets.enumerated() {
                let submitted = try await grid.submit(
                    portfolio,
                    market: market,
                    metrics: "NPV,Theta",
                    job: "d\(position)-\(round)",
                    more: ["--batch-size", "2"]
                )
                #expect(submitted.code == 0, "\(submitted.errors)")
            }
        }
        for round in 0..<2 {
            for position in dates.indices {
                let report = try await grid.report("d\(position)-\(round)")
                #expect(report.summary.valuationDate == dates[position])
                for metric in ["NPV", "Theta"] {
                    #expect(
                        report.values(of: metric)
                            == expected[position].compactMapValues { $0[metric] }
                    )
                }
            }
        }
    }

    @Test(arguments: BrokerKind.available)
    func aJobSubmittedAgainOrKilledInMidSubmitIsOneJob(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(3_000), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        let arguments =
            ["submit", portfolio, "--market", market, "--metrics", "NPV", "--job-id", "twice"]
            + ["--batch-size", "1"] + grid.kafkaOptions
        let first = try GridProcess("eodservice", arguments, in: grid.directory)
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

    @Test func anEngineRefusesExactlyOnceWhereThereAreNoTransactions() async throws {
        let grid = try Grid(.embedded)
        let engine = try await grid.startEngine(["--delivery", "exactly-once"], isReady: false)
        let code = try await engine.end(within: .seconds(30))
        #expect(code != 0)
        #expect(engine.standardError.contains("--delivery at-least-once"))
    }

    @Test func healthAndMetricsAreServed() async throws {
        let grid = try Grid(.embedded)
        try await grid.startAggregator()
        let engine = try await grid.startEngine()
        #expect(engine.standardError.contains("kafka-config"))
        #expect(!engine.standardError.contains("reconnect.backoff"), "secrets are masked")
        engine.signal(SIGTERM)
        #expect(try await engine.end(within: .seconds(60)) == 0)
    }
}
