import Foundation
import GridProtocol
import KafkaClient
import OperationsHTTPClient
import Testing

/// Disks that are full, brokers that refuse, readers that are slow: nothing is lost, and all goes on
/// when it is mended.
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

    // MARK: A broker that refuses writes

    /// Brokers that refuse what two replicas cannot have: a Kafka before 4, which asks for no more
    /// replicas in sync than a partition has.
    private static var refusing: [BrokerKind] {
        let libraries = ProcessInfo.processInfo.environment["KAFKA_HOME"].map { $0 + "/libs" }
        let names = libraries.flatMap { try? FileManager.default.contentsOfDirectory(atPath: $0) }
        return names?.contains { $0.hasPrefix("kafka-clients-3.") } == true ? [.kafka] : []
    }

    private static var deliveries: [String] {
        refusing.isEmpty ? [] : ["exactly-once", "at-least-once"]
    }

    @Test(arguments: deliveries)
    func anEngineWaitsForABrokerThatRefusesItsResults(delivery: String) async throws {
        let grid = try Grid(.kafka)
        let scratch = try Scratch()
        // Of one broker, two can never have a record.
        try await grid.create("results", ["min.insync.replicas": "2"])
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--delivery", delivery])
        let submitted = try await grid.submit(
            try scratch.write(TestMarket.options(40), to: "portfolio.json"),
            market: try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json"),
            metrics: "NPV",
            job: "refused",
            more: ["--batch-size", "10"]
        )
        #expect(submitted.code == 0, "\(submitted.errors)")
        try await eventually("the engine says so", within: .seconds(90)) {
            let said = engine.standardError + engine.standardOutput
            return said.contains("write failed") || said.contains("a transaction failed")
        }
        try await grid.configure("results", "min.insync.replicas=1")
        let report = try await grid.report("refused")
        #expect(report.summary.results == 40)
        #expect(engine.isRunning)
        if delivery == "exactly-once" {
            #expect(try await grid.resultCounts("refused") == [0: 1, 1: 1, 2: 1, 3: 1])
        }
    }

    @Test(arguments: refusing)
    func aSubmissionEndsInTimeWhenTheBrokerRefusesAndIsContinuedLater(
        broker: BrokerKind
    ) async throws {
        let grid = try Grid(broker)
        let scratch = try Scratch()
        try await grid.create("batches", ["min.insync.replicas": "2"])
        try await grid.startAggregator()
        try await grid.startEngine()
        let portfolio = try scratch.write(TestMarket.options(30), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        func submit() async throws -> (code: Int32, output: String, errors: String) {
            try await grid.submit(
                portfolio,
                market: market,
                metrics: "NPV",
                job: "stuck",
                more: ["--batch-size", "10", "--send-limit", "3s"]
            )
        }
        let start = ContinuousClock.now
        let refused = try await submit()
        #expect(refused.code == 5)
        #expect(start.duration(to: .now) < .seconds(30))
        #expect(
            refused.errors.split(separator: "\n").contains { $0.contains("cannot queue batches") },
            "\(refused.errors)"
        )
        try await grid.configure("batches", "min.insync.replicas=1")
        let continued = try await submit()
        #expect(continued.code == 0, "\(continued.errors)")
        #expect(try await grid.report("stuck").summary.results == 30)
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
        let peak = try #require(Self.peakMegabytes(of: aggregator))
        #expect(peak < 250, "\(peak) MB")
    }

    // MARK: Private

    /// The most memory that a process was resident with.
    private static func peakMegabytes(of process: GridProcess) -> Int? {
        let status = try? String(contentsOfFile: "/proc/\(process.pid)/status", encoding: .utf8)
        let line = status?.split(separator: "\n").first { $0.hasPrefix("VmHWM") }
        return line?.split(separator: " ").dropLast().last.flatMap { Int($0) }.map { $0 / 1_000 }
    }

    /// Limits how large the files of a process may grow, from now on.
    private static func limitFiles(of process: GridProcess, to bytes: String) async throws {
        try await run(
            "/usr/bin/prlimit",
            ["--pid", String(process.pid), "--fsize=\(bytes):unlimited"]
        )
    }

    /// Runs a program to its end.
    static func run(_ path: String, _ arguments: [String]) async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try await eventually("\(path) ends", within: .seconds(60)) { !process.isRunning }
        #expect(process.terminationStatus == 0)
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

    /// Changes a topic's configuration on a real broker, by its own tool.
    func configure(_ topic: String, _ setting: String) async throws {
        let home = try #require(ProcessInfo.processInfo.environment["KAFKA_HOME"])
        try await SpaceTests.run(
            "\(home)/bin/kafka-configs.sh",
            [
                "--bootstrap-server", brokers, "--alter", "--entity-type", "topics",
                "--entity-name", prefix + topic, "--add-config", setting,
            ]
        )
    }
}
