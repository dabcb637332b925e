internal import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
internal import Reports
internal import Synchronization

/// Answers `GET /jobs` (a page, `?limit=N&after=ID`), `/jobs/ID`, and `/jobs/ID/FILE` for
/// the files of a report.
///
/// A report is written when it is first asked for; while a job is not final its files are refused
/// with 409, unless the query has `partial=true`. Answering may take as long as writing a report.
public final class JobsAPI: Sendable {
    /// The most jobs of an answer: some 0.9 KB each.
    static let mostListed = 1_000

    private let core: AggregatorCore
    private let directory: String
    private let writer: ReportWriter
    private let liveState: @Sendable (Int64) -> LiveGridState
    /// How far each job was when its report was written.
    private let written = Mutex<[JobID: JobProgress]>([:])

    /// Makes the routes.
    ///
    /// - Parameters:
    ///   - core: the ledger.
    ///   - reportsDirectory: where reports are kept, a directory a job; without it, beside the
    ///     ledger's file.
    ///   - liveState: what is known beside the ledger at a time, microseconds since 1970 UTC, to
    ///     say what jobs wait for.
    public init(
        core: AggregatorCore,
        reportsDirectory: String? = nil,
        liveState: @escaping @Sendable (Int64) -> LiveGridState = { _ in LiveGridState() }
    ) {
        self.core = core
        self.liveState = liveState
        directory = reportsDirectory ?? "\(core.store.path).reports"
        writer = ReportWriter(ledgerPath: core.store.path)
    }

    /// Returns the answer to a request; nil when the path matches none of these routes.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(
        to request: HTTPRequest,
        at time: Int64 = WireClock.now()
    ) -> HTTPResponse? {
        let parts = request.path.split(separator: "/", omittingEmptySubsequences: true)
        guard parts.first == "jobs" else { return nil }
        guard request.method == "GET" || request.method == "HEAD" else {
            return failure(405, "method_not_allowed", "jobs are only read here: use GET")
        }
        if parts.count == 1 { return list(request.query, at: time) }
        guard let job = JobID(rawValue: String(parts[1])),
            let progress = core.progress(of: job, at: time)
        else { return failure(404, "unknown_job", "there is no job \(parts[1])") }
        if parts.count == 2 {
            return answer(
                progress.status(waitingFor: waiting(progress, liveState(time), at: time))
            )
        }
        let name = String(parts[2])
        guard parts.count == 3, ReportWriter.fileNames.contains(name) else {
            return failure(
                404,
                "unknown_file",
                "a job has \(ReportWriter.fileNames.joined(separator: ", "))"
            )
        }
        return report(name, progress, isPartial: request.query["partial"] == "true", at: time)
    }

    /// Removes the reports of jobs that the ledger does not know, files of nobody else.
    ///
    /// Call it only when all topics have been read to their ends: before, the ledger may not know a
    /// job that is there.
    ///
    /// - Returns: how many reports were removed.
    @discardableResult
    public func removeOrphans() -> Int {
        let known = core.view.ledger
        written.withLock { written in written = written.filter { known.contains($0.key) } }
        var removed = 0
        for name in OutputFile.names(in: directory) {
            let parts = name.split(separator: "-", maxSplits: 1)
            guard parts.count == 2, parts[0] == "job" || parts[0] == "partial",
                let job = JobID(rawValue: String(parts[1])), !known.contains(job)
            else { continue }
            if ReportWriter.remove("\(directory)/\(name)") { removed += 1 }
        }
        return removed
    }

    /// The summary of a job that has ended, as its summary.json has it; the report is written when
    /// it is not there.
    ///
    /// - Throws: ``AggregationError`` when there is no such job.
    func summary(of progress: JobProgress) throws(AggregationError) -> ReportSummary {
        let target = "\(directory)/job-\(progress.job)"
        do throws(AggregationError) {
            try write(progress, to: target, progress.reason)
            return try ReportWriter.readSummary(in: target)
        } catch {
            guard error.code == .reportNotWritten else { throw error }
            return try writer.summary(of: progress.job, at: core.time, waiting: progress.reason)
        }
    }

    // MARK: Private

    /// Writes a report, unless that of a job that has ended is there.
    private func write(
        _ progress: JobProgress,
        to target: String,
        _ waiting: String?
    ) throws(AggregationError) {
        let isThere = written.withLock { $0[progress.job] == progress }
        guard !isThere || !progress.isFinal else { return }
        try writer.write(progress.job, to: target, at: core.time, waiting: waiting)
        if progress.isFinal { written.withLock { $0[progress.job] = progress } }
    }

    private func waiting(
        _ progress: JobProgress,
        _ grid: LiveGridState,
        at time: Int64
    ) -> String? {
        progress.isFinal
            ? progress.reason : core.waitingReason(of: progress.job, in: grid, at: time)
    }

    private func report(
        _ name: String,
        _ progress: JobProgress,
        isPartial: Bool,
        at time: Int64
    ) -> HTTPResponse {
        let waiting = waiting(progress, liveState(time), at: time)
        guard progress.isFinal || isPartial else {
            return failure(
                409,
                "not_final",
                "job \(progress.job) is \(progress.phase): \(waiting ?? "not proven complete")"
                    + "; add ?partial=true for what there is"
            )
        }
        let kind = progress.isFinal ? "job" : "partial"
        let target = "\(directory)/\(kind)-\(progress.job)"
        do throws(AggregationError) {
            try write(progress, to: target, waiting)
        } catch {
            // The totals need no room on the disk.
            if error.code == .reportNotWritten, name == "summary.json",
                let summary = try? writer.summary(of: progress.job, at: core.time, waiting: waiting)
            {
                return HTTPResponse(
                    status: 200,
                    contentType: Self.contentType(of: name),
                    body: .bytes(summary.json)
                )
            }
            return failure(500, error.code.rawValue, error.reason)
        }
        return HTTPResponse(
            status: 200,
            contentType: Self.contentType(of: name),
            body: .file(path: "\(target)/\(name)", deleteAfter: false)
        )
    }

    private static func contentType(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "csv": "text/csv; charset=utf-8"
        case "jsonl": "application/x-ndjson"
        default: "application/json"
        }
    }

    private func list(_ query: [String: String], at time: Int64) -> HTTPResponse {
        let most = query["limit"].map { Int($0) ?? 0 } ?? Self.mostListed
        guard (1...Self.mostListed).contains(most) else {
            return failure(400, "bad_limit", "limit is a number of jobs, 1 to \(Self.mostListed)")
        }
        let last = query["after"].flatMap(JobID.init)
        guard (last == nil) == (query["after"] == nil) else {
            return failure(400, "bad_job", "after is not a job id: \(JobID.expectation)")
        }
        let jobs = core.jobs(at: time, after: last, most: most)
        let grid = liveState(time)
        return answer(
            JobList(
                jobs: jobs.map { $0.status(waitingFor: waiting($0, grid, at: time)) },
                next: jobs.count == most ? jobs.last?.job.rawValue : nil
            )
        )
    }

    private func failure(_ status: Int, _ code: String, _ message: String) -> HTTPResponse {
        answer(APIFailure(code: code, message: message), status: status)
    }
}
