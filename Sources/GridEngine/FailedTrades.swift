internal import Finance
internal import GridProtocol

/// The trades of a batch that have a reason instead of a value.
struct FailedTrades {
    /// A trade by its position within the batch.
    struct Trade: Hashable {
        var position: Int
        var reason: FailureReason
    }

    /// How many of a batch are named in log lines.
    static let mostNamed = 20

    /// The first of them, in the batch's order.
    private(set) var named: [Trade] = []
    /// How many there are.
    private(set) var count = 0

    /// Looks for them in a batch's parts; a part that cannot be read has none.
    init(_ parts: [BatchBisection.Part]) {
        var position = 0
        for part in parts {
            switch part {
            case .failed(_, let reason):
                add(Trade(position: position, reason: reason))
                position += 1
            case .priced(let bytes):
                guard let outline = try? PricedBatch.outline(of: bytes) else { continue }
                for failed in outline.failures {
                    add(
                        Trade(
                            position: position + failed.position,
                            reason: FailureReason(failed.failure)
                        )
                    )
                }
                position += outline.trades
            }
        }
    }

    private mutating func add(_ trade: Trade) {
        count += 1
        if named.count < Self.mostNamed { named.append(trade) }
    }
}
