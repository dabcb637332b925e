import Finance
import Testing

@Suite struct MarketSnapshotTests {
    private func snapshot(_ rates: [ExchangeRate]) throws -> MarketSnapshot {
        MarketSnapshot(
            name: "EOD",
            valuationDate: try #require(CalendarDate(iso: "2026-01-15")),
            baseCurrency: .eur,
            exchangeRates: rates
        )
    }

    @Test func ratesAreFoundDirectlyInvertedAndCrossed() throws {
        let market = try snapshot([
            ExchangeRate(base: .eur, quote: .usd, value: 1.25),
            ExchangeRate(base: .usd, quote: .jpy, value: 150),
        ])
        #expect(market.baseRate(of: .eur) == 1)
        #expect(market.baseRate(of: .usd) == 0.8)
        #expect(try abs(#require(market.baseRate(of: .jpy)) - 1 / 187.5) < 1e-15)
        #expect(market.baseRate(of: .gbp) == nil)
    }

    @Test func problemsNameTheFieldAndWhatWouldBeRight() throws {
        var market = try snapshot([ExchangeRate(base: .eur, quote: .usd, value: -1)])
        market.discountCurves[.eur] = "EUR-ESTR"
        market.volatilities = [FlatVolatility(id: "V", value: .nan)]
        let problems = market.problems()
        #expect(problems.map(\.field).contains("fxRates[0].value"))
        #expect(problems.map(\.field).contains("curveGroup.discount.EUR"))
        #expect(problems.map(\.field).contains("volatilities[0].value"))
        #expect(problems.allSatisfy { !$0.expected.isEmpty && !$0.problem.isEmpty })
    }
}
