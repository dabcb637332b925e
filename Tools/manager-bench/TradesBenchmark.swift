internal import AggregatorAPI
internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import HTTP
internal import Ledger
internal import Operations
internal import Reports
internal import TestBed

/// Two jobs of many trades, asked for as the page asks: while they run, by trade, and compared.
struct TradesBenchmark {
    private static let questions = 200

    private let trades: Int
    private let client = HTTPClient(maximumBodyBytes: 1 << 20)

    init(_ settings: ParsedCommand) {
        trades = settings.int("trades")
    }

    /// Runs everything and prints the figures.
    ///
    /// - Returns: whether all targets are met.
    func run() async throws -> Bool {
        let scratch = try Scratch()
        var figures = Figures("two jobs of \(trades) trades, the aggregator's routes")
        let core = try AggregatorCore(store: LedgerStore(path: scratch.path("ledger.sqlite")))
        let server = try Self.serve(core)
        let serving = Task { try await server.run() }
        defer { serving.cancel() }
        let base = "http://127.0.0.1:\(server.port)"
        try await running(core, base, &figures)
        try apply(Self.records("second", trades, offset: 100_000_000, value: Self.moved), to: core)
        try await index(base, &figures)
        try await compare(base, scratch, &figures)
        return figures.isMet
    }

    // MARK: Set up

    private static func serve(_ core: AggregatorCore) throws -> HTTPServer {
        let jobs = JobsAPI(core: core)
        let indexes = TradeIndexes(core: core)
        let details = JobDetailsAPI(core: core, liveState: { _ in LiveGridState() })
        let trades = TradesAPI(core: core, indexes: indexes)
        let totals = TotalsAPI(core: core, jobs: jobs)
        let comparisons = ComparisonsAPI(core: core, indexes: indexes)
        return try HTTPServer(
            host: "127.0.0.1",
            port: 0,
            logger: .silent,
            handler: firstMatch(of: [
                jobsRoute(jobs), { details.response(to: $0) }, { trades.response(to: $0) },
                { totals.response(to: $0) }, { comparisons.response(to: $0) },
            ])
        )
    }

    /// One trade in a thousand has another value in the second job.
    private static func moved(_ number: Int) -> Double {
        number % 1_000 == 7 ? Double(number) * 1.5 + Double(number % 13) : Double(number)
    }

    private static func records(
        _ name: String,
        _ trades: Int,
        offset: Int64,
        value: (Int) -> Double = { Double($0) }
    ) throws -> [SourceRecord] {
        try LedgerRecords.make(name, trades: trades, perBatch: 100, offset: offset, value: value)
    }

    private func apply(
        _ records: some RandomAccessCollection<SourceRecord>,
        to core: AggregatorCore
    )
        throws
    {
        var rest = records[...]
        while !rest.isEmpty {
            _ = try core.apply(Array(rest.prefix(200)))
            rest = rest.dropFirst(200)
        }
    }

    // MARK: Rows

