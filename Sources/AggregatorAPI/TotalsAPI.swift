internal import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
internal import Reports
internal import Synchronization

/// Answers `GET /v1/jobs/ID/totals?by=book`.
///
/// A job that has ended is answered with the numbers of its summary.json; one that goes on with what
/// has been joined, which is kept up with only while somebody asks.
public final class TotalsAPI: Sendable {
    private struct State {
        /// The one asked for last at the end.
        var running: [(job: JobID, totals: RunningTotals)] = []
        var summaries: [(job: JobID, summary: ReportSummary)] = []
    }

    private static let mostRunning = 8
    private static let mostSummaries = 32

    private let core: AggregatorCore
    private let jobs: JobsAPI
    private let state = Mutex(State())

    /// Makes the route; reports are written by `jobs`.
    public init(core: AggregatorCore, jobs: JobsAPI) {
        self.core = core
        self.jobs = jobs
    }

    /// Returns the answer to a request; nil when the path is another.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(
        to request: HTTPRequest,
        at time: Int64 = WireClock.now()
    ) -> HTTPResponse? {
        guard let path = JobPath(request), path.name == "totals", path.rest == nil else {
            return nil
        }
        guard request.method == "GET" else { return .methodNotAllowed(allow: ["GET"]) }
        guard let grouping = RunningTotals.Grouping(rawValue: request.query["by"] ?? "book") else {
            return .badRequest("by is not one of book, currency, product, counterparty")
        }
        guard let record = core.view.ledger.record(of: path.job),
            let progress = core.progress(of: path.job, at: time)
        else { return .unknownJob(path.job.rawValue) }
        do throws(AggregationError) {
            if progress.isFinal {
                return answer(
                    try summary(of: progress).jobTotals(by: grouping, asOf: ReportTime.text(time))
                )
            }
            let totals = try running(path.job, record)
            let (groups, count) = totals.groups(by: grouping)
            return answer(
                JobTotals(
                    isTotal: false,
                    asOf: ReportTime.text(time),
                    baseCurrency: record.baseCurrency,
                    total: totals.all,
                    groups: groups,
                    groupCount: count
                )
            )
        } catch {
            return answer(APIFailure(code: error.code.rawValue, message: error.reason), status: 500)
        }
    }

    // MARK: Private

    private func running(
        _ job: JobID,
        _ record: JobRecord
    ) throws(AggregationError) -> RunningTotals {
        var totals = state.withLock { state -> RunningTotals in
            guard let place = state.running.lastIndex(where: { $0.job == job }) else {
                return RunningTotals(of: job, record: record)
            }
            // Taken out, so that two requests do not copy it; a second one counts anew.
            return state.running.remove(at: place).totals
        }
        try totals.catchUp(from: core.store.path)
        let kept = totals
        state.withLock { state in
            state.running.removeAll { $0.job == job }
            state.running.append((job, kept))
            if state.running.count > Self.mostRunning { state.running.removeFirst() }
        }
        return totals
    }

    private func summary(of progress: JobProgress) throws(AggregationError) -> ReportSummary {
        let job = progress.job
        let known = state.withLock { state -> ReportSummary? in
            state.running.removeAll { $0.job == job }
            return state.summaries.last { $0.job == job }?.summary
        }
        if let known, known.state == progress.phase.rawValue { return known }
        let summary = try jobs.summary(of: progress)
        state.withLock { state in
            state.summaries.removeAll { $0.job == job }
            state.summaries.append((job, summary))
            if state.summaries.count > Self.mostSummaries { state.summaries.removeFirst() }
        }
        return summary
    }
}
