import Finance
import Foundation

import GridEngine
import GridProtocol
import GridSubmission
import GridTopics
import TestBed
import Testing

/// Jobs from files to reports, with engines and an aggregator in this process.
@Suite(.timeLimit(.minutes(2))) struct JobTests {
    @Test func everyTradeEndsOnceWhenAnEngineAndTheAggregatorAreReplaced() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let portfolio = try samples.options(60)
            let expected = try await samples.byHand(portfolio, metrics: "NPV,Delta")
            try await grid.startAggregator()
            // It holds the third batch that it gets, and is stopped with it.
            let first = try await grid.startEngine(
                script: "work 3 hang while \(samples.hold)"
            )
            try await grid.submit(
                portfolio,
                market: samples.market,
                metrics: [.npv, .delta],
                job: "replaced",
                batchSize: 5
            )
            try await eventually("two batches are joined", within: .seconds(30)) {
                try grid.batchesJoined("replaced") == 2
            }
            await grid.stopAggregator()
            try await grid.startAggregator()
            #expect(try grid.batchesJoined("replaced") == 2, "the ledger was kept")
            try await first.stop(within: .milliseconds(100))
            try await grid.startEngine()
            let report = try await grid.report("replaced")
            #expect(report.summary.state == "complete")
            #expect(report.trades.map(\.tradeId) == (0..<60).map { "OPT-\($0)" })
            for metric in ["NPV", "Delta"] {
                // Bit for bit: the grid must not change a number.
                #expect(report.values(of: metric) == expected.compactMapValues { $0[metric] })
            }
        }
    }

    @Test func concurrentJobsKeepTheirOwnValuationDates() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let portfolio = try samples.options(40)
            let dates = ["2026-01-15", "2026-07-15"]
            var markets: [String] = []
            var expected: [[String: [String: Double]]] = []
            for date in dates {
                let market = try grid.scratch.write(
                    TestMarket.json(date: date),
                    to: "\(date).json"
                )
                markets.append(market)
                expected.append(
                    try await samples.byHand(portfolio, market: market, metrics: "NPV,Theta")
                )
            }
            #expect(expected[0] != expected[1])
            try await grid.startAggregator()
            try await grid.startEngine { $0.pricers = 2 }
            // Four jobs of small batches in turn, so that every pricer changes dates again and again.
            for round in 0..<2 {
                for (position, market) in markets.enumerated() {
                    try await grid.submit(
                        portfolio,
                        market: market,
                        metrics: [.npv, .theta],
                        job: "d\(position)-\(round)",
                        batchSize: 2
                    )
                }
            }
            for round in 0..<2 {
                for position in dates.indices {
                    let report = try await grid.report("d\(position)-\(round)")
                    #expect(report.summary.valuationDate == dates[position])
                    for metric in ["NPV", "Theta"] {
                        let values = expected[position].compactMapValues { $0[metric] }
                        #expect(report.values(of: metric) == values)
                    }
                }
            }
        }
    }

    @Test func aJobSubmittedAgainOrInterruptedIsOneJob() async throws {
        struct Interruption: Error {}
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let portfolio = try samples.options(300)
            try await grid.startAggregator()
            await #expect(throws: Interruption.self) {
                try await grid.submit(
                    portfolio,
                    market: samples.market,
                    job: "twice",
                    batchSize: 1
                ) { position in
                    if position == 120 { throw Interruption() }
                }
            }
            let second = try await grid.submit(
                portfolio,
                market: samples.market,
                job: "twice",
                batchSize: 1
            )
            guard case .resumed(let there) = second else {
                Issue.record("\(second)")
                return
            }
            #expect((1..<300).contains(there))
            let third = try await grid.submit(
                portfolio,
                market: samples.market,
                job: "twice",
                batchSize: 1
            )
            #expect(third == .alreadySubmitted)
            do {
                try await grid.submit(
                    try samples.options(10),
                    market: samples.market,
                    job: "twice"
                )
                Issue.record("another job under the same id was taken")
            } catch let error as SubmissionError {
                #expect(error.code == .jobExists)
                #expect(error.reason.contains("another --job-id"), "\(error.reason)")
            }
            try await grid.startEngine { $0.pricers = 2 }
            let report = try await grid.report("twice")
            #expect(report.summary.results == 300)
            #expect(Set(report.trades.map(\.tradeId)).count == 300)
        }
    }

    @Test func aCancelledJobStaysCancelled() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let portfolio = try samples.options(40)
            try await grid.startAggregator()
            try await grid.submit(portfolio, market: samples.market, job: "cancelled")
            try await grid.control { try await $0.cancel(#require(JobID(rawValue: "cancelled"))) }
            let engine = try await grid.startEngine()
            try await grid.awaitPhase(.cancelled, of: "cancelled")
            do {
                try await grid.submit(portfolio, market: samples.market, job: "cancelled")
                Issue.record("a cancelled job was submitted again")
            } catch let error as SubmissionError {
                #expect(error.code == .cancelled)
                #expect(error.reason.contains("was cancelled"), "\(error.reason)")
            }
            let report = try await grid.report("cancelled")
            #expect(report.summary.state == "cancelled")
            #expect(report.summary.missing == 40)
            #expect(report.trades.allSatisfy { $0.status == "missing" && $0.error != nil })
            #expect(engine.isRunning)
        }
    }

    @Test func aJobWithoutAnEngineSaysSoAndExpiresWithItsTradesNamed() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let aggregator = try await grid.startAggregator()
            try await grid.submit(
                try samples.options(10),
                market: samples.market,
                job: "alone",
                timeLimit: .seconds(3)
            )
            try await eventually("it says what it waits for", within: .seconds(20)) {
                aggregator.waitingReason(of: "alone")?.hasPrefix("no engine is running") ?? false
            }
            let report = try await grid.report("alone")
            #expect(report.summary.state == "expired")
            #expect(report.summary.missing == 10)
        }
    }

    @Test func anEngineRefusesExactlyOnceWhereThereAreNoTransactions() async throws {
        try await EmbeddedGrid.with { grid in
            let engine = try await grid.startEngine(isReady: false) { $0.delivery = .exactlyOnce }
            let failure = try await engine.end(within: .seconds(60))
            #expect("\(try #require(failure))".contains("--delivery at-least-once"))
        }
    }
}
