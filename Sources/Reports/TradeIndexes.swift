public import GridProtocol
public import Ledger
internal import Operations
internal import Synchronization

/// The trade indices of an aggregator's jobs: built in the background, one at a time, when they are
/// first asked for, and again while a job goes on.
public final class TradeIndexes: Sendable {
    /// What is there of an index.
    public enum Answer: Sendable {
        /// It can be read.
        case ready(TradeIndex)
        /// It is being built, or waits for another; the part that is done, within 0...1.
        case building(Double)
        /// It could not be built; asking again tries again.
        case failed(AggregationError)
    }

    private struct State {
        /// Open indices, the one asked for last at the end.
        var open: [(job: JobID, index: TradeIndex)] = []
        /// Jobs whose index is wanted, the one being built first.
        var queue: [JobID] = []
        var done = 0.0
        var errors: [JobID: AggregationError] = [:]
        /// When each open index of a running job may be built again, microseconds since 1970 UTC.
        var nextBuild: [JobID: Int64] = [:]
        var isWorking = false
    }

    private static let mostOpen = 16
    private static let mostQueued = 64
    /// A running job's index is built again after this many times as long as it took.
    private static let rest: Int64 = 10
    private static let leastRest: Int64 = 2_000_000

    private let core: AggregatorCore
    private let directory: String
    private let writer: TradeIndexWriter
    private let now: @Sendable () -> Int64
    private let state = Mutex(State())

    /// Makes a keeper of indices.
    ///
    /// - Parameters:
    ///   - core: the ledger.
    ///   - directory: where the reports are; nil for beside the ledger's file.
    ///   - now: the clock, microseconds since 1970 UTC.
    public init(
        core: AggregatorCore,
        reportsDirectory directory: String? = nil,
        now: @escaping @Sendable () -> Int64 = WireClock.now
    ) {
        self.core = core
        self.directory = directory ?? "\(core.store.path).reports"
        self.now = now
        writer = TradeIndexWriter(ledgerPath: core.store.path)
    }

    /// Returns a job's index, and has it built when it is not there or behind the job.
    ///
    /// Returns at once. An index of a job that goes on may be some seconds behind it.
    public func index(of progress: JobProgress) -> Answer {
        let job = progress.job
        if known(job) == nil { open(job, progress) }
        let index = known(job)
        let isCurrent =
            index.map {
                $0.batchesJoined == progress.batchesJoined && $0.isFinal == progress.isFinal
            } ?? false
        let time = now()
        let answer = state.withLock { state -> (Answer, Bool) in
            var mustStart = false
            let mayBuild =
                index == nil || progress.isFinal || state.nextBuild[job, default: 0] <= time
            if !isCurrent, mayBuild, !state.queue.contains(job),
                state.queue.count < Self.mostQueued
            {
                if let error = state.errors.removeValue(forKey: job) {
                    return (.failed(error), false)
                }
                state.queue.append(job)
                mustStart = !state.isWorking
                state.isWorking = true
            }
            // What has ended is shown whole.
            if let index, isCurrent || !progress.isFinal { return (.ready(index), mustStart) }
            return (.building(state.queue.first == job ? state.done : 0), mustStart)
        }
        if answer.1, !startNewThread({ [self] in work() }) {
            state.withLock { $0.isWorking = false }
        }
        return answer.0
    }

    /// The total of a job whose index is open; nil for others.
    ///
    /// It is at hand: asking costs nothing.
    public func knownTotal(of job: JobID) -> Double? {
        state.withLock { state in
            guard let index = state.open.last(where: { $0.job == job })?.index, index.isFinal else {
                return nil
            }
            return index.total
        }
    }

    /// Removes the indices of jobs that the ledger does not know.
    ///
    /// Call it only when all topics have been read to their ends, as with reports.
    public func removeOrphans() {
        let known = core.view.ledger
        let building = state.withLock { state in
            state.open.removeAll { !known.contains($0.job) }
            state.errors = state.errors.filter { known.contains($0.key) }
            state.nextBuild = state.nextBuild.filter { known.contains($0.key) }
            return state.queue.first
        }
        for name in OutputFile.names(in: directory) {
            // The file being written has a longer name; so has what a killed builder left.
            if let building, name.hasPrefix(Self.name(of: building)) { continue }
            guard let job = Self.job(of: name) else { continue }
            if !known.contains(job) || name != Self.name(of: job) {
                OutputFile.remove("\(directory)/\(name)")
            }
        }
    }

    // MARK: Private

    private static func name(of job: JobID) -> String { "index-\(job)" }

    private static func job(of name: String) -> JobID? {
        guard name.hasPrefix("index-") else { return nil }
        let rest = name.dropFirst(6)
        return JobID(rawValue: String(rest)) ?? JobID(rawValue: String(rest.prefix { $0 != "." }))
    }

    private func path(of job: JobID) -> String { "\(directory)/\(Self.name(of: job))" }

    private func known(_ job: JobID) -> TradeIndex? {
        state.withLock { state in
            guard let place = state.open.lastIndex(where: { $0.job == job }) else { return nil }
            let entry = state.open.remove(at: place)
            state.open.append(entry)
            return entry.index
        }
    }

    /// Opens the file of an earlier run, when it is up to date.
    private func open(_ job: JobID, _ progress: JobProgress) {
        guard let index = try? TradeIndex(path: path(of: job)), index.isFinal, progress.isFinal,
            index.batchesJoined == progress.batchesJoined
        else { return }
        keep(index, of: job)
    }

    private func keep(_ index: TradeIndex, of job: JobID) {
        state.withLock { state in
            state.open.removeAll { $0.job == job }
            state.open.append((job, index))
            if state.open.count > Self.mostOpen { state.open.removeFirst() }
        }
    }

    /// Builds what is wanted, until nothing is.
    private func work() {
        while let job = next() {
            let start = ContinuousClock.now
            do throws(AggregationError) {
                let index = try writer.write(
                    job,
                    to: path(of: job),
                    at: core.time,
                    progress: { done in state.withLock { $0.done = done } }
                )
                keep(index, of: job)
                state.withLock { $0.errors[job] = nil }
            } catch {
                state.withLock { $0.errors[job] = error }
            }
            let took = Int64(start.duration(to: .now) / .microseconds(1))
            let rest = max(Self.leastRest, Self.rest * took)
            state.withLock { state in
                state.queue.removeFirst()
                state.done = 0
                state.nextBuild[job] = now() + rest
                if state.nextBuild.count > 1_000 { state.nextBuild = [:] }
            }
        }
    }

    private func next() -> JobID? {
        state.withLock { state in
            if state.queue.isEmpty { state.isWorking = false }
            return state.queue.first
        }
    }
}
