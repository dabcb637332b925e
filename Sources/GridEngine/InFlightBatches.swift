internal import GridProtocol
internal import Synchronization

/// The batches that an engine is pricing, for its heartbeats.
final class InFlightBatches: Sendable {
    private struct State {
        var entries: [Int: EngineWork] = [:]
        var last = 0
    }

    private let state = Mutex(State())

    /// Notes that pricing of a batch begins.
    ///
    /// - Returns: the argument of ``end(_:)``.
    func begin(_ envelope: BatchEnvelope, at time: Int64 = WireClock.now()) -> Int {
        let work = EngineWork(jobID: envelope.jobID, batchIndex: envelope.index, since: time)
        return state.withLock { state in
            state.last += 1
            state.entries[state.last] = work
            return state.last
        }
    }

    /// Notes that pricing of a batch has ended.
    func end(_ entry: Int) {
        state.withLock { $0.entries[entry] = nil }
    }

    /// How many batches are being priced, each by its own pricer.
    var count: Int { state.withLock { $0.entries.count } }

    /// Returns the batches that have been priced longest, oldest first.
    func oldest(_ most: Int) -> [EngineWork] {
        let entries = state.withLock { $0.entries }
        return entries.sorted { ($0.value.since, $0.key) < ($1.value.since, $1.key) }
            .prefix(most).map(\.value)
    }
}
