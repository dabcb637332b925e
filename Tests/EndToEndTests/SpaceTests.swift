import Foundation
import GridProtocol
import KafkaClient
import HTTP
import TestBed
import Testing

/// Disks that are full and readers that are slow: nothing is lost, and all goes on when it is mended.
@Suite(.serialized, .timeLimit(.minutes(5))) struct SpaceTests {
    // MARK: A full disk, played by a limit on the size of files

    @Test func aLedgerWithoutSpaceIsWaitedForAndGoesOnWithoutARestart() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        try await grid.startAggregator()
        let aggregator = try #require(grid.aggregator)
        try await grid.startEngine()
        try await Self.limitFiles(of: aggregator, to: "600000")
        let count = 400
        let submitted = try await grid.submit(
            try scratch.write(TestMarket.options(count), to: "portfolio.json"),
            market: try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            metrics: "NPV",
            job: "full",
            more: ["--batch-size", "1"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("readiness says so", within: .seconds(60)) {
            let answer = try await grid.readiness()
            return answer.status == 503 && answer.text.contains("no space is left")
        }
        #expect(aggregator.isRunning)
        let said = aggregator.standardError + aggregator.standardOutput
        #expect(said.contains("no space is left"), "\(said.suffix(500))")
        try await Self.limitFiles(of: aggregator, to: "unlimited")
        let report = try await grid.report("full")
        #expect(report.summary.results == count)
        #expect(Set(report.trades.map(\.tradeId)).count == count)
        #expect(try await grid.readiness().status == 200)

        // The same where reports are written.
        let again = try await grid.submit(
            try scratch.write(TestMarket.options(count), to: "portfolio.json"),
            market: scratch.path("market.json"),
            metrics: "NPV",
            job: "no-report"
        )
        #expect(again.code == 0, "\(again.errors)")
        let waited = try await grid.eodservice(["wait", "no-report"] + grid.aggregatorOptions)
        #expect(waited.code == 0, "\(waited.errors)")
        try await Self.limitFiles(of: aggregator, to: "4096")
        let refused = try await grid.eodservice(
            ["report", "no-report", "--output", scratch.path("out")] + grid.aggregatorOptions
        )
        #expect(refused.code != 0)
        #expect(refused.errors.contains("cannot be written"), "\(refused.errors)")
        try await Self.limitFiles(of: aggregator, to: "unlimited")
        #expect(try await grid.report("no-report").summary.results == count)
        #expect(aggregator.isRunning)
    }

    // MARK: A slow reader

    @Test(arguments: BrokerKind.real)
    func anAggregatorThatWasAwayForTenThousandResultsHasThemAll(broker: BrokerKind) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        try await grid.startAggregator()
        let aggregator = try #require(grid.aggregator)
        let engine = try await grid.startEngine(["--pricers", "2"])
        let count = 10_000
        aggregator.signal(SIGSTOP)
        let submitted = try await grid.submit(
            try scratch.write(TestMarket.options(count), to: "portfolio.json"),
            market: try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            metrics: "NPV",
            job: "slow",
            more: ["--batch-size", "1"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("the engine is done", within: .seconds(120)) {
            try await grid.metric("grid_batches_priced_total", of: engine) == Double(count)
        }
        aggregator.signal(SIGCONT)
        let report = try await grid.report("slow")
        #expect(report.summary.results == count)
        #expect(Set(report.trades.map(\.tradeId)).count == count)
        let peak = try #require(ProcessFacts.peakMegabytes(of: aggregator.pid))
        #expect(peak < 250, "\(peak) MB")
    }

    // MARK: Private

    /// Limits how large the files of a process may grow, from now on.
    private static func limitFiles(of process: RunningProcess, to bytes: String) async throws {
        let scratch = try Scratch()
        let limit = try RunningProcess(
            "/usr/bin/prlimit",
            ["--pid", String(process.pid), "--fsize=\(bytes):unlimited"],
            name: "prlimit",
            in: scratch.url.path
        )
        #expect(try await limit.end(within: .seconds(60)) == 0)
    }
}

extension BrokerKind {
    /// The brokers that can be told to refuse.
    static var real: [BrokerKind] { available.contains(.kafka) ? [.kafka] : [] }
}

extension Grid {
    /// What the aggregator says of its readiness.
    func readiness() async throws -> (status: Int, text: String) {
        let answer = try await HTTPClient()
            .get("\(aggregatorOptions[1])/readyz", timeout: .seconds(5))
        return (answer.status, String(decoding: answer.body, as: UTF8.self))
    }
}
