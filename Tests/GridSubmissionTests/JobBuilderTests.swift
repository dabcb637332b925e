import Finance
import GridProtocol
import Testing

@testable import GridSubmission

@Suite struct JobBuilderTests {
    private func request() throws -> JobRequest {
        let valuation = try #require(CalendarDate(year: 2026, month: 1, day: 15))
        return JobRequest(
            jobID: try #require(JobID(rawValue: "job-1")),
            portfolioName: "",
            trades: [],
            snapshot: MarketSnapshot(name: "EOD", valuationDate: valuation, baseCurrency: .eur),
            metrics: [.npv]
        )
    }

    private func trades(_ count: Int) throws -> [Trade] {
        let expiry = try #require(CalendarDate(year: 2027, month: 1, day: 15))
        return try (0..<count).map { position in
            Trade(
                id: try #require(TradeID(rawValue: "T-\(position)")),
                book: "B\(position % 3)",
                product: .equityOption(
                    EquityOption(
                        underlying: "SX5E",
                        currency: .eur,
                        optionType: .call,
                        style: .european,
                        strike: Double(100 + position),
                        expiryDate: expiry
                    )
                )
            )
        }
    }

    @Test func aJobSaysWhatItsTradesCost() throws {
        var request = try request()
        request.metrics = [.npv, .optionPV]
        let builder = try JobBuilder(request)
        let trades = try trades(250)
        for trade in trades { builder.add(trade) }
        let planner = BatchPlanner(metrics: request.metrics)
        let expected = trades.reduce(0) { $0 + planner.predictedMicroseconds(of: $1.product) }
        #expect(try builder.finish().predictedMicroseconds == expected)
        #expect(expected > 250 * 60_000)
    }

    @Test(arguments: [0, 5_000, 1 << 30])
    func aJobIsTheSameWhereverItsBatchesAre(memoryLimit: Int) throws {
        let trades = try trades(730)
        var whole = try request()
        whole.trades = trades
        whole.portfolioName = "book"
        let expected = try PlannedJob(whole)
        let builder = try JobBuilder(try request(), memoryLimit: memoryLimit)
        for trade in trades { builder.add(trade) }
        let job = try builder.finish(portfolioName: "book")
        #expect(job.tradeCount == 730)
        #expect(job.batchCount == 8)
        #expect(job.contentHash == expected.contentHash)
        #expect(job.tradeIDsHash == GridProtocol.tradeIDsHash(trades.map(\.id)))
        #expect(
            job.record(state: .submitted, submittedAt: 7)
                == expected.record(state: .submitted, submittedAt: 7)
        )
        // In any order, and again: a submission may be continued anywhere.
        for position in [7, 0, 3, 3] + Array(0..<8) {
            let batch = try job.batch(position, submittedAt: 7, queuedAt: 8)
            #expect(try batch == expected.batch(position, submittedAt: 7, queuedAt: 8))
            #expect(batch.headers.first?.tradeID == "T-\(position * 100)")
        }
    }

    @Test func aJobWithoutTradesIsRefused() throws {
        let builder = try JobBuilder(try request())
        #expect(throws: SubmissionError.self) { _ = try builder.finish() }
    }
}
