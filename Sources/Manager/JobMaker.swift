internal import Dispatch
internal import Finance
internal import Foundation
internal import GridProtocol
internal import GridSubmission
internal import Operations
internal import PortfolioFiles

/// Makes jobs of files.
struct JobMaker: Sendable {
    let uploads: UploadStore
    /// Has the trades and snapshots of earlier jobs.
    let grid: any GridAccess
    /// Knows which trades of a job failed.
    let jobs: any JobsSource
    /// Where the examples are; nil for none.
    let examples: String?
    /// Where trades come from.
    private enum Source {
        case file(String)
        case generated(JobOrder.Generation)
        case earlier(EarlierTrades)

        /// The job that they are of; nil for none.
        var record: JobRecord? {
            guard case .earlier(let earlier) = self else { return nil }
            return earlier.record
        }
    }

    /// How many portfolios are read at a time: each takes a core, and memory for its batches.
    private let turns = DispatchSemaphore(value: 4)

    init(
        uploads: UploadStore,
        grid: any GridAccess,
        jobs: any JobsSource,
        examples: String?
    ) {
        self.uploads = uploads
        self.grid = grid
        self.jobs = jobs
        self.examples = examples
    }

    static let mostGenerated = 1_000_000

    /// What can be asked for.
    static var metricNames: [String] { Metric.allCases.map(\.rawValue) }

    /// Reads the files and makes the job; nothing is queued.
    ///
    /// - Throws: ``Problem`` `bad_file` with everything that is wrong with them.
    func job(
        _ order: JobOrder,
        for user: String,
        each take: (Trade) -> Void = { _ in }
    ) throws(Problem) -> PlannedJob {
        // What is waited for at others takes no turn.
        let source: Source
        switch order.portfolio {
        case .file(let id): source = .file(id)
        case .generated(let generation): source = .generated(generation)
        case .earlier(let earlier): source = .earlier(try find(earlier))
        }
        guard turns.wait(timeout: .now() + 60) == .success else {
            throw Problem(
                429,
                "too_many_requests",
                "four portfolios are being read",
                retryAfter: 10
            )
        }
        defer { turns.signal() }
        let metrics = try Self.metrics(order.metrics ?? source.record?.metrics ?? ["NPV"])
        guard (1...100).contains(order.batchSize ?? 100) else {
            throw Problem(400, "bad_request", "batchSize is 1 to 100")
        }
        guard let priority = JobPriority(name: order.priority ?? "eod") else {
            throw Problem(400, "bad_request", "priority is eod or intraday")
        }
        let snapshot = try self.snapshot(of: order, source.record, for: user)
        var request = JobRequest(
            jobID: JobID.random(),
            portfolioName: order.name ?? "",
            trades: [],
            snapshot: snapshot,
            metrics: metrics,
            limits: BatchLimits(trades: order.batchSize ?? 100),
            timeLimit: try Self.limit(order.deadline ?? "12h"),
            submitter: user,
            priority: priority
        )
        if let text = order.id {
            guard let id = JobID(rawValue: text) else {
                throw Problem(400, "bad_request", "id is 1 to 64 of A-Z a-z 0-9 . _ -")
            }
            request.jobID = id
            return try plan(source, request, name: order.name, for: user, take)
        }
        // Without an id the job is called after what is in it: asking twice is the same job.
        let planned = try plan(source, request, name: order.name, for: user, take)
        let hash = planned.contentHash.prefix(6).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        guard let id = JobID(rawValue: "\(snapshot.valuationDate)-\(hash)") else {
            throw Problem(500, "internal", "the job cannot be named")
        }
        return planned.renamed(id)
    }

    // MARK: Private

    private func plan(
        _ source: Source,
        _ request: JobRequest,
        name given: String?,
        for user: String,
        _ take: (Trade) -> Void
    ) throws(Problem) -> PlannedJob {
        do {
            let builder = try JobBuilder(request)
            switch source {
            case .file(let id):
                let (path, name) = try file(id, for: user)
                let facts = try Self.reading(name) { () throws(FileProblems) in
                    try withoutActuallyEscaping(take) { take throws(FileProblems) in
                        try readPortfolio(at: path) { trade, _ in
                            builder.add(trade)
                            take(trade)
                        }
                    }
                }
                return try builder.finish(portfolioName: given ?? facts.name)
            case .generated(let generation):
                guard (1...Self.mostGenerated).contains(generation.trades) else {
                    throw Problem(400, "bad_request", "generate.trades is 1 to 1,000,000")
                }
                let portfolio = try Self.reading("generated") { () throws(FileProblems) in
                    try SyntheticPortfolio(
                        seed: generation.seed ?? 1,
                        count: generation.trades,
                        market: request.snapshot
                    )
                }
                for trade in portfolio {
                    builder.add(trade)
                    take(trade)
                }
                return try builder.finish(
                    portfolioName: given ?? "generated-\(generation.trades)"
                )
            case .earlier(let earlier):
                try read(earlier) { trade in
                    builder.add(trade)
                    take(trade)
                }
                return try builder.finish(portfolioName: given ?? earlier.name)
            }
        } catch let problem as Problem {
            throw problem
        } catch let error as SubmissionError {
            throw Problem(422, "bad_file", error.reason)
        } catch {
            throw Problem(500, "internal", "\(error)")
        }
    }

