internal import AggregatorAPI
internal import Foundation
internal import Glibc
internal import GridProtocol
internal import HTTP
internal import Ledger
internal import Operations
internal import Synchronization
internal import TestBed

/// compute-manager with many jobs and many who look.
final class PageBenchmark: Sendable {
    private let jobs: Int
    private let streams: Int
    private let seconds: Int
    private let uploadBytes: Int
    /// Counts events, whose records have ascending offsets.
    private let events = Atomic<Int>(0)

    init(_ settings: ParsedCommand) {
        jobs = settings.int("jobs")
        streams = settings.int("streams")
        seconds = settings.int("seconds")
        uploadBytes = settings.int("upload") * 1_000_000
    }

    /// Runs everything and prints the figures.
    ///
    /// - Returns: whether all targets are met.
    func run() async throws -> Bool {
        let scratch = try Scratch()
        var figures = Figures("\(jobs) ended jobs, \(streams) streams, two cores' compute-manager")
        let core = try AggregatorCore(store: LedgerStore(path: scratch.path("ledger.sqlite")))
        try fill(core)
        let ledger = try Self.serve(core)
        let serving = Task { try await ledger.run() }
        defer { serving.cancel() }
        let broker = try RunningProcess("valgrid", ["broker"], in: scratch.url)
        try await eventually("the broker is up", within: .seconds(30)) {
            broker.standardOutput.contains("127.0.0.1:")
        }
        let address = broker.standardOutput.split(separator: "\n").last.map(String.init) ?? ""
        let tokens = try Page.writeUsers(in: scratch)
        let began = ContinuousClock.now
        let manager = try RunningProcess(
            "compute-manager",
            [
                "--brokers", address, "--aggregator", "http://127.0.0.1:\(ledger.port)", "--listen",
                "127.0.0.1:0", "--data", scratch.path("manager"), "--delivery", "at-least-once",
                "--examples",
                Repository.path("examples"),
                // Otherwise one address may have 64 connections.
                "--behind-tls-proxy", "--public-host", "127.0.0.1",
            ],
            in: scratch.url
        )
        try await eventually("the page is up", within: .seconds(30)) {
            manager.standardOutput.contains("page: ")
        }
        let page = Page(manager, tokens: tokens)
        try await eventually("all jobs are listed", within: .seconds(300)) {
            try await page.jobCount() == jobs
        }
        figures.add(
            "fill",
            "table of \(jobs) jobs filled after",
            began.duration(to: .now) / .seconds(1),
            "s"
        )

        try await badFile(page, scratch, &figures)
        try await lists(page, core, &figures)
        try await fillLogs(page, address, &figures)
        try await watch(page, core, &figures)
        try await upload(page, scratch, &figures)
        manager.signal(SIGTERM)
        try await manager.end(within: .seconds(60))
        broker.signal(SIGTERM)
        try await broker.end(within: .seconds(60))
        return figures.isMet
    }

    // MARK: Set up

    private func fill(_ core: AggregatorCore) throws {
        var list: [SourceRecord] = []
        for number in 0..<jobs {
            list += try LedgerRecords.make(
                "ended-\(number)",
                trades: 1,
                perBatch: 1,
                offset: Int64(number),
                at: LedgerRecords.start + Int64(number) * 1_000_000
            )
            guard list.count >= 1_000 || number == jobs - 1 else { continue }
            _ = try core.apply(list)
            list = []
        }
    }

    /// Serves what the manager asks an aggregator for, without a Kafka behind.
    private static func serve(_ core: AggregatorCore) throws -> HTTPServer {
        let api = JobsAPI(core: core)
        let feed = FeedAPI(core: core, liveState: { _ in LiveGridState() }, engines: { _ in [] })
        return try HTTPServer(
            host: "127.0.0.1",
            port: 0,
            logger: .silent,
            handler: firstMatch(of: [jobsRoute(api), { feed.response(to: $0) }])
        )
    }

    /// Adds a job that has just ended, so that its row is an event for all who look.
    private func addEvent(_ core: AggregatorCore) throws -> String {
        let number = events.add(1, ordering: .relaxed).newValue
        let id = "event-\(number)"
        _ = try core.apply(
            LedgerRecords.make(
                id,
                trades: 1,
                perBatch: 1,
                offset: 50_000_000 + Int64(number),
                at: WireClock.now()
            )
        )
        return id
    }

    // MARK: Lists

