import Foundation
import KafkaClient
import TestBed
import Testing

/// A grid that is idle has no consumer lag, so that what scales engines by lag scales them by work.
@Suite(
    .tags(.broker),
    .serialized,
    .timeLimit(.minutes(4)),
    .enabled(
        if: ProcessInfo.processInfo.environment["KAFKA_HOME"] != nil,
        "needs Apache Kafka at KAFKA_HOME"
    )
)
struct IdleGridTests {
    private static let group = "valgrid-engines"

    /// The group's lag by partition, as `kafka-consumer-groups --describe` has it: nothing where it
    /// has committed no offset.
    private func lags(of grid: Grid) async throws -> [TopicPartition: Int64?] {
        let topics = ["batches", "batches.intraday", "batches.parked"]
        let partitions =
            topics.flatMap { topic in
                (0..<8).map { TopicPartition(topic: grid.prefix + topic, partition: $0) }
            } + [TopicPartition(topic: grid.prefix + "market", partition: 0)]
        let configuration = KafkaConfiguration(bootstrapServers: grid.brokers, clientID: "test")
        let reader = try KafkaReader(
            configuration: configuration,
            isolation: .readUncommitted,
            start: Dictionary(uniqueKeysWithValues: partitions.map { ($0, .end) })
        )
        let ends = try await reader.endOffsets()
        await reader.close()
        let admin = try KafkaAdmin(configuration: configuration)
        let committed = try await admin.committedOffsets(
            of: Self.group + grid.prefix,
            in: Set(partitions)
        )
        await admin.close()
        return Dictionary(
            uniqueKeysWithValues: partitions.map { partition in
                let lag = committed[partition].map { (ends[partition]?.high ?? -1) - $0 }
                return (partition, lag)
            }
        )
    }

    /// The replicas that a ScaledObject's Kafka triggers ask for, as KEDA computes them: the largest of
    /// lag over threshold, rounded up, and at least the minimum.
    private func replicas(at lags: [TopicPartition: Int64?], of grid: Grid) throws -> Int {
        let file = Repository.root.appendingPathComponent("k8s/overlays/keda/scaledobject.yaml")
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        func values(_ name: String) -> [String] {
            lines.compactMap { line in
                let parts = line.split(separator: ":", maxSplits: 1)
                guard parts.count == 2, parts[0].drop(while: { $0 == " " }) == name else {
                    return nil
                }
                return parts[1].trimmingCharacters(in: CharacterSet(charactersIn: " \""))
            }
        }
        let minimum = try #require(values("minReplicaCount").first.flatMap { Int($0) })
        let topics = values("topic")
        let thresholds = values("lagThreshold").compactMap { Int64($0) }
        try #require(topics.count == 2 && thresholds.count == 2)
        let wanted = try zip(topics, thresholds).map { topic, threshold in
            let name = grid.prefix + topic.dropFirst("valgrid.".count)
            let parts = lags.filter { $0.key.topic == name }
            try #require(parts.count == 8, "\(name) is a topic of the grid")
            let lag = parts.values.reduce(0) { $0 + ($1 ?? 0) }
            return Int((lag + threshold - 1) / threshold)
        }
        return max(minimum, wanted.max() ?? 0)
    }

    private func awaitNoLag(
        _ grid: Grid,
        except market: Bool,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await eventually("no partition has a lag", within: .seconds(30)) {
            try await lags(of: grid).allSatisfy { partition, lag in
                lag == 0 || (market && partition.topic.hasSuffix("market") && lag == nil)
            }
        }
    }

    @Test(arguments: ["exactly-once", "at-least-once"])
    func threeJobsLeaveNoLagAndAnEngineThatFollowsPricesNothingAgain(
        delivery: String
    ) async throws {
        let grid = try Grid(.kafka)
        let scratch = try Scratch()
        let portfolio = try scratch.write(TestMarket.options(30), to: "portfolio.json")
        let market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
        let options = ["--delivery", delivery, "--group", Self.group + grid.prefix]
        // At least once, engines commit nothing of the market's topic.
        let isPlain = delivery == "at-least-once"
        func price(_ jobs: [String]) async throws {
            for job in jobs {
                let submitted = try await grid.submit(
                    portfolio,
                    market: market,
                    metrics: "NPV",
                    job: job,
                    more: ["--batch-size", "10"]
                        + (job.hasSuffix("2") ? ["--priority", "intraday"] : [])
                )
                #expect(submitted.code == 0, "\(submitted.errors)")
            }
            for job in jobs {
                #expect(try await grid.report(job).summary.state == "complete")
                #expect(try await grid.resultCounts(job) == [0: 1, 1: 1, 2: 1])
            }
        }
        try await grid.startAggregator()
        let engine = try await grid.startEngine(options)
        try await price(["idle-1", "idle-2", "idle-3"])
        try await awaitNoLag(grid, except: isPlain)
        #expect(try replicas(at: try await lags(of: grid), of: grid) == 2, "the minimum")
        engine.signal(SIGKILL)
        _ = try await engine.end(within: .seconds(10))

        let second = try await grid.startEngine(options)
        try await price(["next-1", "next-2", "next-3"])
        try await awaitNoLag(grid, except: isPlain)
        for job in ["idle-1", "idle-2", "idle-3"] {
            #expect(try await grid.resultCounts(job) == [0: 1, 1: 1, 2: 1])
        }
        second.signal(SIGTERM)
        #expect(try await second.end(within: .seconds(30)) == 0)
    }
}
