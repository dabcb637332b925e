internal import Dispatch
internal import Synchronization

/// Waits for asynchronous work on a thread that may block, as a connection's.
///
/// - Returns: what it came to; nil when the time was over, and the work is cancelled then.
func blocking<Value: Sendable>(
    atMost limit: Duration,
    _ body: @escaping @Sendable () async -> Value
) -> Value? {
    let result = Mutex<Value?>(nil)
    let done = DispatchSemaphore(value: 0)
    let task = Task {
        let value = await body()
        result.withLock { $0 = value }
        done.signal()
    }
    let wait = DispatchTime.now() + limit / .seconds(1)
    guard done.wait(timeout: wait) == .success else {
        task.cancel()
        return nil
    }
    return result.withLock { $0 }
}
