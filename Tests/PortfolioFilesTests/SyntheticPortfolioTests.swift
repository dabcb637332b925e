import Finance
import PortfolioFiles
import Testing

@Suite struct SyntheticPortfolioTests {
    private let market: MarketSnapshot

    init() throws {
        market = try readSnapshot(at: "\(examples)/market.json")
    }

    @Test("gives the same bytes for the same seed, everywhere and always")
    func deterministic() throws {
        let trades = try SyntheticPortfolio(seed: 42, count: 2_000, market: market, unpriceable: 12)
        let bytes = try encodedPortfolio(
            Portfolio(name: "s", trades: Array(trades)),
            format: .jsonLines
        )
        #expect(fingerprint(bytes) == "45cd1be36e00b8e1")
        let other = try SyntheticPortfolio(seed: 43, count: 2_000, market: market, unpriceable: 12)
        #expect(Array(other) != Array(trades))
    }

    @Test("makes any trade without those before it")
    func randomAccess() throws {
        let all = Array(try SyntheticPortfolio(seed: 5, count: 300, market: market))
        let same = try SyntheticPortfolio(seed: 5, count: 1_000_000, market: market)
        #expect(same[299] == all[299])
        #expect(same[999_999].id.rawValue.hasSuffix("1000000"))
    }

    @Test("makes sound trades that the market can price")
    func sound() throws {
        let trades = Array(try SyntheticPortfolio(seed: 1, count: 5_000, market: market))
        #expect(trades.allSatisfy { $0.problems().isEmpty })
        #expect(problems(of: Portfolio(name: "s", trades: trades), against: market).isEmpty)
        #expect(Set(trades.map(\.id)).count == 5_000)
        #expect(Set(trades.map(\.book)).count == 5)
        #expect(Set(trades.map(\.counterparty)).count == 5)
        #expect(Set(trades.map(\.product.currency)) == [.eur, .usd, .gbp])
        let options = trades.compactMap { trade -> EquityOption? in
            guard case .equityOption(let option) = trade.product else { return nil }
            return option
        }
        #expect((1_800...2_200).contains(options.count))
        #expect((400...600).contains(options.filter { $0.style == .american }.count))
    }

    @Test("keeps to the mix and to what the market has")
    func mix() throws {
        let swaps = SyntheticPortfolio.Mix(
            swaps: 1,
            forwardRateAgreements: 0,
            europeanOptions: 0,
            americanOptions: 0
        )
        let trades = try SyntheticPortfolio(seed: 1, count: 200, mix: swaps, market: market)
        #expect(trades.allSatisfy { $0.product.type == .swap })
        var poor = market
        poor.equities = []
        let rates = try SyntheticPortfolio(seed: 1, count: 200, market: poor)
        #expect(rates.allSatisfy { $0.product.type != .equityOption })
        poor.forwardCurves = [:]
        #expect(throws: FileProblems.self) {
            try SyntheticPortfolio(seed: 1, count: 1, market: poor)
        }
    }

    @Test("marks trades that cannot be priced", arguments: [0, 1, 6, 13, 50])
    func unpriceable(count: Int) throws {
        let trades = Array(
            try SyntheticPortfolio(seed: 1, count: 50, market: market, unpriceable: count)
        )
        let marked = trades.filter { $0.id.rawValue.hasPrefix("BAD-") }
        #expect(marked.count == count)
        let found = problems(of: Portfolio(name: "s", trades: trades), against: market)
        for trade in marked {
            #expect(found.contains { $0.problem.hasPrefix("\(trade.id): ") })
            #expect(trade.problems().isEmpty)
        }
    }
}
