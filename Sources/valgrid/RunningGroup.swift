internal import Operations
internal import Synchronization

/// A service group that runs in parallel to the job, and how it ended.
final class RunningGroup: Sendable {
    private let ended = ShutdownSignal()
    private let outcome = Mutex<(any Error)?>(nil)

    /// Starts the group.
    init(_ group: ServiceGroup) {
        // The program's own task: `end()` waits for it, so that nothing outlives the run.
        Task {
            do {
                try await group.run()
            } catch {
                outcome.withLock { $0 = error }
            }
            ended.trigger()
        }
    }

    /// Waits for the group's end, which a signal brings.
    ///
    /// - Throws: what a service threw.
    func failure() async throws {
        while !ended.isTriggered {
            try await Task.sleep(for: .milliseconds(50))
        }
        if let error = outcome.withLock({ $0 }) { throw error }
    }

    /// Waits for the group's end.
    func end() async {
        _ = await ended.wait(atMost: .seconds(60))
    }
}
