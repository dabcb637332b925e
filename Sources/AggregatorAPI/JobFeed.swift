internal import GridAPI
internal import HTTP
internal import Ledger
internal import Synchronization

/// Sends one reader of the feed what a ``FeedComposer`` decides, on the connection's thread.
final class JobFeed: Sendable {
    private struct State {
        var composer: FeedComposer
        var isClosed = false
    }

    private let core: AggregatorCore
    private let now: @Sendable () -> Int64
    private let began = ContinuousClock.now
    private let waiter = ChangeWaiter()
    private let state: Mutex<State>

    init(core: AggregatorCore, _ composer: FeedComposer, now: @escaping @Sendable () -> Int64) {
        self.core = core
        self.now = now
        state = Mutex(State(composer: composer))
    }

    /// Waits for the next lines.
    ///
    /// `limit`: how long to wait.
    func next(atMost limit: Duration) -> HTTPStream.Part {
        let end = began.duration(to: .now) + limit
        while true {
            let elapsed = began.duration(to: .now)
            let (lines, composer) = state.withLock { state -> ([FeedLine]?, FeedComposer) in
                guard !state.isClosed else { return (nil, state.composer) }
                let lines = state.composer.lines(of: core.view, at: now(), elapsed: elapsed)
                return (lines, state.composer)
            }
            guard let lines else { return .end }
            let bytes = FeedWriter.bytes(lines)
            guard bytes.isEmpty else { return .bytes(bytes) }
            guard elapsed < end else { return .nothing }
            wait(composer, at: elapsed, until: end)
        }
    }

    /// Ends the feed.
    func close() {
        state.withLock { $0.isClosed = true }
        waiter.wake()
    }

    private func wait(_ composer: FeedComposer, at elapsed: Duration, until end: Duration) {
        guard composer.nextRows <= elapsed else {
            return waiter.wait(atMost: min(composer.nextRows, composer.due, end) - elapsed)
        }
        core.waitForChange(
            after: composer.version,
            atMost: min(composer.due, end) - elapsed,
            with: waiter
        )
    }
}
