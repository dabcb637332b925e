import Finance
import Foundation
import GridProtocol
import KafkaClient
import Testing

@testable import GridSubmission

@Suite(.timeLimit(.minutes(2))) struct SubmittedTradesTests {
    private static let hasBroker =
        ProcessInfo.processInfo.environment["VALGRID_TEST_BOOTSTRAP"] != nil
        || ProcessInfo.processInfo.environment["KAFKA_HOME"] != nil

    private func read(
        _ ground: Ground,
        _ job: PlannedJob,
        _ selection: TradeSelection = .all
    ) async throws -> [Trade] {
        let log = SubmittedTrades(configuration: ground.configuration, topics: ground.topics)
        let record = try await log.record(of: job.jobID)
        var trades: [Trade] = []
        try await log.batches(of: record).trades(selection) { trades.append($0) }
        return trades
    }

    private func checkReading(_ ground: Ground) async throws {
        // Another job's batches lie between.
        let other = try PlannedJob(try makeRequest(30, job: "job-10"))
        _ = try await ground.submit(other)
        let request = try makeRequest(205, limits: BatchLimits(trades: 2))
        let job = try PlannedJob(request)
        _ = try await ground.submit(job)
        #expect(try await read(ground, job) == request.trades)

        let some = Set(request.trades[7...9].map(\.id))
        #expect(try await read(ground, job, .ids(some)) == Array(request.trades[7...9]))

        let sample = try await read(ground, job, .sample(20, seed: "a"))
        #expect(sample.count == 20)
        #expect(sample == request.trades.filter { sample.contains($0) }, "in portfolio order")
        #expect(try await read(ground, job, .sample(20, seed: "a")) == sample)
        #expect(try await read(ground, job, .sample(20, seed: "b")) != sample)
        #expect(try await read(ground, job, .sample(1_000, seed: "a")) == request.trades)

        // The same trades on the same market are the same content, under any name.
        let again = try PlannedJob(
            JobRequest(
                jobID: try #require(JobID(rawValue: "again")),
                portfolioName: "again",
                trades: try await read(ground, job),
                snapshot: request.snapshot,
                metrics: request.metrics,
                limits: request.limits
            )
        )
        #expect(again.contentHash == job.contentHash)
    }

    @Test func theTradesOfAJobAreReadBackAsTheyWereSubmitted() async throws {
        try await checkReading(try Ground())
    }

    @Test(.tags(.broker), .enabled(if: hasBroker, "needs an Apache Kafka broker"))
    func theTradesOfAJobAreReadBackFromApacheKafka() async throws {
        try await checkReading(try await Ground(apacheKafka: ()))
    }

    @Test func aJobWithoutAllItsBatchesIsRefused() async throws {
        let ground = try Ground()
        let job = try PlannedJob(try makeRequest(20, limits: BatchLimits(trades: 2)))
        struct Stop: Error {}
        await #expect(throws: Stop.self) {
            _ = try await ground.submit(job) { if $0 == 4 { throw Stop() } }
        }
        let error = await #expect(throws: SubmissionError.self) {
            _ = try await read(ground, job)
        }
        #expect(error?.reason.contains("of 10 batches of job job-1 are in t.batches") == true)
        let missing = try #require(JobID(rawValue: "nobody"))
        let log = SubmittedTrades(configuration: ground.configuration, topics: ground.topics)
        await #expect(throws: SubmissionError(code: .invalid, reason: "there is no job nobody")) {
            _ = try await log.record(of: missing)
        }
    }

    @Test func snapshotsAreListedAndRead() async throws {
        let ground = try Ground()
        var request = try makeRequest(3)
        _ = try await ground.submit(try PlannedJob(request))
        request.jobID = try #require(JobID(rawValue: "job-2"))
        request.snapshot.name = "EOD+1"
        let job = try PlannedJob(request)
        _ = try await ground.submit(job)
        let log = SnapshotLog(configuration: ground.configuration, topics: ground.topics)
        let all = try await log.snapshots()
        #expect(Set(all.map(\.name)) == ["EOD", "EOD+1"])
        #expect(all.contains { $0.id == job.snapshotID && $0.baseCurrency == "EUR" })
        #expect(try await log.snapshot(job.snapshotID) == request.snapshot)
        #expect(try await log.snapshot(SnapshotID(canonicalBytes: [1])) == nil)
    }
}
