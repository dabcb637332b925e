import Foundation
import TestBed
import Testing

extension PoisonTests {
    @Test func deadTradesAreListedShownAndRedrivenAsAJobOfTheirOwn() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        try await grid.startAggregator()
        let engine = try await grid.startEngine([
            "--allow-test-trades", "--batch-base-limit", "4s", "--batch-trade-limit", "10ms",
        ])
        try await publish(
            "poison",
            behaviours: [1: "crash", 4: "exit", 6: "hang"],
            count: 8,
            on: grid
        )
        #expect(try await grid.report("poison").summary.errors == 3)

        let listed = try await grid.letters(["--job", "poison"])
        #expect(Set(listed.map(\.trade)) == ["T-1", "T-4", "T-6"])
        let hung = try await grid.letters(["--job", "poison", "--cause", "pricer_timed_out"])
        #expect(Set(hung.map(\.trade)) == ["T-6"])
        let undecodable = try await grid.letters(["--cause", "undecodable"])
        #expect(undecodable.count >= 2)
        #expect(try await grid.letters(["--limit", "1"]).count == 1)

        // The bytes of a letter can be priced by hand.
        let crashed = try #require(listed.first { $0.trade == "T-1" })
        let shown = try await grid.deadLetters(
            ["show", crashed.place, "--bytes", scratch.path("letter.pb")]
        )
        #expect(shown.code == 0, "\(shown.errors)")
        #expect(shown.output.contains("signal   6"))
        let byHand = try RunningProcess(
            "pricer",
            [
                "--batch", scratch.path("letter.pb"), "--market",
                try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            ],
            in: scratch.url
        )
        #expect(try await byHand.end(within: .seconds(60)) == 3, "\(byHand.standardError)")
        #expect(byHand.standardOutput.split(separator: "\n").count == 8)

        // What cannot be re-driven is refused, and nothing is queued.
        let garbage = try #require(undecodable.first?.place)
        for arguments in [[garbage], [crashed.place, garbage], ["0/999999"], ["x"], []] {
            let refused = try await grid.deadLetters(["redrive"] + arguments)
            #expect(refused.code == 2, "\(arguments): \(refused.errors)")
            #expect(refused.output.isEmpty)
        }
        #expect(try await grid.deadLetters(["show", "0/999999"]).code == 2)

        engine.signal(SIGTERM)
        #expect(try await engine.end(within: .seconds(60)) == 0)
        try await grid.startEngine()
        let dry = try await grid.deadLetters(["redrive", "--job", "poison", "--dry-run"])
        #expect(dry.code == 0, "\(dry.errors)")
        #expect(dry.output.contains("T-1, T-4, T-6"))
        let redriven = try await grid.deadLetters(["redrive", "--job", "poison"])
        #expect(redriven.code == 0, "\(redriven.errors)")
        let job = redriven.output.trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(job.hasPrefix("poison-redrive-") && dry.output.hasPrefix(job))
        let report = try await grid.report(job)
        #expect(report.trades.map(\.tradeId) == ["T-1", "T-4", "T-6"])
        // This engine knows no trades for tests: they have another error, and nobody dies.
        #expect(report.trades.allSatisfy { $0.error?.code == "invalid_trade" })
        #expect(try await grid.letters(["--job", job]).isEmpty)

        let places = listed.map(\.place)
        let again = try await grid.deadLetters(["redrive"] + places)
        #expect(again.code == 0, "\(again.errors)")
        #expect(again.output == redriven.output)
        #expect(again.errors.contains("nothing was queued"))
        let other = try await grid.deadLetters(["redrive"] + places + ["--job-id", "try-2"])
        #expect(other.output == "try-2\n")
        #expect(try await grid.report("try-2").summary.trades == 3)
    }

    @Test(arguments: BrokerKind.real)
    func anEngineThatIsMendedGivesDeadTradesTheirValues(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        let count = 6
        let portfolio = try scratch.write(TestMarket.options(count), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        try await grid.startAggregator()
        // An engine that is too hasty for trades of some 60 ms.
        let hasty = try await grid.startEngine([
            "--batch-base-limit", "5ms", "--batch-trade-limit", "1ms",
        ])
        let submitted = try await grid.submit(
            portfolio,
            market: market,
            metrics: "NPV,OptionPV",
            job: "mend"
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        #expect(try await grid.report("mend").summary.errors == count)
        #expect(try await grid.letters(["--job", "mend"]).count == count)
        hasty.signal(SIGTERM)
        #expect(try await hasty.end(within: .seconds(60)) == 0)

        try await grid.startEngine()
        let redriven = try await grid.deadLetters(["redrive", "--job", "mend"])
        #expect(redriven.code == 0, "\(redriven.errors)")
        let report = try await grid.report(redriven.output.trimmingCharacters(in: .newlines))
        #expect(report.summary.state == "complete")
        #expect(report.summary.valuationDate == "2026-01-15")
        let byHand = try RunningProcess(
            "pricer",
            ["--batch", portfolio, "--market", market, "--metrics", "NPV,OptionPV"],
            in: scratch.url
        )
        #expect(try await byHand.end() == 0, "\(byHand.standardError)")
        let expected = try byHand.standardOutput.split(separator: "\n").map {
            try JSONDecoder().decode(Report.Trade.self, from: Data($0.utf8))
        }
        #expect(report.trades.map(\.tradeId) == expected.map(\.tradeId))
        for (trade, expected) in zip(report.trades, expected) {
            #expect(trade.metrics?["OptionPV"]?.value == expected.metrics?["OptionPV"]?.value)
            #expect(trade.metrics?["NPV"]?.value == expected.metrics?["NPV"]?.value)
        }
        // The first report is as it was.
        #expect(try await grid.report("mend").summary.errors == count)
    }
}

extension Grid {
    /// A line of `eodservice deadletters list`.
    struct ListedLetter {
        var place: String
        var trade: String
    }

    func deadLetters(
        _ arguments: [String]
    ) async throws -> (code: Int32, output: String, errors: String) {
        try await eodservice(["deadletters"] + arguments + kafkaOptions)
    }

    func letters(_ arguments: [String]) async throws -> [ListedLetter] {
        let listed = try await deadLetters(["list"] + arguments)
        #expect(listed.code == 0, "\(listed.errors)")
        return try listed.output.split(separator: "\n").dropFirst().map { line in
            let columns = line.split(separator: " ", omittingEmptySubsequences: true)
            return ListedLetter(
                place: String(try #require(columns.first)),
                trade: String(try #require(columns.count > 5 ? columns[5] : nil))
            )
        }
    }
}
