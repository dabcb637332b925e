import Foundation
import TestBed
import Testing

/// Brokers that refuse to write, because too few of them are left: nothing is lost, and all goes on when
/// they are back.
@Suite(.serialized, .tags(.broker), .timeLimit(.minutes(8))) struct RefusingBrokerTests {
    /// Topics that all three brokers must have a record of.
    private static let everywhere = ["min.insync.replicas": "3"]

    @Test(.enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set"))
    func whatIsRefusedIsWrittenOnceTheBrokersAreBack() async throws {
        let brokers = try await TrialBrokers(["-n", "3"])
        let bootstrap = try #require(try brokers.environment()["BOOTSTRAP"])
        let exact = try await Self.gridWithoutResults(bootstrap, delivery: "exactly-once")
        let plain = try await Self.gridWithoutResults(bootstrap, delivery: "at-least-once")
        let submitting = Grid(brokers: bootstrap)
        try await submitting.create("batches", Self.everywhere)
        try await brokers.kill(3)

        for grid in [exact, plain] {
            let submitted = try await Self.submit(to: grid)
            #expect(submitted.code == 0, "\(submitted.errors)")
        }
        let start = ContinuousClock.now
        let refused = try await Self.submit(to: submitting, more: ["--send-limit", "3s"])
        #expect(refused.code == 5)
        #expect(start.duration(to: .now) < .seconds(60))
        #expect(
            refused.errors.split(separator: "\n").contains { $0.contains("cannot queue batches") },
            "\(refused.errors)"
        )
        for grid in [exact, plain] {
            try await eventually("the engine says so", within: .seconds(120)) {
                let said = grid.engines[0].standardError + grid.engines[0].standardOutput
                return said.contains("write failed") || said.contains("a transaction failed")
            }
            #expect(try await grid.batchesDone("refused") == 0)
        }

        try await brokers.start(3)
        for grid in [exact, plain] {
            #expect(try await grid.report("refused").summary.results == 40)
            #expect(grid.engines[0].isRunning)
        }
        #expect(try await exact.resultCounts("refused") == [0: 1, 1: 1, 2: 1, 3: 1])
        let continued = try await Self.submit(to: submitting)
        #expect(continued.code == 0, "\(continued.errors)")
        try await submitting.startAggregator()
        try await submitting.startEngine()
        #expect(try await submitting.report("refused").summary.results == 40)
    }

    /// A running grid whose results need all brokers.
    private static func gridWithoutResults(
        _ bootstrap: String,
        delivery: String
    ) async throws -> Grid {
        let grid = Grid(brokers: bootstrap)
        try await grid.create("results", everywhere)
        try await grid.startAggregator()
        try await grid.startEngine(["--delivery", delivery])
        return grid
    }

    private static func submit(
        to grid: Grid,
        more: [String] = []
    ) async throws -> (code: Int32, output: String, errors: String) {
        let scratch = try Scratch()
        return try await grid.submit(
            try scratch.write(TestMarket.options(40), to: "portfolio.json"),
            market: try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            metrics: "NPV",
            job: "refused",
            more: ["--batch-size", "10"] + more
        )
    }
}
