internal import Finance
internal import PortfolioFiles

/// The trades that every round values: always the same.
struct TrialPortfolio: Sendable {
    static let metrics = "NPV,IRDelta,Delta"

    let path: String
    let market: String
    let count: Int

    /// Writes the portfolio.
    ///
    /// - Parameters:
    ///   - path: of the file.
    ///   - market: the snapshot's path.
    ///   - count: the number of trades; some are slow, and some cannot be priced, on purpose.
    /// - Throws: when the market cannot be read or the file not written.
    init(writingTo path: String, market: String, count: Int) throws {
        self.path = path
        self.market = market
        self.count = count
        let portfolio = try SyntheticPortfolio(
            seed: 7,
            count: count,
            mix: .init(
                swaps: 55,
                forwardRateAgreements: 25,
                europeanOptions: 10,
                americanOptions: 10
            ),
            market: try readSnapshot(at: market),
            unpriceable: count / 300
        )
        try writePortfolio(portfolio.lazy.enumerated().map { Self.slowed($1, $0) }, to: path)
    }

    /// Makes some of the American options take long: about a hundred times as long as a swap.
    private static func slowed(_ trade: Trade, _ position: Int) -> Trade {
        guard position % 4 == 0, case .equityOption(var option) = trade.product,
            option.style == .american
        else { return trade }
        var slow = trade
        option.method = .finiteDifferences
        slow.product = .equityOption(option)
        return slow
    }
}
