internal import Synchronization

/// A token in a file that is replaced from time to time.
final class TokenCache: Sendable {
    private struct State {
        var token: String?
        var readAt: ContinuousClock.Instant?
    }

    private static let lifetime = Duration.seconds(60)

    private let read: @Sendable () -> String?
    private let state = Mutex(State())

    /// A cache of what `read` gives.
    init(read: @escaping @Sendable () -> String?) {
        self.read = read
    }

    /// The token, at most a minute old; the last one while none can be read.
    func token(at now: ContinuousClock.Instant = .now) -> String? {
        state.withLock { state in
            if let readAt = state.readAt, now - readAt < Self.lifetime { return state.token }
            state.token = read() ?? state.token
            state.readAt = now
            return state.token
        }
    }

    /// The token as it is now, after the server has refused `refused`.
    ///
    /// - Returns: nil when it is the same still.
    func token(insteadOf refused: String?, at now: ContinuousClock.Instant = .now) -> String? {
        state.withLock { state in
            state.token = read() ?? state.token
            state.readAt = now
            return state.token == refused ? nil : state.token
        }
    }
}
