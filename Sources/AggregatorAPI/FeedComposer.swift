internal import GridAPI
internal import GridProtocol
internal import Ledger

/// What the feed asks for besides the ledger.
struct FeedSources: Sendable {
    /// The grid's state at a time, microseconds since 1970 UTC.
    var pulse: @Sendable (LedgerView, Int64) -> GridPulse
    /// The engines at a time.
    var engines: @Sendable (Int64) -> [EngineDescription]
    /// A job at a time; nil when its record has not come.
    var row: @Sendable (LedgerView, JobID, Int64) -> JobRow?
    /// Jobs of which something became known that is not in the ledger, after a number of such news;
    /// and the number to go on with.
    var news: @Sendable (Int) -> (jobs: [JobID], next: Int)
}

/// Decides what one reader of the feed is sent, and when; it has no clock and no socket.
///
/// The reader's place is a version of the ledger, so that nothing is kept for a slow reader: it
/// gets each job as it is when its turn comes.
struct FeedComposer: Sendable {
    /// How many rows are made at a time.
    static let page = 200
    /// A job that changes all the time is sent as often as this.
    static let rowInterval = Duration.milliseconds(250)
    /// State of the grid and engines are sent as often as this, when they have changed.
    static let gridInterval = Duration.seconds(1)
    /// Active jobs are looked at this often although nothing of them comes: their rates fall.
    static let refreshInterval = Duration.seconds(5)
    /// How many jobs are taken at a time of which others learned more.
    static let newsPage = 1_000
    /// How many active jobs are looked at.
    static let refreshed = 500

    private let boot: String
    private let sources: FeedSources
    /// The reader has everything up to this version.
    private(set) var version: Int64
    private var isContinued: Bool
    private var hasBegun = false
    private var isReady = false
    /// When rows may be sent again, since the feed began.
    private(set) var nextRows = Duration.zero
    private var nextGrid = Duration.zero
    private var nextRefresh = Self.refreshInterval
    private var nextNews = 0
    private var pulse: GridPulse?
    private var engines: [String] = []
    /// Active jobs as they were last looked at, without their seconds.
    private var active: [String: JobRow] = [:]

    /// Begins a feed.
    ///
    /// - Parameters:
    ///   - boot: tells this run of the aggregator from others.
    ///   - version: where a reader goes on; nil for all jobs.
    ///   - sources: what is asked for.
    init(boot: String, since version: Int64?, sources: FeedSources) {
        self.boot = boot
        self.sources = sources
        self.version = version ?? 0
        isContinued = version != nil
    }

    /// When there is something to do although no job changes, since the feed began.
    var due: Duration { min(nextGrid, nextRefresh) }

    /// Returns what is sent now.
    ///
    /// - Parameters:
    ///   - view: what the aggregator knows.
    ///   - time: microseconds since 1970 UTC.
    ///   - elapsed: since the feed began.
    /// - Returns: the lines; none when there is nothing new.
    mutating func lines(of view: LedgerView, at time: Int64, elapsed: Duration) -> [FeedLine] {
        var lines: [FeedLine] = []
        if elapsed >= nextRows { appendRows(to: &lines, view, at: time, elapsed) }
        guard isReady else { return lines }
        if elapsed >= nextGrid {
            nextGrid = elapsed + Self.gridInterval
            appendGrid(to: &lines, view, at: time)
            appendNews(to: &lines, view, at: time)
        }
        if elapsed >= nextRefresh {
            nextRefresh = elapsed + Self.refreshInterval
            appendActive(to: &lines, view, at: time)
        }
        return lines
    }

    // MARK: Private

    private func place(_ version: Int64) -> String { "\(boot).\(version)" }

    private mutating func appendRows(
        to lines: inout [FeedLine],
        _ view: LedgerView,
        at time: Int64,
        _ elapsed: Duration
    ) {
        var changes = view.ledger.changes(since: version, most: Self.page)
        if changes.isTooOld || version > view.ledger.version {
            (version, hasBegun, isReady, isContinued) = (0, false, false, false)
            changes = view.ledger.changes(since: 0, most: Self.page)
        }
        if !hasBegun {
            hasBegun = true
            lines.append(FeedLine(.hello, boot: boot, isSnapshot: !isContinued))
        }
        for change in changes.jobs {
            if change.isRemoved {
                active[change.job.rawValue] = nil
                lines.append(
                    FeedLine(.removed, version: place(change.version), id: change.job.rawValue)
                )
            } else if let row = sources.row(view, change.job, time) {
                lines.append(FeedLine(.job, version: place(change.version), row: row))
            }
        }
        version = changes.version
        guard version >= view.ledger.version else { return }
        if !isReady || !changes.jobs.isEmpty {
            lines.append(FeedLine(.ready, version: place(version)))
        }
        if !changes.jobs.isEmpty { nextRows = elapsed + Self.rowInterval }
        isReady = true
    }

    private mutating func appendGrid(
        to lines: inout [FeedLine],
        _ view: LedgerView,
        at time: Int64
    ) {
        let current = sources.pulse(view, time)
        var news = current
        (news.waiting.seconds, news.ledger.readTo) = (nil, nil)
        if pulse != news {
            pulse = news
            lines.append(FeedLine(.grid, grid: current))
        }
        let items = sources.engines(time)
        let signs = items.map { "\($0.engine) \($0.state) \($0.lastHeartbeat)" }
        if signs != engines {
            engines = signs
            lines.append(FeedLine(.engines, items: items))
        }
    }

    private mutating func appendNews(
        to lines: inout [FeedLine],
        _ view: LedgerView,
        at time: Int64
    ) {
        let news = sources.news(nextNews)
        nextNews = news.next
        for job in news.jobs {
            guard let row = sources.row(view, job, time) else { continue }
            lines.append(FeedLine(.job, version: place(version), row: row))
        }
    }

    private mutating func appendActive(
        to lines: inout [FeedLine],
        _ view: LedgerView,
        at time: Int64
    ) {
        var rows: [String: JobRow] = [:]
        for job in view.ledger.activeJobs(most: Self.refreshed) {
            guard let row = sources.row(view, job, time) else { continue }
            // That time passes is no news.
            var news = row
            news.seconds = 0
            rows[job.rawValue] = news
            guard active[job.rawValue] != news else { continue }
            lines.append(FeedLine(.job, version: place(version), row: row))
        }
        active = rows
    }
}
