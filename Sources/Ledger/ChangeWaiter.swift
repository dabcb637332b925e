internal import Dispatch

/// What a thread waits with for changes of the ledger; ``wake()`` ends its wait from elsewhere.
public final class ChangeWaiter: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// Makes a waiter, for one thread at a time.
    public init() {}

    /// Ends the wait that is going on, or the next one.
    public func wake() { semaphore.signal() }

    /// Waits until it is woken, at most for a time.
    public func wait(atMost limit: Duration) {
        let nanoseconds = Int(max(0, min(limit / .nanoseconds(1), 1e18)))
        _ = semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds))
    }
}
