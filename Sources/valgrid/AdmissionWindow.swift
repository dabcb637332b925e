internal import Operations
internal import Synchronization

/// Bounds what is on its way through a broker that keeps little: a batch is admitted while fewer
/// than a limit of batches have no joined result.
///
/// The embedded broker keeps 5 MiB a partition. All results of a job are in one partition, at most
/// some 100 KB a batch, so 32 batches in flight leave room.
struct AdmissionWindow: Sendable {
    private let limit: Int
    private let joined: @Sendable () async -> Int
    private let patience: Duration

    /// - Parameters:
    ///   - limit: most batches in flight.
    ///   - patience: how long nothing may be joined before submission ends.
    ///   - joined: how many batches have been joined.
    init(limit: Int, patience: Duration, joined: @escaping @Sendable () async -> Int) {
        self.limit = limit
        self.patience = patience
        self.joined = joined
    }

    /// Returns when the batch at `position` may be sent.
    func admit(_ position: Int) async throws {
        guard position >= limit else { return }
        var last = await joined()
        var lastMove = ContinuousClock.now
        while true {
            let now = await joined()
            if position - now < limit { return }
            if now != last {
                last = now
                lastMove = .now
            }
            guard lastMove.duration(to: .now) < patience else {
                throw AdmissionTimeout(
                    reason: "no batch was joined for \(HumanText.duration(patience))"
                )
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// Nothing came out of the grid for too long.
struct AdmissionTimeout: Error, CustomStringConvertible {
    var reason: String
    var description: String { reason }
}
