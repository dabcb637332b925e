import Finance
import GridProtocol
import Testing

@testable import GridEngine

@Suite struct TruncatedResultTests {
    /// A result whose trades have so many factors each.
    private func result(_ factors: [Int]) -> BatchResult {
        let trades = factors.map { count in
            TradeResult(
                outcome: .priced([
                    MetricValue(
                        metric: .irDelta,
                        value: 1.25,
                        baseValue: 1.5,
                        factors: (0..<count).map { Factor(name: "NODE-\($0)", value: 0.1) }
                    )
                ]),
                engine: "QuantLib Discounting",
                cpuMicroseconds: 114.25
            )
        }
        var result = BatchResult()
        result.tradeCount = UInt32(factors.count)
        result.parts = [
            PricedBatch(results: trades, pricerVersion: "1", libraryVersion: "QuantLib 1.29")
                .encoded()
        ]
        return result
    }

    private func outcomes(_ trades: TruncatedResult) throws -> [TradeResult.Outcome] {
        try PricedBatch.decode(trades.encoded()).results().map(\.outcome)
    }

    private func isTooLarge(_ outcome: TradeResult.Outcome) -> Bool {
        guard case .failed(let reason) = outcome else { return false }
        return reason.code == .resultTooLarge
    }

    @Test func oneTradeThatFillsTheResultFailsAlone() throws {
        let result = result([2, 3, 5_000, 2])
        var trades = TruncatedResult(result)
        #expect(trades.shrink() == [2])
        let outcomes = try outcomes(trades)
        #expect(outcomes.map(isTooLarge) == [false, false, true, false])
        // The others are as they were, to the bit.
        let before = try PricedBatch.decode(result.parts[0]).results()
        #expect(outcomes[0] == before[0].outcome && outcomes[3] == before[3].outcome)
        #expect(trades.encoded().count < 500)
    }

    @Test func eachStepIsSmallerUntilEveryTradeIsAnError() throws {
        var trades = TruncatedResult(result(Array(repeating: 20, count: 100)))
        var size = trades.encoded().count
        var failed: Set<Int> = []
        var steps = 0
        while let more = trades.shrink() {
            let smaller = trades.encoded().count
            #expect(smaller < size)
            #expect(failed.isDisjoint(with: more))
            failed.formUnion(more)
            size = smaller
            steps += 1
            try #require(steps <= 20)
        }
        #expect(failed == Set(0..<100))
        #expect(trades.failAll().isEmpty)
        #expect(try outcomes(trades).allSatisfy(isTooLarge))
    }

    @Test func tradesThatAreSmallerThanErrorsFailTogether() throws {
        let small = (0..<3).map { _ in TradeResult(outcome: .expired) }
        var result = BatchResult()
        result.tradeCount = 3
        result.parts = [PricedBatch(results: small).encoded()]
        var trades = TruncatedResult(result)
        #expect(trades.shrink() == nil)
        #expect(trades.failAll() == [0, 1, 2])
    }

    @Test func whatCannotBeReadFailsAsAWhole() throws {
        var result = result([1, 1])
        result.parts.append([0xFF])
        result.tradeCount = 3
        var trades = TruncatedResult(result)
        #expect(trades.shrink() == nil)
        #expect(trades.failAll() == [0, 1, 2])
    }
}
