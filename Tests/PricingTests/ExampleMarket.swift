import Finance
import PortfolioFiles
import Testing

/// The market of the examples, with the portfolio of the examples and trades made for the market.
struct ExampleMarket {
    let snapshot: MarketSnapshot
    let trades: [Trade]

    init(synthetic: Int = 1_000) throws {
        let folder =
            #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/") + "/examples"
        snapshot = try readSnapshot(at: folder + "/market.json")
        let portfolio = try readPortfolio(at: folder + "/portfolio.json")
        trades =
            portfolio.trades
            + Array(try SyntheticPortfolio(seed: 7, count: synthetic, market: snapshot))
    }
}
