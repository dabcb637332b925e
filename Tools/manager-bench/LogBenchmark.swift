internal import Foundation
internal import GridAPI
internal import GridPrograms
internal import GridProtocol
internal import HTTP
internal import KafkaClient
internal import Operations
internal import TestBed

/// A flood of log lines beside pricing: what it costs, and what the page shows of it.
struct LogBenchmark {
    private static let publishers = 8
    private static let linesPerSecond = 20_000

    private struct Lines: Decodable {
        struct Gap: Decodable {
            var engine: String
            var lines: Int
        }

        var items: [LogEntry]
        var next: String?
        var gaps: [Gap]
    }

    private struct Job: Decodable {
        var state: String
        var isFinal: Bool
        var seconds: Double
        var trades: Int
    }

    private struct Receipt: Decodable { var id: String }

    private let trades: Int
    private let rounds: Int
    private let seconds: Int

    init(_ settings: ParsedCommand) {
        trades = settings.int("priced")
        rounds = settings.int("rounds")
        seconds = settings.int("seconds")
    }

    /// Runs everything and prints the figures.
    ///
    /// - Returns: whether all targets are met.
    func run() async throws -> Bool {
        let scratch = try Scratch()
        var figures = Figures(
            "\(Self.publishers) publishers, \(Self.linesPerSecond) lines/s in all, beside one engine"
        )
        let grid = try await BenchGrid(in: scratch)
        var rates: [(quiet: Double, flooded: Double)] = []
        for round in 1...rounds {
            // Each goes first in every other round.
            var pair = (quiet: 0.0, flooded: 0.0)
            for isFlooded in round % 2 == 0 ? [true, false] : [false, true] {
                if isFlooded {
                    pair.flooded = try await flooded(round, grid, scratch, &figures)
                } else {
                    pair.quiet = try await rate(2 * round, grid)
                }
            }
            rates.append(pair)
        }
        let ratio = Figures.percentile(rates.map { $0.flooded / $0.quiet }, 0.5)
        figures.add(
            "21",
            "pricing rate without the flood, median of \(rounds)",
            Figures.percentile(rates.map(\.quiet), 0.5),
            "trades/s"
        )
        figures.add("21", "that with it, of the rate without", ratio * 100, "%", atLeast: 98)
        try await grid.end()
        return figures.isMet
    }

    /// Writes lines as an engine would, for a time; prints how many.
    static func flood(_ settings: ParsedCommand) async throws {
        guard let brokers = settings.optionalString("brokers") else {
            throw TestBedError("a flood needs --brokers")
        }
        let engine = "flood-\(ProcessInfo.processInfo.processIdentifier)"
        guard
            let publisher = LogPublisher(
                configuration: KafkaConfiguration(bootstrapServers: brokers),
                topic: Topics().logs,
                engine: engine,
                level: "info"
            )
        else { throw TestBedError("there is no such level") }
        let logger = publisher.publishing(Logger(label: "valengine", descriptor: nil))
        let running = Task { try await publisher.run() }
        let start = ContinuousClock.now
        var count = 0
        func say() {
            logger.info(
                "priced a batch",
                [.jobID: "eod-\(count % 7)", .batchIndex: "\(count)", .engineID: engine]
            )
            count += 1
        }
        let perSecond = linesPerSecond / publishers
        while start.duration(to: .now) < .seconds(settings.int("seconds")) {
            let due = Int(start.duration(to: .now) / .seconds(1) * Double(perSecond))
            while count < due { say() }
            try await Task.sleep(for: .milliseconds(10))
        }
        // One more when there is room: what was dropped last shows by it.
        try await Task.sleep(for: .seconds(2))
        say()
        await publisher.shutdown()
        try await running.value
        print("\(engine) \(count)")
    }

    // MARK: Private

    private func flooded(
        _ round: Int,
        _ grid: BenchGrid,
        _ scratch: Scratch,
        _ figures: inout Figures
    ) async throws -> Double {
        let floods = try (0..<Self.publishers).map { _ in
            try RunningProcess(
                "manager-bench",
                ["flood", "--brokers", grid.brokers, "--seconds", "\(seconds)"],
                in: scratch.url
            )
        }
        try await eventually("the flood has come", within: .seconds(60)) {
            try await lines("engine=flood-\(floods[0].pid)", grid).items.isEmpty == false
        }
        let rate = try await rate(2 * round + 1, grid)
        let newest = try await lines("limit=1", grid).items.last?.at ?? ""
        let isStillFlooded = floods[0].isRunning
        let age = Date().timeIntervalSince(Self.date(newest) ?? .distantPast)
        var (offered, shown, lost) = (0, 0, 0)
        var isRight = true
        for flood in floods {
            let code = try await flood.end(within: .seconds(seconds + 60))
            let words = flood.standardOutput.split(whereSeparator: \.isWhitespace)
            guard code == 0, words.count == 2, let count = Int(words[1]) else {
                throw TestBedError("a flood ended with \(code): \(flood.lastWords)")
            }
            let engine = String(words[0])
            let query = "engine=\(engine)&limit=500"
            try await eventually("the last line is there", within: .seconds(30)) {
                try await lines(query, grid).items.last?.sequence == count
            }
            var page = try await lines(query, grid)
            let gaps = page.gaps.first { $0.engine == engine }?.lines ?? 0
            var own = page.items.count
            while let next = page.next {
                page = try await lines("\(query)&cursor=\(next)", grid)
                own += page.items.count
            }
            if own + gaps != count { isRight = false }
            (offered, shown, lost) = (offered + count, shown + own, lost + gaps)
        }
        guard round == rounds else { return rate }
        figures.add("21", "age of the newest line on the page in the flood", age, "s", atMost: 3)
        figures.check(
            "21",
            "lines shown and lines missed are those that were written",
            isRight && offered == shown + lost,
            "\(shown) + \(lost) of \(offered)"
        )
        figures.check("21", "the flood lasted longer than the pricing", isStillFlooded)
        return rate
    }

    private static func date(_ text: String) -> Date? {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        // Thousandths are all that it reads.
        let parts = text.split(separator: ".")
        guard parts.count == 2 else { return formatter.date(from: text) }
        return formatter.date(from: "\(parts[0]).\(parts[1].prefix(3))Z")
    }

    private func lines(_ query: String, _ grid: BenchGrid) async throws -> Lines {
        let answer = try await grid.page.answer("GET", "/logs?\(query)")
        return try APIJSON.decoded(from: answer.body)
    }

    /// Trades per second of a job that is made up.
    private func rate(_ seed: Int, _ grid: BenchGrid) async throws -> Double {
        let answer = try await grid.page.answer(
            "POST",
            "/jobs",
            "{\"portfolio\": {\"generate\": {\"trades\": \(trades), \"seed\": \(seed)}}, "
                + "\"market\": [\"example:market.json\"], \"metrics\": [\"NPV\"]}"
        )
        guard answer.status == 202 else { throw TestBedError("a job is refused: \(answer.text)") }
        let id = try APIJSON.decoded(Receipt.self, from: answer.body).id
        var job: Job?
        try await eventually("job \(id) ends", within: .seconds(600), every: .milliseconds(500)) {
            let answer = try await grid.page.answer("GET", "/jobs/\(id)")
            job = try? APIJSON.decoded(from: answer.body)
            return job?.isFinal == true
        }
        guard let job, job.trades == trades, job.seconds > 0 else {
            throw TestBedError("job \(id) did not end well")
        }
        return Double(trades) / job.seconds
    }
}
