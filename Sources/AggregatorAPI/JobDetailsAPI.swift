internal import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
internal import Reports

/// Answers `GET /v1/jobs/ID/` with `batches`, `batches/N`, `timeline`, `proof` and `record`.
///
/// What it reads of the ledger's file it reads beside the join, at most a page at a time.
public struct JobDetailsAPI: Sendable {
    private static let pages = 1...500
    private static let bins = 1...600
    /// How many batches are read at a time for a timeline.
    private static let step = 10_000

    private let core: AggregatorCore
    private let liveState: @Sendable (Int64) -> LiveGridState

    /// Makes the routes.
    ///
    /// - Parameters:
    ///   - core: the ledger.
    ///   - liveState: what is known beside the ledger at a time, microseconds since 1970 UTC.
    public init(
        core: AggregatorCore,
        liveState: @escaping @Sendable (Int64) -> LiveGridState = { _ in LiveGridState() }
    ) {
        self.core = core
        self.liveState = liveState
    }

    /// Returns the answer to a request; nil when the path matches none of these routes.
    ///
    /// `time`: microseconds since 1970 UTC.
    public func response(
        to request: HTTPRequest,
        at time: Int64 = WireClock.now()
    ) -> HTTPResponse? {
        let parts = request.pathComponents
        guard parts.count >= 4, parts[0] == "v1", parts[1] == "jobs",
            ["batches", "timeline", "proof", "record"].contains(parts[3]),
            parts.count == 4 || parts.count == 5 && parts[3] == "batches"
        else { return nil }
        guard request.method == "GET" || request.method == "HEAD" else {
            return .methodNotAllowed(allow: ["GET"])
        }
        let view = core.view
        guard let job = JobID(rawValue: parts[2]), let record = view.ledger.record(of: job),
            let progress = view.ledger.current(job, clock: time)
        else {
            return answer(
                APIFailure(code: "unknown_job", message: "there is no job \(parts[2])"),
                status: 404
            )
        }
        do throws(AggregationError) {
            switch parts[3] {
            case "proof":
                let proof = JobProof(
                    progress,
                    record,
                    view.ledger.proof(of: job),
                    losses: view.losses,
                    reason: progress.isFinal
                        ? progress.reason
                        : core.waitingReason(of: job, in: liveState(time), at: time)
                )
                return answer(proof)
            case "record": return answer(JobRecordDescription(record))
            case "timeline": return try timeline(progress, request.query, at: time)
            default:
                guard parts.count == 5 else { return try batches(progress, request.query, time) }
                return try batch(parts[4], progress, time)
            }
        } catch {
            return answer(APIFailure(code: error.code.rawValue, message: error.reason), status: 500)
        }
    }

    // MARK: Private

    private func batches(
        _ progress: JobProgress,
        _ query: [String: String],
        _ time: Int64
    ) throws(AggregationError) -> HTTPResponse {
        guard let limit = Int(query["limit"] ?? "100"), Self.pages.contains(limit) else {
            return bad("limit is not a number in 1...500")
        }
        guard let first = Int(query["cursor"] ?? "0"), first >= 0 else {
            return bad("cursor is not one that a page ended with")
        }
        let end = min(progress.batches, first + min(limit, progress.batches))
        let items = try describe(first..<max(first, end), of: progress.job, time)
        return answer(
            PagedList(
                items: items,
                next: end < progress.batches ? "\(end)" : nil,
                total: progress.batches,
                asOf: ReportTime.text(time)
            )
        )
    }

    private func batch(
        _ text: String,
        _ progress: JobProgress,
        _ time: Int64
    ) throws(AggregationError) -> HTTPResponse {
        guard let index = Int(text), (0..<progress.batches).contains(index),
            let batch = try describe(index..<index + 1, of: progress.job, time).first
        else {
            return answer(
                APIFailure(
                    code: "unknown_batch",
                    message: "job \(progress.job) has batches 0...\(progress.batches - 1)"
                ),
                status: 404
            )
        }
        return answer(batch)
    }

    private func describe(
        _ range: Range<Int>,
        of job: JobID,
        _ time: Int64
    ) throws(AggregationError) -> [BatchDescription] {
        guard !range.isEmpty else { return [] }
        let rows = try LedgerReader(path: core.store.path).batches(of: job, in: range)
        let byIndex = Dictionary(uniqueKeysWithValues: rows.map { ($0.index, $0) })
        var working: [Int: (engine: String, since: Int64)] = [:]
        for engine in liveState(time).engines ?? [] where engine.state.isWorking {
            for work in engine.heartbeat.work where work.jobID == job.rawValue {
                working[Int(work.batchIndex)] = (engine.id, work.since)
            }
        }
        return range.map { index in
            BatchDescription(index: index, byIndex[index], working: working[index])
        }
    }

    private func timeline(
        _ progress: JobProgress,
        _ query: [String: String],
        at time: Int64
    ) throws(AggregationError) -> HTTPResponse {
        guard let bins = Int(query["bins"] ?? "600"), Self.bins.contains(bins) else {
            return bad("bins is not a number in 1...600")
        }
        var builder = TimelineBuilder(
            from: progress.submittedAt,
            to: max(progress.endedAt ?? time, progress.lastResultAt),
            bins: bins
        )
        let reader = try LedgerReader(path: core.store.path)
        for first in stride(from: 0, to: progress.batches, by: Self.step) {
            for row in try reader.batches(of: progress.job, in: first..<first + Self.step) {
                builder.add(row)
            }
        }
        return answer(builder.timeline)
    }

    private func bad(_ message: String) -> HTTPResponse {
        answer(APIFailure(code: "bad_request", message: message), status: 400)
    }
}
