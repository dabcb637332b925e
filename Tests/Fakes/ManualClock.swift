internal import Synchronization

/// A clock that goes on when a test lets it.
public final class ManualClock: Sendable {
    /// A moment.
    public typealias Instant = ContinuousClock.Instant

    private struct Sleeper {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, any Error>
    }

    private struct Watcher {
        var deadline: Instant
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var now: Instant
        var sleepers: [UInt64: Sleeper] = [:]
        var watchers: [Watcher] = []
        var cancelled: Set<UInt64> = []
        var lastSleeper: UInt64 = 0
    }

    /// Whether a sleep takes no time and moves the clock to its end.
    private let isSkipping: Bool
    private let state: Mutex<State>

    /// Makes a clock.
    ///
    /// - Parameter isSkipping: whether a sleep takes no time and moves the clock to its end;
    ///   otherwise it lasts until ``advance(by:)``.
    public init(isSkipping: Bool = false) {
        self.isSkipping = isSkipping
        state = Mutex(State(now: ContinuousClock.now))
    }

    /// The time.
    public var now: Instant { state.withLock { $0.now } }

    /// Returns at a time.
    ///
    /// - Throws: `CancellationError` when the task is cancelled before.
    public func sleep(until deadline: Instant) async throws {
        try Task.checkCancellation()
        if isSkipping {
            return state.withLock { $0.now = max($0.now, deadline) }
        }
        let id = state.withLock { state in
            state.lastSleeper += 1
            return state.lastSleeper
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let sleeper = Sleeper(deadline: deadline, continuation: continuation)
                let (result, watchers) = add(sleeper, id)
                if let result { continuation.resume(with: result) }
                for watcher in watchers { watcher.continuation.resume() }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if let sleeper = state.sleepers.removeValue(forKey: id) {
                    return Sleeper?.some(sleeper)
                }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Moves the clock, and wakes who has slept until then.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now += duration
            let now = state.now
            let woken = state.sleepers.filter { $0.value.deadline <= now }
            for id in woken.keys { state.sleepers[id] = nil }
            return woken.values.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Returns when somebody sleeps until so long after now.
    public func awaitSleeper(for duration: Duration) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                let deadline = state.now + duration
                if state.sleepers.values.contains(where: { $0.deadline == deadline }) {
                    return true
                }
                state.watchers.append(Watcher(deadline: deadline, continuation: continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    private func add(_ sleeper: Sleeper, _ id: UInt64) -> (Result<Void, any Error>?, [Watcher]) {
        state.withLock { state in
            guard state.cancelled.remove(id) == nil else {
                return (.failure(CancellationError()), [])
            }
            guard sleeper.deadline > state.now else { return (.success(()), []) }
            state.sleepers[id] = sleeper
            let due = state.watchers.filter { $0.deadline == sleeper.deadline }
            state.watchers.removeAll { $0.deadline == sleeper.deadline }
            return (nil, due)
        }
    }
}
