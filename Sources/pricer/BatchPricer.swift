internal import Finance
internal import Glibc
internal import GridProtocol
internal import Pricing

/// Prices the trades of a batch one after the other.
struct BatchPricer {
    private let allowsTestTrades: Bool

    init(allowsTestTrades: Bool) {
        self.allowsTestTrades = allowsTestTrades
    }

    /// Returns a result for each trade in `range`, in order.
    func price(_ batch: PricingBatch, range: Range<Int>, in session: PricingSession)
        -> [TradeResult]
    {
        var reader = PricingBatchReader(batch)
        let metrics: [Metric]
        do {
            metrics = try reader.metrics()
        } catch {
            let reason = FailureReason(code: .undecodable, message: error.reason)
            return range.map { _ in TradeResult(outcome: .failed(reason)) }
        }
        return range.map { position in
            do throws(WireError) {
                switch try reader.terms(at: position) {
                case .product(let product): return session.price(product, metrics: metrics)
                case .test(let behaviour): return misbehave(behaviour, metrics, in: session)
                }
            } catch {
                return TradeResult(
                    outcome: .failed(FailureReason(code: .undecodable, message: error.reason))
                )
            }
        }
    }

    // MARK: Private

    /// Does what a test asks for, to show that the grid survives it.
    private func misbehave(
        _ behaviour: String,
        _ metrics: [Metric],
        in session: PricingSession
    ) -> TradeResult {
        func failed(_ message: String) -> TradeResult {
            TradeResult(outcome: .failed(FailureReason(code: .invalidTrade, message: message)))
        }
        guard allowsTestTrades else { return failed("test trades are not allowed") }
        switch behaviour {
        case "crash": abort()
        case "hang": while true { sleep(1) }
        case "exit": exit(7)
        case "eat_memory": Self.eatMemory()
        case "nan": return session.priceDisturbed(by: .nan, metrics: metrics)
        default: return failed("unknown test behaviour \(behaviour)")
        }
    }

    /// Takes memory until there is no more, and dies then, as a program does that cannot go on.
    static func eatMemory() -> Never {
        let size = 16 << 20
        while let block = malloc(size) { memset(block, 1, size) }
        abort()
    }
}
