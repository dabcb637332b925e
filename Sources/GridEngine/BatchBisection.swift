public import Finance

/// How long a pricer may take.
public struct PricingLimits: Sendable {
    /// The time limit of a batch or a part of it, independent of its size.
    public var base: Duration
    /// Added for each trade.
    public var perTrade: Duration
    /// How often one trade alone is tried before it fails.
    public var attemptsOfOneTrade: Int

    /// Makes limits; the defaults give a batch of 100 trades a minute.
    public init(
        base: Duration = .seconds(10),
        perTrade: Duration = .milliseconds(500),
        attemptsOfOneTrade: Int = 2
    ) {
        self.base = base
        self.perTrade = perTrade
        self.attemptsOfOneTrade = attemptsOfOneTrade
    }

    /// Returns the limit of a part with `count` trades.
    public func limit(for count: Int) -> Duration { base + perTrade * count }
}

/// Decides what of a batch is priced next, and finds by halving the trade that kills its pricer.
///
/// Parts are priced from left to right, so that results are in the batch's order.
public struct BatchBisection: Sendable {
    /// A part of the batch for a pricer.
    public struct Work: Hashable, Sendable {
        /// Positions of trades within the batch.
        public var range: Range<Int>
        /// How often exactly this part was priced before.
        public var earlierTries: Int
    }

    /// What is known of a part of the batch.
    public enum Part: Hashable, Sendable {
        /// Encoded results of one or more trades, as the pricer wrote them.
        case priced([UInt8])
        /// The trade at a position that has no result, and why.
        case failed(Int, FailureReason)
    }

    /// The results so far, in the batch's order.
    public private(set) var parts: [Part] = []
    /// How often a part was given to a pricer.
    public private(set) var attempts = 0

    private var open: [Work]
    private let limits: PricingLimits

    /// Starts with a batch of `tradeCount` trades.
    public init(tradeCount: Int, limits: PricingLimits) {
        open = tradeCount > 0 ? [Work(range: 0..<tradeCount, earlierTries: 0)] : []
        self.limits = limits
    }

    /// The part to price next; nil when the batch is done.
    public var next: Work? { open.last }

    /// Takes the results of the part that ``next`` named.
    public mutating func succeeded(with bytes: [UInt8]) {
        guard open.popLast() != nil else { return }
        attempts += 1
        parts.append(.priced(bytes))
    }

    /// Notes that the pricer died or hung over the part that ``next`` named.
    ///
    /// - Returns: the position of the failing trade, once it stands alone and was tried often
    ///   enough; nil while parts of the batch are still to be tried.
    public mutating func failed(with reason: FailureReason) -> Int? {
        guard var work = open.popLast() else { return nil }
        attempts += 1
        if work.range.count > 1 {
            let middle = work.range.lowerBound + work.range.count / 2
            open.append(Work(range: middle..<work.range.upperBound, earlierTries: 0))
            open.append(Work(range: work.range.lowerBound..<middle, earlierTries: 0))
            return nil
        }
        work.earlierTries += 1
        guard work.earlierTries >= limits.attemptsOfOneTrade else {
            open.append(work)
            return nil
        }
        parts.append(.failed(work.range.lowerBound, reason))
        return work.range.lowerBound
    }

    /// Fails every trade that is still open, for a reason outside the trades.
    ///
    /// - Returns: the positions of these trades.
    @discardableResult
    public mutating func abandon(because reason: FailureReason) -> [Int] {
        var given: [Int] = []
        while let work = open.popLast() { given += work.range }
        parts += given.map { .failed($0, reason) }
        return given
    }
}
