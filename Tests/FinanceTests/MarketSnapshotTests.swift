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

    @Test func ratesAreCrossedThroughAnyNumberOfPairs() throws {
        let market = try snapshot([
            ExchangeRate(base: .eur, quote: .gbp, value: 0.8),
            ExchangeRate(base: .gbp, quote: .jpy, value: 200),
            ExchangeRate(base: .usd, quote: .jpy, value: 160),
            ExchangeRate(base: .usd, quote: .chf, value: 0.5),
        ])
        // By hand: 1 JPY = 1/200 GBP = 1/160 EUR; 1 USD = 160 JPY = 1 EUR; 1 CHF = 2 USD = 2 EUR.
        for (currency, rate) in [(Currency.gbp, 1.25), (.jpy, 1.0 / 160), (.usd, 1), (.chf, 2)] {
            let found = try #require(market.baseRate(of: currency))
            #expect(abs(found - rate) < 1e-15)
        }
        #expect(try market.baseRate(of: #require(Currency(rawValue: "SEK"))) == nil)
    }

    @Test func theShortestChainCountsAndThenTheAlphabet() throws {
        // Pairs that do not agree: 1 CHF is 1 EUR through GBP, 2 through USD, 3 through JPY and GBP.
        let pairs = [
            ExchangeRate(base: .chf, quote: .usd, value: 1),
            ExchangeRate(base: .usd, quote: .eur, value: 2),
            ExchangeRate(base: .chf, quote: .gbp, value: 1),
            ExchangeRate(base: .gbp, quote: .eur, value: 1),
            ExchangeRate(base: .chf, quote: .jpy, value: 1),
            ExchangeRate(base: .jpy, quote: .gbp, value: 3),
        ]
        #expect(try snapshot(pairs).baseRate(of: .chf) == 1)
        #expect(try snapshot(pairs.reversed()).baseRate(of: .chf) == 1)
        let direct = ExchangeRate(base: .eur, quote: .chf, value: 0.25)
        #expect(try snapshot(pairs + [direct]).baseRate(of: .chf) == 4)
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
