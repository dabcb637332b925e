internal import Finance
internal import GridProtocol

/// The trades of a result, of which the largest become errors.
struct TruncatedResult {
    /// What replaces a result.
    static let reason = FailureReason(
        code: .resultTooLarge,
        message: "The result is too large for its topic."
    )

    private var results: [TradeResult]
    private var isUnread = false
    private let versions: (pricer: String, library: String)

    /// Reads a result's trades; when they cannot be read, all of them fail.
    init(_ result: BatchResult) {
        let parts = result.parts.map { part -> (batch: PricedBatch, trades: [TradeResult])? in
            guard let batch = try? PricedBatch.decode(part), let trades = try? batch.results()
            else {
                return nil
            }
            return (batch, trades)
        }
        let trades = parts.flatMap { $0?.trades ?? [] }
        versions = (
            parts.first.flatMap { $0?.batch.pricerVersion } ?? "",
            parts.first.flatMap { $0?.batch.libraryVersion } ?? ""
        )
        results = trades
        guard parts.contains(where: { $0 == nil }) || trades.count != Int(result.tradeCount) else {
            return
        }
        isUnread = true
        let count = min(result.tradeCount, BatchEnvelope.maximumTrades)
        results = Array(repeating: TradeResult(outcome: .expired), count: Int(count))
    }

    /// The trades as a pricer would have written them.
    func encoded() -> [UInt8] {
        PricedBatch(
            results: results,
            pricerVersion: versions.pricer,
            libraryVersion: versions.library
        ).encoded()
    }

    /// Makes the largest trades errors until what is left of the others is at most half.
    ///
    /// - Returns: the positions of those trades, ascending; nil when that makes nothing smaller.
    mutating func shrink() -> [Int]? {
        guard !isUnread else { return nil }
        let error = TradeResult(outcome: .failed(Self.reason))
        let least = Self.size(of: error)
        let sizes = results.map(Self.size)
        let goal = sizes.reduce(0, +) / 2
        var left = sizes.reduce(0, +)
        var failed: [Int] = []
        let order = results.indices.sorted { (sizes[$0], $1) > (sizes[$1], $0) }
        for position in order where left > goal && sizes[position] > least {
            results[position] = error
            left -= sizes[position]
            failed.append(position)
        }
        return failed.isEmpty ? nil : failed.sorted()
    }

    /// Makes every trade an error.
    ///
    /// - Returns: the positions of those that were not errors before, ascending.
    mutating func failAll() -> [Int] {
        let error = TradeResult(outcome: .failed(Self.reason))
        let failed = results.indices.filter { results[$0].outcome != error.outcome }
        for position in failed { results[position] = error }
        return failed
    }

    // MARK: Private

    private static func size(of result: TradeResult) -> Int {
        PricedBatch(results: [result]).encoded().count
    }
}
