import Finance
import GridProtocol
import Testing

@Suite struct PricedBatchTests {
    private let results = [
        TradeResult(
            outcome: .priced([
                MetricValue(
                    metric: .irDelta,
                    value: -12.5,
                    baseValue: -11,
                    factors: [
                        Factor(name: "EUR-6M/2027-01-15", value: 1),
                        Factor(name: "EUR-6M/2028-01-15", value: -0.0),
                    ]
                ),
                MetricValue(metric: .parRate, value: 0.1 + 0.2),
            ]),
            engine: "QuantLib DiscountingSwapEngine",
            cpuMicroseconds: 114.25
        ),
        TradeResult(outcome: .expired),
        TradeResult(
            outcome: .failed(
                FailureReason(code: .missingFixing, field: "fixings", message: "there is none")
            ),
            cpuMicroseconds: 3
        ),
        TradeResult(outcome: .priced([]), engine: "QuantLib AnalyticEuropean"),
    ]

    @Test func resultsComeBackAsTheyWere() throws {
        let batch = PricedBatch(
            results: results,
            pricerVersion: "1",
            libraryVersion: "QuantLib 1.29"
        )
        let read = try PricedBatch.decode(batch.encoded())
        #expect(try read.results() == results)
        #expect(read.pricerVersion == "1")
        #expect(read.libraryVersion == "QuantLib 1.29")
        #expect(try PricedBatch.tradeCount(of: batch.encoded()) == 4)
    }

    @Test func theOutlineNamesTheFailedTrades() throws {
        let batch = PricedBatch(results: results)
        let outline = try PricedBatch.outline(of: batch.encoded())
        #expect(outline.trades == 4)
        #expect(outline.failures.map(\.position) == [2])
        #expect(outline.failures.first?.failure.code == "missing_fixing")
    }

    /// A trade whose status is not its first field, and one without a status.
    @Test func theOutlineDoesNotDependOnTheOrderOfFields() throws {
        let failure: [UInt8] = [42, 3, 10, 1, 120]
        let later = [10, 7] + failure + [8, 2]
        let without = [10, 5] + failure
        let outline = try PricedBatch.outline(of: later + without + [10, 0])
        #expect(outline.trades == 3)
        #expect(outline.failures.map(\.position) == [0])
        #expect(outline.failures.first?.failure.code == "x")
    }

    @Test func anErrorMadeByHandNeedsNoNames() throws {
        let failure = Failure(FailureReason(code: .pricerCrashed, message: "signal 11"))
        let batch = PricedBatch(trades: [PricedTrade(status: .error, failure: failure)])
        #expect(
            try batch.results()
                == [
                    TradeResult(
                        outcome: .failed(
                            FailureReason(code: .pricerCrashed, message: "signal 11")
                        )
                    )
                ]
        )
    }

    @Test(
        arguments: [
            PricedTrade(),
            PricedTrade(status: TradeStatus(rawValue: 9)),
            PricedTrade(status: .error),
            PricedTrade(status: .ok, engine: 1),
            PricedTrade(status: .ok, metrics: [PricedMetric(metric: 0)]),
            PricedTrade(status: .ok, metrics: [PricedMetric(metric: 7)]),
            PricedTrade(status: .ok, metrics: [PricedMetric(factors: [0])]),
            PricedTrade(status: .ok, metrics: [PricedMetric(factors: [7], factorValues: [1])]),
        ])
    func resultsThatMakeNoSenseAreRefused(trade: PricedTrade) {
        let error = refusal {
            try PricedBatch(trades: [trade], names: ["no metric"]).results()
        }
        #expect(error?.code == .invalidValue)
    }
}
