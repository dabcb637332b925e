import Finance
import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct PlannedJobTests {
    @Test func theRecordCountsAndHashesTheTrades() throws {
        let job = try PlannedJob(try makeRequest(250))
        let record = job.record(state: .submitted, submittedAt: 1_000_000)
        #expect(record.tradeCount == 250)
        #expect(record.batchCount == 3)
        #expect(record.deadline == 11_000_000)
        #expect(try record.tradeIdsHash == tradeIDsHash(makeRequest(250).trades.map(\.id)))
    }

    @Test func batchesCarryTheTradesAndTheirHeaders() throws {
        let job = try PlannedJob(try makeRequest(250))
        let batch = try job.batch(2, submittedAt: 1, queuedAt: 5)
        #expect(batch.tradeCount == 50)
        #expect(batch.headers.first?.tradeID == "T-200")
        #expect(batch.names[Int(batch.headers[0].book)] == "B2")
        #expect(batch.snapshotID == job.snapshotID.rawValue)
        let work = try PricingBatch.decode(batch.payload)
        #expect(work.trades.count == 50)
        #expect(work.metrics == ["NPV"])
    }

    @Test func theContentHashTellsTheSameJobFromAnother() throws {
        let first = try PlannedJob(try makeRequest(10)).contentHash
        #expect(try PlannedJob(try makeRequest(10)).contentHash == first)
        #expect(try PlannedJob(try makeRequest(11)).contentHash != first)
        #expect(try PlannedJob(try makeRequest(10, metrics: [.npv, .delta])).contentHash != first)
        var other = try makeRequest(10)
        other.snapshot.name = "another"
        #expect(try PlannedJob(other).contentHash != first)
    }

    @Test func aJobWithoutTradesOrMetricsIsRefused() throws {
        let noTrades = try makeRequest(0)
        let noMetrics = try makeRequest(1, metrics: [])
        #expect(throws: SubmissionError.self) { _ = try PlannedJob(noTrades) }
        #expect(throws: SubmissionError.self) { _ = try PlannedJob(noMetrics) }
    }
}
