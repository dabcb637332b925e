import Finance
import GridProtocol
import Testing

@testable import GridSubmission

/// A batch as it was queued, and letters of its trades.
struct DeadBatch {
    var job = "eod-1"
    var index = 0
    var first = 0
    var count = 10
    var metrics: [Metric] = [.npv]
    var snapshot = MarketSnapshot(
        name: "EOD",
        valuationDate: CalendarDate(daysSince1970: 20_000),
        baseCurrency: .eur
    )

    var snapshotBytes: [UInt8] { MarketSnapshotRecord(snapshot).encoded() }

    func trades() throws -> [Trade] {
        try (first..<first + count).map { position in
            Trade(
                id: try #require(TradeID(rawValue: "T-\(position)")),
                book: "B\(position % 3)",
                product: .equityOption(
                    EquityOption(
                        underlying: "S\(position % 4)",
                        currency: .eur,
                        optionType: .call,
                        style: .european,
                        strike: 100 + Double(position),
                        expiryDate: CalendarDate(daysSince1970: 21_000)
                    )
                )
            )
        }
    }

    func record() throws -> Batch {
        let trades = try trades()
        let headers = TradeHeaders(trades)
        return Batch(
            jobID: job,
            index: UInt32(index),
            tradeCount: UInt32(count),
            snapshotID: SnapshotID(canonicalBytes: snapshotBytes).rawValue,
            queuedAt: 1,
            deadline: 2,
            payload: try PricingBatch(trades: trades, metrics: metrics).encoded(),
            names: headers.names,
            headers: headers.headers
        )
    }

    /// The letter of the trade `T-position`, at offset `offset`.
    func letter(_ position: Int, at offset: Int64 = 0) throws -> StoredLetter {
        StoredLetter(
            place: LetterPlace(partition: 0, offset: offset),
            letter: DeadLetter(
                topic: "batches",
                cause: "pricer_crashed",
                jobID: job,
                batchIndex: UInt32(index),
                tradeID: "T-\(position)",
                signal: 6,
                bytes: try record().encoded()
            )
        )
    }
}

/// The plan of letters.
func plan(_ letters: [StoredLetter]) -> RedrivePlan {
    var plan = RedrivePlan(batchesTopics: ["batches", "batches.intraday"])
    for letter in letters { plan.add(letter) }
    return plan
}
