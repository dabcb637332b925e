import Dispatch
import Synchronization

/// Wakes a client's thread; several signals before it wakes are one wake.
final class Wake: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private let isSignalled = Atomic<Bool>(false)

    func signal() {
        guard !isSignalled.exchange(true, ordering: .sequentiallyConsistent) else { return }
        semaphore.signal()
    }

    /// Waits for a signal, at most until the deadline.
    ///
    /// Work that was added before a signal is visible after the return.
    func wait(until deadline: ContinuousClock.Instant) {
        let nanoseconds = max(0, ContinuousClock.now.duration(to: deadline).wholeNanoseconds)
        _ = semaphore.wait(timeout: .now() + .nanoseconds(nanoseconds))
        _ = isSignalled.exchange(false, ordering: .sequentiallyConsistent)
    }
}

extension Duration {
    /// The duration in nanoseconds, kept below 292 years.
    var wholeNanoseconds: Int {
        let (seconds, attoseconds) = components
        guard abs(seconds) < 9_000_000_000 else { return seconds < 0 ? .min : .max }
        return Int(seconds) * 1_000_000_000 + Int(attoseconds / 1_000_000_000)
    }
}
