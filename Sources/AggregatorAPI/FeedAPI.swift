public import GridAPI
public import GridProtocol
public import HTTP
public import Ledger
internal import Operations

/// Answers `GET /v1/feed`: lines of JSON (``GridAPI/FeedLine``), first of all jobs or of those that
/// changed since `?since=BOOT.N`, then of each change while the connection lasts.
public struct FeedAPI: Sendable {
    private let core: AggregatorCore
    private let sources: FeedSources
    private let now: @Sendable () -> Int64
    /// Tells this run from others: versions of the ledger begin anew with each.
    private let boot = String(UInt64.random(in: 0...UInt64.max), radix: 36)

    /// Makes the route.
    ///
    /// - Parameters:
    ///   - core: the ledger.
    ///   - liveState: what is known beside the ledger at a time, microseconds since 1970 UTC.
    ///   - engines: the engines at a time.
    ///   - enrich: adds to a row what others know of the job; called for each row that is sent.
    ///   - news: jobs of which others learned more, after a number of such news.
    ///   - now: the clock.
    public init(
        core: AggregatorCore,
        liveState: @escaping @Sendable (Int64) -> LiveGridState,
        engines: @escaping @Sendable (Int64) -> [EngineStatus],
        enrich: @escaping @Sendable (inout JobRow, JobProgress) -> Void = { _, _ in },
        news: @escaping @Sendable (Int) -> (jobs: [JobID], next: Int) = { ([], $0) },
        now: @escaping @Sendable () -> Int64 = WireClock.now
    ) {
        self.core = core
        self.now = now
        sources = FeedSources(
            pulse: { view, time in GridPulse(view, liveState(time), at: time) },
            engines: { time in engines(time).map(\.description) },
            row: { view, job, time in
                guard let progress = view.ledger.current(job, clock: time),
                    let record = view.ledger.record(of: job)
                else { return nil }
                let reason =
                    progress.isFinal
                    ? progress.reason
                    : core.waitingReason(of: job, in: liveState(time), at: time)
                var row = progress.row(
                    of: record,
                    waitingFor: reason,
                    tradesPerSecond: view.ledger.tradesPerSecond(of: job, at: time)
                )
                enrich(&row, progress)
                return row
            },
            news: news
        )
    }

    /// Returns the answer to a request; nil when the path is another.
    public func response(to request: HTTPRequest) -> HTTPResponse? {
        guard request.path == "/v1/feed" else { return nil }
        guard request.method == "GET" else { return .methodNotAllowed(allow: ["GET"]) }
        let composer = FeedComposer(
            boot: boot,
            since: request.query["since"].flatMap(version),
            sources: sources
        )
        let feed = JobFeed(core: core, composer, now: now)
        let stream = HTTPStream(
            keepAlive: (try? APIJSON.line(FeedLine(.alive))) ?? [0x0A],
            next: { feed.next(atMost: $0) },
            close: { feed.close() }
        )
        return HTTPResponse(contentType: "application/x-ndjson", body: .stream(stream))
    }

    /// The version in `BOOT.N`; nil when it is of another run.
    private func version(_ place: String) -> Int64? {
        let parts = place.split(separator: ".")
        guard parts.count == 2, parts[0] == boot, let version = Int64(parts[1]), version >= 0
        else { return nil }
        return version
    }
}
