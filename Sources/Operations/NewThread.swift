internal import Glibc

/// Runs a closure on a new, detached thread; for blocking calls.
///
/// - Returns: false when the system gives no thread; the closure is not run then.
@discardableResult
package func startNewThread(_ body: @escaping @Sendable () -> Void) -> Bool {
    final class Work {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let work = Unmanaged.passRetained(Work(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    var thread = pthread_t()
    let status = pthread_create(
        &thread,
        &attributes,
        { pointer in
            guard let pointer else { return nil }
            Unmanaged<Work>.fromOpaque(pointer).takeRetainedValue().body()
            return nil
        },
        work.toOpaque()
    )
    if status != 0 { work.release() }
    return status == 0
}

/// Runs a blocking closure on its own thread, and waits without blocking.
package func onNewThread(_ body: @escaping @Sendable () -> Void) async {
    await withCheckedContinuation { continuation in
        let started = startNewThread {
            body()
            continuation.resume()
        }
        if !started { continuation.resume() }
    }
}
