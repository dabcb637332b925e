internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import Ledger
internal import Operations
internal import Reports
internal import Synchronization

/// The totals of jobs that have ended, for lists: worked out in the background, one job at a time,
/// the newest first.
///
/// They have the bits of the report's total: results are added in portfolio order. A file keeps them
/// over restarts; without it they are worked out again.
final class FinalTotals: Sendable {
    /// A line of the file.
    private struct Line: Codable {
        var job: String
        /// Nil for a job without a total.
        var total: Double?
    }

    private struct State {
        /// By job; a nil inside is a job without a total.
        var known: [JobID: Double?] = [:]
        /// In the order in which they became known, for those who wait for them.
        var news: [JobID] = []
        /// How many news were dropped from the front.
        var dropped = 0
        /// Jobs to be worked out, the newest at the end.
        var stack: [JobID] = []
        /// The same jobs.
        var waiting: Set<JobID> = []
        var isWorking = false
    }

    private static let mostWaiting = 200_000
    private static let mostNews = 200_000

    private let core: AggregatorCore
    private let path: String
    private let state: Mutex<State>

    /// Reads what an earlier run knew.
    ///
    /// - Parameters:
    ///   - core: the ledger.
    ///   - directory: where the file lies; made when there is something to write.
    init(core: AggregatorCore, directory: String) {
        self.core = core
        path = directory + "/totals.jsonl"
        var state = State()
        if let data = FileManager.default.contents(atPath: path) {
            for line in data.split(separator: 0x0A) {
                guard let line = try? APIJSON.decoded(Line.self, from: Array(line)),
                    let job = JobID(rawValue: line.job)
                else { continue }
                state.known[job] = .some(line.total)
            }
        }
        self.state = Mutex(state)
    }

    /// The total of a job that has ended; nil when it is not known yet, or there is none.
    ///
    /// Asking for one that is not known has it worked out.
    func total(of job: JobID) -> Double? {
        let (known, mustStart) = state.withLock { state -> (Double??, Bool) in
            if let known = state.known[job] { return (known, false) }
            if state.waiting.insert(job).inserted {
                state.stack.append(job)
                if state.stack.count > Self.mostWaiting {
                    let dropped = state.stack.prefix(Self.mostWaiting / 10)
                    state.waiting.subtract(dropped)
                    state.stack.removeFirst(dropped.count)
                }
            }
            let mustStart = !state.isWorking
            state.isWorking = true
            return (nil, mustStart)
        }
        if mustStart, !startNewThread({ [self] in work() }) {
            state.withLock { $0.isWorking = false }
        }
        return known ?? nil
    }

    /// The jobs whose totals became known after a number of them, and the number to go on with.
    func news(after number: Int) -> (jobs: [JobID], next: Int) {
        state.withLock { state in
            let first = max(0, number - state.dropped)
            let jobs = Array(state.news.dropFirst(first).prefix(FeedComposer.newsPage))
            return (jobs, state.dropped + first + jobs.count)
        }
    }

    /// Forgets jobs that the ledger does not know, in the file as well.
    func removeOrphans() {
        let ledger = core.view.ledger
        let kept = state.withLock { state -> [JobID: Double?]? in
            let all = state.known.count
            state.known = state.known.filter { ledger.contains($0.key) }
            return state.known.count == all ? nil : state.known
        }
        guard let kept else { return }
        let lines = APIJSON.lines(
            kept.sorted { $0.key < $1.key }.map { Line(job: $0.key.rawValue, total: $0.value) }
        )
        try? writeAtomically(lines, to: path)
    }

    // MARK: Private

    private func work() {
        // It is for people who look on: results go first.
        ThreadPriority.lower()
        while let job = next() {
            guard let record = core.view.ledger.record(of: job) else { continue }
            var totals = RunningTotals(of: job, record: record)
            do throws(AggregationError) {
                try totals.catchUp(from: core.store.path)
            } catch {
                // Asked for again with the job's next row.
                continue
            }
            let total = totals.all.value
            keep(Line(job: job.rawValue, total: total))
            state.withLock { state in
                state.known[job] = .some(total)
                state.news.append(job)
                guard state.news.count > Self.mostNews else { return }
                state.news.removeFirst(Self.mostNews / 2)
                state.dropped += Self.mostNews / 2
            }
        }
    }

    private func next() -> JobID? {
        state.withLock { state in
            guard let job = state.stack.popLast() else {
                state.isWorking = false
                return nil
            }
            state.waiting.remove(job)
            return job
        }
    }

    /// What cannot be kept is worked out again by the next run.
    private func keep(_ line: Line) {
        guard let bytes = try? APIJSON.line(line) else { return }
        try? makeDirectory((path as NSString).deletingLastPathComponent)
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let handle = FileHandle(forWritingAtPath: path) else { return }
        defer { try? handle.close() }
        _ = try? handle.seekToEnd()
        try? handle.write(contentsOf: Data(bytes))
    }
}
