import Finance
import Foundation
import GridProtocol
import Testing

/// Trades that eat memory or give no number, and pricers that are not ours.
extension PoisonTests {
    /// Below two times log2(100), which is 13.3: a pricer for each halving and one more.
    private static let restartsForOne = 9

    @Test func aTradeThatEatsMemoryOrGivesNoNumberFailsAlone() async throws {
        let grid = try Grid(.embedded)
        try await grid.startAggregator()
        let engine = try await grid.startEngine([
            "--allow-test-trades", "--pricer-memory-limit", "200",
        ])
        try await publish(
            "hungry",
            behaviours: [12: "nan", 61: "eat_memory"],
            count: 100,
            on: grid
        )
        let report = try await grid.report("hungry")
        #expect(report.summary.results == 98)
        #expect(report.summary.errors == 2)
        #expect(report.trades[12].error?.code == "not_finite")
        #expect(report.trades[61].error?.code == "pricer_out_of_memory")
        #expect(report.trades[61].error?.message.contains("200 MiB") == true)
        #expect(engine.isRunning)
        let letters = try await deadLetters(of: grid, expecting: 3).filter { $0.jobID == "hungry" }
        #expect(letters.map(\.tradeID) == ["T-61"])
        #expect(letters.first?.cause == "pricer_out_of_memory")
        #expect((letters.first?.signal ?? 0) != 0)
        let restarts = try #require(
            try await grid.metric("grid_pricer_restarts_total", of: engine)
        )
        #expect((8...Double(Self.restartsForOne)).contains(restarts))
    }

    @Test(arguments: [[0], [50], [99], [3, 97]])
    func findingKillersCostsAFewPricers(killers: [Int]) async throws {
        let grid = try Grid(.embedded)
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--allow-test-trades"])
        try await publish(
            "killers",
            behaviours: Dictionary(uniqueKeysWithValues: killers.map { ($0, "crash") }),
            count: 100,
            on: grid
        )
        let report = try await grid.report("killers")
        #expect(report.summary.results == 100 - killers.count)
        let dead = report.trades.filter { $0.error?.code == "pricer_crashed" }
        #expect(dead.map(\.tradeId) == killers.map { "T-\($0)" })
        let restarts = try #require(
            try await grid.metric("grid_pricer_restarts_total", of: engine)
        )
        #expect(restarts <= Double(Self.restartsForOne * killers.count))
        #expect(restarts >= 8)
    }

    @Test func tradesThatHangInSeveralBatchesLeaveAPricerToTheOthers() async throws {
        let grid = try Grid(.embedded)
        try await grid.startAggregator()
        try await grid.startEngine([
            "--allow-test-trades", "--pricers", "2", "--batch-base-limit", "2s",
            "--batch-trade-limit", "10ms",
        ])
        // Four batches of ten with a trade that hangs, then eight that are sound. One that hangs
        // costs five times two seconds.
        let hanging = [3, 14, 25, 36]
        try await publish(
            "crowd",
            behaviours: Dictionary(uniqueKeysWithValues: hanging.map { ($0, "hang") }),
            count: 120,
            perBatch: 10,
            on: grid
        )
        try await eventually("the sound batches are done", within: .seconds(25)) {
            try await grid.batchesDone("crowd") >= 8
        }
        // Those that hang, two seconds at a time, one after the other, take 40 s.
        #expect(try await grid.batchesDone("crowd") < 12)
        let report = try await grid.report("crowd")
        #expect(report.summary.results == 120 - hanging.count)
        let dead = report.trades.filter { $0.error?.code == "pricer_timed_out" }
        #expect(dead.map(\.tradeId) == hanging.map { "T-\($0)" })
    }

    // MARK: Pricers that are not ours

    @Test func aForeignPricersNumbersThatAreNoneEndAsErrors() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let numbers = [Double.nan, 2.5, .infinity, 2.5]
        let results = numbers.map {
            TradeResult(
                outcome: .priced([MetricValue(metric: .npv, value: $0, baseValue: $0)]),
                engine: "other"
            )
        }
        let pricer = try Self.pricer(
            answering: .priced(PricedBatch(results: results).encoded()),
            in: scratch
        )
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--pricer", pricer])
        try await publish("foreign", behaviours: [:], count: 4, on: grid)
        let report = try await grid.report("foreign")
        #expect(report.trades.map(\.status) == ["error", "ok", "error", "ok"])
        #expect(report.trades[0].error?.code == "not_finite")
        #expect(report.summary.errors == 2)
        #expect(try report.text("report.html").contains("5 EUR"))
        #expect(try !report.text("summary.json").lowercased().contains(": nan"))
        #expect(engine.isRunning)
    }

    @Test func aForeignPricerThatAnswersForOtherTradesFailsThemAndNotTheEngine() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let results = (0..<3).map { _ in TradeResult(outcome: .expired) }
        let pricer = try Self.pricer(
            answering: .priced(PricedBatch(results: results).encoded()),
            in: scratch
        )
        try await grid.startAggregator()
        let engine = try await grid.startEngine(["--pricer", pricer])
        try await publish("miscounted", behaviours: [:], count: 4, on: grid)
        let report = try await grid.report("miscounted")
        #expect(report.trades.allSatisfy { $0.error?.code == "pricer_answer_invalid" })
        #expect(report.trades.count == 4)
        #expect(engine.isRunning)
        let letters = try await deadLetters(of: grid, expecting: 4)
        #expect(letters.filter { $0.cause == "pricer_answer_invalid" }.count == 4)
    }

    // MARK: Pricers that cannot be started

    @Test(arguments: [nil, "no program of any kind", "#!/bin/sh\nexit 3\n"])
    func anEngineWithoutAPricerEndsWithOneLine(text: String?) async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let pricer = scratch.path("pricer")
        if let text { try Self.write(program: text, to: pricer) }
        let engine = try await grid.startEngine(["--pricer", pricer], isReady: false)
        #expect(try await engine.end(within: .seconds(60)) == 1)
        let said = (engine.standardError + engine.standardOutput).split(separator: "\n")
            .filter { $0.contains(pricer) && !$0.contains("setting") }
        #expect(said.count == 1, "\(engine.standardError)\(engine.standardOutput)")
    }

    @Test func aPricerThatCannotBeStartedAgainIsTriedForAWhile() async throws {
        let grid = try Grid(.embedded)
        let scratch = try Scratch()
        let switchFile = scratch.path("broken")
        let pricer = scratch.path("pricer")
        let real = GridProcess.directory.appendingPathComponent("pricer").path
        try Self.write(
            program: "#!/bin/sh\n[ -e '\(switchFile)' ] && exit 4\nexec '\(real)' \"$@\"\n",
            to: pricer
        )
        try await grid.startAggregator()
        let engine = try await grid.startEngine([
            "--pricer", pricer, "--pricer-restart-limit", "30s", "--log-level", "info",
        ])
        try Data().write(to: URL(fileURLWithPath: switchFile))
        for child in Self.children(of: engine.pid) { kill(child, SIGKILL) }
        try await publish("patient", behaviours: [:], count: 5, on: grid)
        try await eventually("the engine has tried", within: .seconds(30)) {
            (engine.standardError + engine.standardOutput).contains("trying again")
        }
        try FileManager.default.removeItem(atPath: switchFile)
        #expect(try await grid.report("patient").summary.results == 5)
        #expect(engine.isRunning)

        // For good: the engine gives up, and another prices what it had.
        try Data().write(to: URL(fileURLWithPath: switchFile))
        for child in Self.children(of: engine.pid) { kill(child, SIGKILL) }
        engine.signal(SIGTERM)
        #expect(try await engine.end(within: .seconds(60)) == 0)
        try FileManager.default.removeItem(atPath: switchFile)
        let hasty = try await grid.startEngine([
            "--pricer", pricer, "--pricer-restart-limit", "1s",
        ])
        try Data().write(to: URL(fileURLWithPath: switchFile))
        for child in Self.children(of: hasty.pid) { kill(child, SIGKILL) }
        try await publish("handed-on", behaviours: [:], count: 5, on: grid)
        #expect(try await hasty.end(within: .seconds(60)) == 1)
        try await grid.startEngine()
        let report = try await grid.report("handed-on")
        #expect(report.summary.results == 5)
        #expect(report.summary.errors == 0)
    }

    // MARK: Private

    private static func write(program text: String, to path: String) throws {
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
    }

    /// A pricer that gives each piece of work the same answer.
    static func pricer(answering reply: PricerReply.Reply, in scratch: Scratch) throws -> String {
        let hello = PricerReply.Reply.hello(
            PricerHello(pricerVersion: "test", libraryVersion: "none")
        )
        for (name, reply) in [("hello", hello), ("answer", reply)] {
            var message = PricerReply()
            message.reply = reply
            try Data(message.encodedFrame())
                .write(to: URL(fileURLWithPath: scratch.path(name)))
        }
        let program = """
            #!/usr/bin/perl
            sub frame { open(my $f, '<:raw', $_[0]) or die; local $/; return scalar <$f>; }
            sub say { my $b = frame($_[0]); my $at = 0;
                while ($at < length $b) { $at += syswrite(STDOUT, $b, length($b) - $at, $at) // die; } }
            sub take { my $b = '';
                while (length $b < $_[0]) {
                    sysread(STDIN, $b, $_[0] - length $b, length $b) or exit 0;
                }
                return $b; }
            binmode STDIN; binmode STDOUT;
            say('\(scratch.path("hello"))');
            while (1) {
                my $request = take(unpack('N', take(4)));
                say('\(scratch.path("answer"))') if ord($request) == 0x12;
            }

            """
        try write(program: program, to: scratch.path("pricer"))
        return scratch.path("pricer")
    }
}
