public import Finance

/// Plausible trades for a market snapshot, the same ones for the same seed on every machine.
///
/// Trades are made when they are asked for, each on its own, so that a portfolio may have a
/// million of them: ``subscript(_:)`` gives any, iteration gives all in order.
public struct SyntheticPortfolio: Sequence, Sendable {
    /// How many of the trades are of each kind, in parts.
    public struct Mix: Hashable, Sendable {
        /// Fixed-for-floating swaps.
        public var swaps: Int
        /// Forward rate agreements.
        public var forwardRateAgreements: Int
        /// European options.
        public var europeanOptions: Int
        /// American options.
        public var americanOptions: Int

        /// Makes a mix; of every hundred trades, by default, 45 are swaps, 15 forward rate
        /// agreements, 30 European and 10 American options.
        public init(
            swaps: Int = 45,
            forwardRateAgreements: Int = 15,
            europeanOptions: Int = 30,
            americanOptions: Int = 10
        ) {
            self.swaps = swaps
            self.forwardRateAgreements = forwardRateAgreements
            self.europeanOptions = europeanOptions
            self.americanOptions = americanOptions
        }

        /// The default mix.
        public static let standard = Mix()
    }

    /// The number of trades.
    public let count: Int

    private let seed: UInt64
    private let unpriceable: Int
    private let terms: SyntheticTerms
    private let kinds: [(kind: SyntheticTerms.Kind, upTo: Int)]

    /// Makes a portfolio.
    ///
    /// - Parameters:
    ///   - seed: sets all that is random.
    ///   - count: the number of trades, those that cannot be priced included.
    ///   - mix: parts of each kind; kinds that the snapshot cannot price are left out.
    ///   - market: the snapshot that can price the trades.
    ///   - unpriceable: how many of the trades cannot be priced, on purpose, spread evenly: their
    ///     ids begin with `BAD-` and say why.
    /// - Throws: when the snapshot can price no kind of the mix.
    public init(
        seed: UInt64,
        count: Int,
        mix: Mix = .standard,
        market: MarketSnapshot,
        unpriceable: Int = 0
    ) throws(FileProblems) {
        self.seed = seed
        self.count = Swift.max(0, count)
        self.unpriceable = Swift.min(Swift.max(0, unpriceable), self.count)
        terms = SyntheticTerms(market)
        var kinds: [(kind: SyntheticTerms.Kind, upTo: Int)] = []
        for (kind, parts) in [
            (SyntheticTerms.Kind.swap, mix.swaps),
            (.forwardRateAgreement, mix.forwardRateAgreements),
            (.europeanOption, mix.europeanOptions), (.americanOption, mix.americanOptions),
        ] where parts > 0 && terms.canMake(kind) {
            kinds.append((kind, (kinds.last?.upTo ?? 0) + Swift.min(parts, 1_000_000)))
        }
        guard !kinds.isEmpty else {
            throw FileProblems(
                FileProblem(
                    file: market.name,
                    problem: "it can price no product of the mix",
                    expected: "curves with their group, or equities with volatilities"
                )
            )
        }
        self.kinds = kinds
    }

    /// The trade at a position 0..<``count``.
    public subscript(position: Int) -> Trade {
        var random = SplitMix64(seed: seed, item: position)
        if let order = unpriceableOrder(at: position) {
            return terms.makeUnpriceable(order, number: position + 1, &random)
        }
        let draw = random.integer(in: 1...(kinds.last?.upTo ?? 1))
        let kind = kinds.first { draw <= $0.upTo }?.kind ?? .europeanOption
        return terms.makeTrade(kind, number: position + 1, &random)
    }

    /// Makes an iterator over the trades in order.
    public func makeIterator() -> Iterator {
        Iterator(portfolio: self)
    }

    /// The trades in order.
    public struct Iterator: IteratorProtocol, Sendable {
        private let portfolio: SyntheticPortfolio
        private var position = 0

        init(portfolio: SyntheticPortfolio) {
            self.portfolio = portfolio
        }

        /// The next trade.
        public mutating func next() -> Trade? {
            guard position < portfolio.count else { return nil }
            defer { position += 1 }
            return portfolio[position]
        }
    }

    /// Which of the trades that cannot be priced is at a position, from 0.
    private func unpriceableOrder(at position: Int) -> Int? {
        guard unpriceable > 0 else { return nil }
        // The n-th is in the middle of the n-th of equal parts of the portfolio.
        let order = position * unpriceable / count
        let middle = (2 * order + 1) * count / (2 * unpriceable)
        return position == middle ? order : nil
    }
}
