import Foundation

import GridEngine
import GridProtocol
import GridSubmission
import TestBed
import Testing

/// Trades that kill, stop or spoil their pricer, played by `pricer --script`.
@Suite(.timeLimit(.minutes(2))) struct MisbehavingPricerTests {
    /// Below two times log2(100), which is 13.3: a pricer for each halving and one more.
    private static let restartsForOne = 9

    /// Submits a job of so many options and returns its report.
    private func value(
        _ count: Int,
        _ job: String,
        batchSize: Int = 100,
        on grid: EmbeddedGrid
    ) async throws -> Report {
        let samples = try Samples(grid)
        try await grid.submit(
            try samples.options(count),
            market: samples.market,
            job: job,
            batchSize: batchSize
        )
        return try await grid.report(job)
    }

    private func restarts(_ engine: EmbeddedEngine) -> Double {
        engine.metric("grid_pricer_restarts_total") ?? -1
    }

    @Test func onlyTheGuiltyTradesFailAndTheRestIsDelivered() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            let engine = try await grid.startEngine(
                script: "trade 3 die ABRT\ntrade 40 exit 7\ntrade 77 hang"
            ) {
                $0.limits = PricingLimits(base: .seconds(1), perTrade: .milliseconds(10))
            }
            let report = try await value(100, "poison", on: grid)
            #expect(report.summary.trades == 100)
            #expect(report.summary.errors == 3)
            #expect(report.summary.results == 97)
            let codes = [3: "pricer_crashed", 40: "pricer_crashed", 77: "pricer_timed_out"]
            for (position, trade) in report.trades.enumerated() {
                #expect(trade.status == (codes[position] == nil ? "ok" : "error"))
                #expect(trade.error?.code == codes[position])
            }
            #expect(engine.isRunning)
            let letters = try await grid.deadLetters(of: "poison", expecting: 3).map(\.letter)
            #expect(Set(letters.map(\.tradeID)) == ["OPT-3", "OPT-40", "OPT-77"])
            #expect(letters.first { $0.tradeID == "OPT-3" }?.signal == 6)
        }
    }

    @Test func findingKillersCostsAFewPricers() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            let engine = try await grid.startEngine(script: "trade 3 die SEGV\ntrade 97 die KILL")
            let report = try await value(100, "killers", on: grid)
            let dead = report.trades.filter { $0.error?.code == "pricer_crashed" }
            #expect(dead.map(\.tradeId) == ["OPT-3", "OPT-97"])
            #expect(report.summary.results == 98)
            #expect((8...Double(Self.restartsForOne * 2)).contains(restarts(engine)))
        }
    }

    @Test func aTradeThatEatsMemoryOrGivesNoNumberFailsAlone() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            let engine = try await grid.startEngine(
                script: "trade 12 value nan\ntrade 61 eat-memory"
            ) {
                $0.pricer.memoryLimit = 200 << 20
                $0.pricer.arguments += ["--memory-limit", "200"]
            }
            let report = try await value(100, "hungry", on: grid)
            #expect(report.summary.results == 98)
            #expect(report.trades[12].error?.code == "not_finite")
            #expect(report.trades[61].error?.code == "pricer_out_of_memory")
            #expect(report.trades[61].error?.message.contains("200 MiB") == true)
            #expect(engine.isRunning)
            let letters = try await grid.deadLetters(of: "hungry", expecting: 1).map(\.letter)
            #expect(letters.map(\.tradeID) == ["OPT-61"])
            #expect(letters.first?.cause == "pricer_out_of_memory")
            #expect((letters.first?.signal ?? 0) != 0)
            #expect((8...Double(Self.restartsForOne)).contains(restarts(engine)))
        }
    }

    @Test func tradesThatHangInSeveralBatchesLeaveAPricerToTheOthers() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            // The second trade of a batch hangs while the file is there.
            let samples = try Samples(grid)
            let script = "trade 1 hang while \(samples.hold)"
            try await grid.startEngine(script: script) {
                $0.pricers = 2
                $0.limits = PricingLimits(base: .seconds(1), perTrade: .milliseconds(10))
            }
            // Four batches with a second trade; eight that have none, and are sound.
            try await grid.submit(
                try samples.options(8),
                market: samples.market,
                job: "hanging",
                batchSize: 2
            )
            try await grid.submit(
                try samples.options(9),
                market: samples.market,
                job: "sound",
                batchSize: 1
            )
            let start = ContinuousClock.now
            try await grid.awaitPhase(.complete, of: "sound", within: .seconds(30))
            let soundAfter = start.duration(to: .now)
            let report = try await grid.report("hanging")
            let dead = report.trades.filter { $0.error?.code == "pricer_timed_out" }
            #expect(dead.map(\.tradeId) == ["OPT-1", "OPT-3", "OPT-5", "OPT-7"])
            // Those that hang take two seconds each, one after the other.
            #expect(soundAfter < start.duration(to: .now), "the sound ones did not wait for all")
        }
    }

    @Test func numbersThatAreNoneEndAsErrors() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            let engine = try await grid.startEngine(
                script: "all value 2.5\ntrade 0 value nan\ntrade 2 value inf"
            )
            let report = try await value(4, "foreign", on: grid)
            #expect(report.trades.map(\.status) == ["error", "ok", "error", "ok"])
            #expect(report.trades[0].error?.code == "not_finite")
            #expect(report.trades[2].error?.code == "not_finite")
            #expect(report.values(of: "NPV") == ["OPT-1": 2.5, "OPT-3": 2.5])
            #expect(try report.text("report.html").contains("5 EUR"))
            #expect(try !report.text("summary.json").lowercased().contains(": nan"))
            #expect(engine.isRunning)
        }
    }

    @Test(arguments: ["all count 3", "all garble"])
    func anAnswerThatIsNoneFailsItsTradesAndNotTheEngine(script: String) async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            let engine = try await grid.startEngine(script: script)
            let report = try await value(4, "miscounted", on: grid)
            #expect(report.trades.count == 4)
            #expect(report.trades.allSatisfy { $0.error?.code == "pricer_answer_invalid" })
            #expect(engine.isRunning)
            let letters = try await grid.deadLetters(of: "miscounted", expecting: 4)
            #expect(letters.count { $0.letter.cause == "pricer_answer_invalid" } == 4)
        }
    }

    @Test func aPricerKilledFromOutsideCostsNoTrade() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            let engine = try await grid.startEngine(script: "work 2 hang while \(samples.hold)")
            try await grid.submit(
                try samples.options(60),
                market: samples.market,
                job: "outside",
                batchSize: 10
            )
            for joined in 0...1 {
                try await eventually("\(joined) batches are joined", within: .seconds(30)) {
                    try grid.batchesJoined("outside") >= joined
                }
                for pricer in grid.pricers { kill(pricer, SIGKILL) }
            }
            try samples.release()
            let report = try await grid.report("outside")
            #expect(report.summary.results == 60)
            #expect(report.summary.errors == 0)
            #expect(restarts(engine) >= 1)
        }
    }

    @Test func anEngineToldToStopHandsBackWhatItsPricersDoNotFinish() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            let engine = try await grid.startEngine(script: "work 2 hang")
            try await grid.submit(
                try samples.options(60),
                market: samples.market,
                job: "handed-back",
                batchSize: 10
            )
            try await eventually("a batch is joined", within: .seconds(30)) {
                try grid.batchesJoined("handed-back") == 1
            }
            try await engine.stop(within: .milliseconds(300))
            try await grid.startEngine()
            #expect(try await grid.report("handed-back").summary.results == 60)
        }
    }

    @Test func aPricerThatCannotBeStartedAgainIsTriedForAWhile() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try samples.release()
            let script = "start exit 4 while \(samples.hold)"
            try await grid.startAggregator()
            let patient = try await grid.startEngine(script: script) {
                $0.restartLimit = .seconds(30)
            }
            try Data().write(to: URL(fileURLWithPath: samples.hold))
            for pricer in grid.pricers { kill(pricer, SIGKILL) }
            try await grid.submit(try samples.options(5), market: samples.market, job: "patient")
            try await eventually("the engine has tried", within: .seconds(30)) {
                grid.log.text.contains("trying again")
            }
            try samples.release()
            #expect(try await grid.report("patient").summary.results == 5)
            #expect(patient.isRunning)
            try await patient.stop()

            // For good: the engine gives up, and another prices what it had.
            let hasty = try await grid.startEngine(script: script) {
                $0.restartLimit = .seconds(1)
            }
            try Data().write(to: URL(fileURLWithPath: samples.hold))
            for pricer in grid.pricers { kill(pricer, SIGKILL) }
            try await grid.submit(
                try samples.options(5),
                market: samples.market,
                job: "handed-on"
            )
            #expect(try await hasty.end(within: .seconds(60)) is EngineError)
            try await grid.startEngine()
            let report = try await grid.report("handed-on")
            #expect(report.summary.results == 5)
            #expect(report.summary.errors == 0)
        }
    }

    @Test(arguments: [nil, "no program of any kind", "#!/bin/sh\nexit 3\n"])
    func anEngineWithoutAPricerEndsAndNamesIt(text: String?) async throws {
        try await EmbeddedGrid.with { grid in
            let pricer = grid.scratch.path("broken-pricer")
            if let text { _ = try grid.scratch.write(program: text, to: "broken-pricer") }
            let engine = try await grid.startEngine(isReady: false) { $0.pricer.path = pricer }
            let failure = try await engine.end(within: .seconds(60))
            #expect("\(try #require(failure))".contains(pricer))
        }
    }
}
