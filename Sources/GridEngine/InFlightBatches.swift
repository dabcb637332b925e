internal import GridProtocol
internal import Synchronization

/// What an engine has in work, for its heartbeats.
final class InFlightBatches: Sendable {
    private struct State {
        var entries: [Int: EngineWork] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Notes that work on a batch begins.
    ///
    /// - Returns: what ``end(_:)`` wants.
    func begin(_ envelope: BatchEnvelope, at time: Int64 = WireClock.now()) -> Int {
        let work = EngineWork(jobID: envelope.jobID, batchIndex: envelope.index, since: time)
        return state.withLock { state in
            state.last += 1
            state.entries[state.last] = work
            return state.last
        }
    }

    /// Notes that work on a batch is over.
    func end(_ entry: Int) {
        state.withLock { $0.entries[entry] = nil }
    }

    /// How many batches are in work, each with a pricer of its own.
    var count: Int { state.withLock { $0.entries.count } }

    /// Returns the work that lasts longest, the oldest first.
    func oldest(_ most: Int) -> [EngineWork] {
        let entries = state.withLock { $0.entries }
        return entries.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            .prefix(most).map(\.value)
    }
}
