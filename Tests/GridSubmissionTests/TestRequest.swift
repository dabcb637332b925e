import Finance
import GridProtocol
import GridSubmission
import Testing

/// Returns a request for options on one share, `T-0` and on.
func makeRequest(
    _ count: Int,
    metrics: [Metric] = [.npv],
    job: String = "job-1",
    limits: BatchLimits = BatchLimits()
) throws -> JobRequest {
    let expiry = try #require(CalendarDate(year: 2027, month: 1, day: 15))
    let valuation = try #require(CalendarDate(year: 2026, month: 1, day: 15))
    return JobRequest(
        jobID: try #require(JobID(rawValue: job)),
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
        snapshot: MarketSnapshot(name: "EOD", valuationDate: valuation, baseCurrency: .eur),
        metrics: metrics,
        limits: limits,
        timeLimit: .seconds(10)
    )
}
