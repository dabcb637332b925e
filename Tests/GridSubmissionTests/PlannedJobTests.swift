import Finance
import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct PlannedJobTests {
    private func request(_ count: Int, metrics: [Metric] = [.npv]) throws -> JobRequest {
        let expiry = try #require(CalendarDate(year: 2027, month: 1, day: 15))
        let valuation = try #require(CalendarDate(year: 2026, month: 1, day: 15))
        return JobRequest(
            jobID: try #require(JobID(rawValue: "job-1")),
            portfolioName: "test",
            trades: try (0..<count).map { position in
                Trade(
                    id: try #require(TradeID(rawValue: "T-\(position)")),
                    book: "B\(position % 3)",
                    product: .equityOption(
                        EquityOption(
                            underlying: "SX5E",
                            currency: .eur,
                            optionType: .call,
                            style: .european,
                            strike: 100,
                            expiryDate: expiry
                        )
                    )
                )
            },
            snapshot: MarketSnapshot(
                name: "EOD",
                valuationDate: valuation,
                baseCurrency: .eur
            ),
            metrics: metrics,
            timeLimit: .seconds(10)
        )
    }

    @Test func theRecordCountsAndHashesTheTrades() throws {
        let job = try PlannedJob(try request(250))
        let record = job.record(state: .submitted, submittedAt: 1_000_000)
        #expect(record.tradeCount == 250)
        #expect(record.batchCount == 3)
        #expect(record.deadline == 11_000_000)
        #expect(try record.tradeIdsHash == tradeIDsHash(request(250).trades.map(\.id)))
    }

    @Test func batchesCarryTheTradesAndTheirHeaders() throws {
        let job = try PlannedJob(try request(250))
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
        let first = try PlannedJob(try request(10)).contentHash
        #expect(try PlannedJob(try request(10)).contentHash == first)
        #expect(try PlannedJob(try request(11)).contentHash != first)
        #expect(try PlannedJob(try request(10, metrics: [.npv, .delta])).contentHash != first)
        var other = try request(10)
        other.snapshot.name = "another"
        #expect(try PlannedJob(other).contentHash != first)
    }

    @Test func aJobWithoutTradesOrMetricsIsRefused() throws {
        let noTrades = try request(0)
        let noMetrics = try request(1, metrics: [])
        #expect(throws: SubmissionError.self) { _ = try PlannedJob(noTrades) }
        #expect(throws: SubmissionError.self) { _ = try PlannedJob(noMetrics) }
    }
}
