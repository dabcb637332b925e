internal import Synchronization

/// A number that only grows.
public final class Counter: Sendable {
    private let total = Mutex(0.0)

    init() {}

    /// Adds one.
    public func increment() {
        increment(by: 1)
    }

    /// Adds an amount; what is negative or not a number is ignored.
    public func increment(by amount: Double) {
        guard amount >= 0, amount.isFinite else { return }
        total.withLock { $0 += amount }
    }

    /// The sum so far.
    public var value: Double { total.withLock { $0 } }
}