    private func snapshot(
        of order: JobOrder,
        _ earlier: JobRecord?,
        for user: String
    ) throws(Problem) -> MarketSnapshot {
        switch (order.market, order.snapshot ?? earlier?.snapshotID) {
        case (let files?, _) where order.snapshot == nil: return try snapshot(files, for: user)
        case (nil, let hash?): return try snapshot(hash)
        default: throw Problem(400, "bad_request", "give market, files, or snapshot, a hash")
        }
    }

    private func snapshot(_ ids: [String], for user: String) throws(Problem) -> MarketSnapshot {
        guard let first = ids.first, ids.count <= 50 else {
            throw Problem(400, "bad_request", "market is a list of 1 to 50 uploads")
        }
        if ids.count == 1, try !file(first, for: user).1.hasSuffix(".csv") {
            let (path, name) = try file(first, for: user)
            return try Self.reading(name) { () throws(FileProblems) in
                try readSnapshot(at: path)
            }
        }
        var files: [String: [UInt8]] = [:]
        for id in ids {
            let (path, name) = try file(id, for: user)
            guard files[name] == nil else {
                throw Problem(422, "bad_file", "the market has two files \(name)")
            }
            guard let data = FileManager.default.contents(atPath: path) else {
                throw Problem(404, "unknown_upload", "\(name) cannot be read")
            }
            files[name] = Array(data)
        }
        let read = files
        return try Self.reading("market") { () throws(FileProblems) in
            try readSnapshot(files: read, directory: "market")
        }
    }

    /// Where a file lies, and what its sender calls it.
    private func file(_ id: String, for user: String) throws(Problem) -> (String, String) {
        guard id.hasPrefix("example:") else { return try uploads.path(of: id, owner: user) }
        let name = String(id.dropFirst("example:".count))
        guard let examples, ExampleFiles.names.contains(name) else {
            throw Problem(404, "unknown_upload", "there is no example \(name)")
        }
        return ("\(examples)/\(name)", name)
    }

    private static func reading<Value>(
        _ name: String,
        _ body: () throws(FileProblems) -> Value
    ) throws(Problem) -> Value {
        do throws(FileProblems) {
            return try body()
        } catch {
            throw Problem(error, in: name)
        }
    }

    private static func metrics(_ names: [String]) throws(Problem) -> [Metric] {
        var metrics: [Metric] = []
        for name in names {
            let found = Metric.allCases.first { $0.rawValue.lowercased() == name.lowercased() }
            guard let found else {
                let known = Metric.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(
                    400,
                    "bad_request",
                    "\(name) is not a metric; expected one of \(known)"
                )
            }
            if !metrics.contains(found) { metrics.append(found) }
        }
        guard !metrics.isEmpty else {
            throw Problem(400, "bad_request", "name at least one metric")
        }
        return metrics
    }

    private static func limit(_ text: String) throws(Problem) -> Duration? {
        if text == "none" { return nil }
        guard let limit = Duration(settingText: text), limit > .zero else {
            throw Problem(400, "bad_request", "deadline is a time as 90m, 12h or 2d, or none")
        }
        return limit
    }
}

/// The examples that the page offers.
enum ExampleFiles {
    static let names = ["portfolio.csv", "portfolio.json", "market.json"]
}

extension Problem {
    /// What is wrong with a file, which the sender calls by a name.
    init(_ problems: FileProblems, in name: String) {
        let listed = problems.problems.prefix(50).map { problem in
            FileProblemAnswer(
                // Files lie elsewhere than their sender has them.
                file: problem.file.split(separator: "/").last.map(String.init) ?? name,
                line: problem.line > 0 ? problem.line : nil,
                column: problem.column,
                field: problem.field.isEmpty ? nil : problem.field,
                message: problem.problem,
                expected: problem.expected.isEmpty ? nil : problem.expected
            )
        }
        self.init(
            422,
            "bad_file",
            "\(name) has \(problems.total) problem\(problems.total == 1 ? "" : "s"); nothing was queued",
            problems: Array(listed)
        )
        problemCount = problems.total
    }
}
