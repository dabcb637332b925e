internal import Finance
internal import GridProtocol
internal import GridSubmission
internal import Operations
internal import PortfolioFiles

/// What a dead letter's batch says of the trade that failed.
struct DeadTrade: Encodable {
    /// Trades of the batch.
    var batchTrades: Int
    var snapshot: String
    var metrics: [String]
    /// ISO 8601; nil for none.
    var deadline: String?
    /// As in its report; nil where the letter names no trade, or its batch has it not once.
    var product: String?
    var book: String?
    var counterparty: String?
    var currency: String?
    var notional: Double?
    var maturity: String?
    /// The trade as a line of a portfolio file, JSON; nil where this version cannot read its terms.
    var terms: String?
    /// Why there are no terms.
    var problem: String?

    /// Reads a letter; nil where its record is no batch.
    init?(_ letter: DeadLetter) {
        guard let batch = try? Batch.decode(letter.bytes),
            let work = try? PricingBatch.decode(batch.payload)
        else { return nil }
        batchTrades = batch.headers.count
        snapshot = batch.snapshotID
        metrics = work.metrics
        deadline = batch.deadline > 0 ? Timestamp.iso8601(batch.deadline) : nil
        let positions = batch.headers.indices.filter { batch.headers[$0].tradeID == letter.tradeID }
        guard positions.count == 1, let summaries = try? batch.tradeSummaries() else { return }
        let summary = summaries[positions[0]]
        product = summary.type
        book = summary.book
        counterparty = summary.counterparty
        currency = summary.currency
        notional = summary.notional
        maturity = "\(summary.maturityDate)"
        do throws(WireError) {
            let trade = try batch.trades(at: positions)[0]
            var encoder = PortfolioEncoder(format: .jsonLines)
            var bytes: [UInt8] = []
            try? encoder.append(trade, to: &bytes)
            terms = String(decoding: bytes, as: UTF8.self)
        } catch {
            problem = error.reason
        }
    }
}