    /// Asks for what a job's page shows while its results come in.
    private func running(
        _ core: AggregatorCore,
        _ base: String,
        _ figures: inout Figures
    ) async throws {
        let records = try Self.records("first", trades, offset: 0)
        // The job is half done when somebody begins to look.
        let half = records.count / 2
        try apply(records[..<half], to: core)
        let rest = records[half...]
        let joining = Task.detached { try apply(rest, to: core) }
        var times: [Double] = []
        var failed = 0
        let paths = [
            "/jobs/first", "/v1/jobs/first/batches?limit=100", "/v1/jobs/first/timeline",
            "/v1/jobs/first/totals?by=book", "/v1/jobs/first/trades?limit=100&sort=-size",
            "/v1/jobs/first/failures",
        ]
        let isDone = ShutdownSignal()
        let watching = Task {
            try await joining.value
            isDone.trigger()
        }
        while !isDone.isTriggered, times.count < 6_000 {
            for path in paths {
                let (time, answer) = try await timed(base + path)
                times.append(time)
                if answer.status >= 500, answer.status != 503 { failed += 1 }
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        try await watching.value
        figures.add(
            "12",
            "page of a running job of \(trades) trades, \(times.count) requests, p95 at the server",
            Figures.percentile(times, 0.95),
            "ms",
            atMost: 100
        )
        figures.check("12", "none of them failed", failed == 0, "\(failed)")
    }

    private func index(_ base: String, _ figures: inout Figures) async throws {
        // The first is behind what was built while it ran.
        for name in ["first", "second"] {
            let start = ContinuousClock.now
            var sawProgress = false
            try await eventually("\(name) is indexed", within: .seconds(300)) {
                let answer = try await timed("\(base)/v1/jobs/\(name)/trades?limit=1").1
                if answer.status != 200, answer.text.contains("done") { sawProgress = true }
                return answer.status == 200
            }
            figures.add(
                "13",
                "trades of `\(name)` indexed, progress \(sawProgress ? "shown" : "not seen")",
                start.duration(to: .now) / .seconds(1),
                "s",
                atMost: 15
            )
        }
        var isRight = true
        func ask(_ what: String, _ path: () -> (String, String)) async throws {
            var times: [Double] = []
            for _ in 0..<Self.questions {
                let (path, expected) = path()
                let (time, answer) = try await timed(base + path)
                times.append(time)
                if answer.status != 200 || !answer.text.contains(expected) { isRight = false }
            }
            figures.add(
                "13",
                "\(what), p95 of \(times.count)",
                Figures.percentile(times, 0.95),
                "ms",
                atMost: 150
            )
        }
        try await ask("trade by id") {
            let id = "T\(Int.random(in: 0..<trades))"
            return ("/v1/jobs/first/trades/\(id)", "\"\(id)\"")
        }
        try await ask("first page by size") {
            ("/v1/jobs/first/trades?sort=-size&limit=100", "\"T\(trades - 1)\"")
        }
        try await ask("pages of a book by size") {
            let place = Int.random(in: 0..<trades / 10)
            return (
                "/v1/jobs/first/trades?book=BOOK-3&sort=-size&limit=100&cursor=\(place)",
                "\"BOOK-3\""
            )
        }
        figures.check("13", "each answer has what was asked for", isRight)
    }

    private func compare(
        _ base: String,
        _ scratch: Scratch,
        _ figures: inout Figures
    ) async throws {
        let (time, answer) = try await timed(
            "\(base)/v1/comparisons/first..second/movers?limit=500"
        )
        let first: PagedList<TradeMove> = try APIJSON.decoded(from: answer.body)
        figures.add(
            "22",
            "two jobs of \(trades) trades compared",
            time / 1_000,
            "s",
            atMost: 5
        )
        var moves = first.items
        var next = first.next
        while let place = next {
            let page: PagedList<TradeMove> = try APIJSON.decoded(
                from: try await timed(
                    "\(base)/v1/comparisons/first..second/movers?limit=500&cursor=\(place)"
                ).1.body
            )
            moves += page.items
            next = page.next
        }
        var values: [[String: Double]] = []
        for name in ["first", "second"] {
            let path = scratch.path("\(name).jsonl")
            let status = try await HTTPClient().download(
                "\(base)/jobs/\(name)/results.jsonl",
                toFile: path,
                rewriting: nil
            )
            guard status == 200 else { throw TestBedError("results.jsonl: \(status)") }
            values.append(try Self.values(in: path))
        }
        let expected = values[1].filter { values[0][$0.key] != $0.value }
            .map { (id: $0.key, change: $0.value - (values[0][$0.key] ?? 0)) }
            .sorted {
                abs($0.change) != abs($1.change) ? abs($0.change) > abs($1.change) : $0.id < $1.id
            }
        figures.check(
            "22",
            "movers are those of a walk over both results.jsonl",
            values[0].count == trades && moves.map(\.id) == expected.map(\.id)
                && moves.map(\.change) == expected.map(\.change),
            "\(moves.count) of \(expected.count), \(values[0].count) values"
        )
    }

    /// The values in the base currency in a results.jsonl, by trade: its text is looked through, so
    /// that nothing of what is checked is used.
    private static func values(in path: String) throws -> [String: Double] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
        var values: [String: Double] = [:]
        for line in data.split(separator: 0x0A) {
            let text = String(decoding: line, as: UTF8.self).utf8
            guard let id = after("\"tradeId\":\"", in: text)?.prefix(while: { $0 != 0x22 }),
                let value = after("\"baseValue\":", in: text)?
                    .prefix(while: { $0 != 0x2C && $0 != 0x7D }),
                let number = Double(String(Substring(value)))
            else { continue }
            values[String(Substring(id))] = number
        }
        return values
    }

    private static func after(_ mark: String, in text: String.UTF8View) -> Substring.UTF8View? {
        let mark = Array(mark.utf8)
        var rest = text[...]
        while let start = rest.firstIndex(of: mark[0]) {
            rest = rest[start...]
            if rest.starts(with: mark) { return rest.dropFirst(mark.count) }
            rest = rest.dropFirst()
        }
        return nil
    }

    private func timed(_ url: String) async throws -> (Double, HTTPAnswer) {
        let start = ContinuousClock.now
        let answer = try await client.send(HTTPCall(url: url, timeout: .seconds(120)))
        return (start.duration(to: .now) / .milliseconds(1), answer)
    }
}
