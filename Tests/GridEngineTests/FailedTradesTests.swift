import Finance
import GridProtocol
import Testing

@testable import GridEngine

@Suite struct FailedTradesTests {
    private func failed(_ field: String) -> TradeResult {
        TradeResult(
            outcome: .failed(FailureReason(code: .pricerCrashed, field: field, message: "m"))
        )
    }

    private let value = TradeResult(
        outcome: .priced([MetricValue(metric: .npv, value: 1, baseValue: 2)])
    )

    @Test func failuresOfAllPartsAreNamedByTheirPlaceInTheBatch() {
        let first = PricedBatch(results: [value, failed("a"), TradeResult(outcome: .expired)])
        let last = PricedBatch(results: [failed("c"), value])
        let lost = FailureReason(code: .pricerTimedOut, message: "t")
        let trades = FailedTrades([
            .priced(first.encoded()), .failed(3, lost), .priced(last.encoded()),
        ])
        #expect(trades.count == 3)
        #expect(trades.named.map(\.position) == [1, 3, 4])
        #expect(trades.named.map(\.reason.field) == ["a", "", "c"])
        #expect(trades.named[1].reason == lost)
    }

    @Test func onlyTheFirstAreNamed() {
        let batch = PricedBatch(results: (0..<100).map { failed(String($0)) })
        let trades = FailedTrades([.priced(batch.encoded())])
        #expect(trades.count == 100)
        #expect(trades.named.map(\.position) == Array(0..<FailedTrades.mostNamed))
    }

    @Test func aPartThatCannotBeReadHasNone() {
        #expect(FailedTrades([.priced([0xFF, 1, 2])]).count == 0)
    }
}
