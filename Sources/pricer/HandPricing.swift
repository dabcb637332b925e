internal import Finance
internal import GridProtocol
internal import Operations
internal import Pricing

/// Prices one batch from files and prints what came out, without Kafka.
struct HandPricing {
    var input: HandInput
    var allowsTestTrades: Bool

    /// Prints one JSON object per trade.
    ///
    /// - Returns: 0 when all trades have a value, 3 when some have not, 2 for files that cannot be
    ///   used.
    func run() -> ExitCode {
        do {
            let session = try PricingSession(snapshot: input.snapshot())
            let (work, ids) = try input.trades()
            let results = BatchPricer(allowsTestTrades: allowsTestTrades)
                .price(work, range: 0..<work.trades.count, in: session)
            var reader = PricingBatchReader(work)
            for (position, result) in results.enumerated() {
                var type = "Test"
                if case .product(let product)? = try? reader.terms(at: position) {
                    type = product.type.rawValue
                }
                try StandardOutput.write(
                    json: TradeResultJSON.line(ids[position], type: type, result) + "\n"
                )
            }
            let failed = results.contains {
                if case .failed = $0.outcome { true } else { false }
            }
            return failed ? .failedTrades : .success
        } catch {
            return input.report(error)
        }
    }
}
