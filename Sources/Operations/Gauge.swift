internal import Synchronization

/// A number that goes up and down.
public final class Gauge: Sendable {
    private let current = Mutex(0.0)

    init() {}

    /// Sets the number.
    public func set(_ value: Double) {
        current.withLock { $0 = value }
    }

    /// Adds an amount, which may be negative.
    public func add(_ amount: Double) {
        current.withLock { $0 += amount }
    }

    /// The number now.
    public var value: Double { current.withLock { $0 } }
}