    private func lists(_ page: Page, _ core: AggregatorCore, _ figures: inout Figures) async throws
    {
        var cold: [Double] = []
        var bytes = 0
        for _ in 0..<20 {
            // A change each time, so that no list is at hand.
            _ = try addEvent(core)
            try await Task.sleep(for: .milliseconds(400))
            let answer = try await page.timed("/jobs?limit=100")
            cold.append(answer.milliseconds)
            bytes = answer.bytes
        }
        figures.add(
            "1",
            "first rows of the list, just after a change, median",
            Figures.percentile(cold, 0.5),
            "ms",
            atMost: 700
        )
        figures.add("1", "bytes of 100 rows", Double(bytes) / 1_000, "KB", atMost: 60)
        figures.add(
            "1",
            "bytes of the page before rows",
            Double(try await page.shellBytes()) / 1_000,
            "KB",
            atMost: 150
        )

        let isOver = ShutdownSignal()
        let changing = Task {
            while !isOver.isTriggered {
                _ = try addEvent(core)
                try await Task.sleep(for: .milliseconds(250))
            }
        }
        var times: [Double] = []
        for sort in [
            "submittedAt", "id", "state", "portfolio", "submitter", "trades", "failed",
            "tradesPerSecond", "seconds", "deadline", "endedAt", "total",
        ] {
            for direction in ["", "-"] {
                times.append(
                    try await page.timed("/jobs?limit=100&sort=\(direction)\(sort)").milliseconds
                )
            }
        }
        for filter in [
            "state=complete", "q=ended-777", "by=nobody", "q=ended%2099",
            "from=2026-01-15T15:00&state=complete", "needs=someone",
        ] {
            times.append(try await page.timed("/jobs?limit=100&\(filter)").milliseconds)
        }
        figures.add(
            "2",
            "list by any column and filter, four changes a second, p95 of \(times.count)",
            Figures.percentile(times, 0.95),
            "ms",
            atMost: 120
        )
        var pages: [Double] = []
        var cursor = ""
        for number in 0..<500 {
            let answer = try await page.timed(
                "/jobs?limit=100&sort=id\(cursor)",
                token: number % Page.users
            )
            pages.append(answer.milliseconds)
            guard let next = answer.next else { break }
            cursor = "&cursor=\(next)"
        }
        isOver.trigger()
        try await changing.value
        figures.add("2", "page \(pages.count) of the list", pages.last ?? .nan, "ms", atMost: 120)
        figures.add(
            "2",
            "pages 1 to \(pages.count), p95",
            Figures.percentile(pages, 0.95),
            "ms",
            atMost: 120
        )
    }

    // MARK: Streams

    private func watch(_ page: Page, _ core: AggregatorCore, _ figures: inout Figures) async throws
    {
        let readers = StreamReaders()
        for number in 0..<streams {
            let (status, _) = try readers.open(
                port: page.port,
                token: page.tokens[number % Page.users]
            )
            guard status.contains(" 200 ") else {
                throw TestBedError("stream \(number): \(status)")
            }
        }
        let reading = Thread { readers.read() }
        reading.start()
        let further = try readers.open(port: page.port, token: page.tokens[Page.users - 1])
        figures.check(
            "6",
            "the stream after \(streams) gets 503 with Retry-After",
            further.status.contains(" 503 ") && further.retry,
            further.status
        )
        var answered = 0
        for number in 0..<600 {
            if try await page.timed("/session", token: number % Page.users).status == 200 {
                answered += 1
            }
        }
        figures.check(
            "6",
            "600 plain requests beside them are answered",
            answered == 600,
            "\(answered)"
        )

        try await Task.sleep(for: .seconds(5))
        let idle = ProcessFacts.cpuSeconds(of: page.pid)
        try await Task.sleep(for: .seconds(20))
        figures.add(
            "3",
            "CPU with \(streams) streams and no event",
            (ProcessFacts.cpuSeconds(of: page.pid) - idle) / 20 * 100,
            "% of a core",
            atMost: 10
        )

        let before = ProcessFacts.cpuSeconds(of: page.pid)
        for _ in 0..<(4 * seconds) {
            let began = ContinuousClock.now
            readers.note(try addEvent(core), at: began)
            try await Task.sleep(for: .milliseconds(250))
        }
        let cpu = (ProcessFacts.cpuSeconds(of: page.pid) - before) / Double(seconds) * 100
        try await Task.sleep(for: .seconds(2))
        let result = readers.result
        figures.add(
            "5",
            "events of \(streams) streams that were lost, of \(4 * seconds * streams)",
            Double(result.lost),
            "events",
            atMost: 0
        )
        figures.add(
            "5",
            "delay from the ledger to a stream, p50",
            Figures.percentile(result.delays, 0.5),
            "ms"
        )
        figures.add(
            "5",
            "delay from the ledger to a stream, p99",
            Figures.percentile(result.delays, 0.99),
            "ms",
            atMost: 500
        )
        figures.add("5", "CPU with four events a second to each", cpu, "% of a core", atMost: 15)
        figures.add(
            "3",
            "resident at most, with \(jobs) jobs, \(streams) streams and a full log",
            Double(ProcessFacts.peakMegabytes(of: page.pid) ?? 0),
            "MB",
            atMost: 300
        )
        readers.stop()
        readers.closeAll()
    }

    // MARK: Uploads

    private func upload(_ page: Page, _ scratch: Scratch, _ figures: inout Figures) async throws {
        let path = scratch.path("large.csv")
        let hash = SHA256()
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        guard let file = FileHandle(forWritingAtPath: path) else { throw TestBedError("no file") }
        var left = uploadBytes
        var block = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        while left > 0 {
            block[0] &+= 1
            let part = Array(block.prefix(left))
            try file.write(contentsOf: Data(part))
            hash.update(part)
            left -= part.count
        }
        try file.close()
        let expected = hash.digest().hexadecimal
        let before = ProcessFacts.peakMegabytes(of: page.pid) ?? 0
        let start = ContinuousClock.now
        async let whole = page.upload(path, bytes: uploadBytes, cutAfter: nil)
        async let cut = page.upload(path, bytes: uploadBytes, cutAfter: .milliseconds(150))
        let hashes = try await [whole, cut]
        let took = start.duration(to: .now) / .seconds(1)
        figures.check(
            "16",
            "two uploads of \(uploadBytes / 1_000_000) MB, one cut and continued, have their SHA-256",
            hashes == [expected, expected]
        )
        figures.add("16", "both took", took, "s")
        figures.add(
            "16",
            "more resident memory at most",
            Double((ProcessFacts.peakMegabytes(of: page.pid) ?? 0) - before),
            "MB",
            atMost: 20
        )
    }
}
