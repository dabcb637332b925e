import Foundation
import GridProtocol
import GridTopics
import KafkaClient
import TestBed
import Testing

/// Cancel, priorities, pause and resume, with processes of their own.
@Suite(.serialized, .timeLimit(.minutes(5))) struct JobControlTests {
    /// A grid with an aggregator, and files for jobs of quick and slow batches.
    struct Bench {
        let grid: Grid
        let market: String
        let few: String
        let many: String
        /// While it exists, the third batch of an engine of ``startHolding()`` is not priced.
        let hold: String
        private let script: String

        init(_ broker: BrokerKind) async throws {
            grid = try Grid(broker)
            let scratch = try #require(grid.scratch)
            market = try scratch.write(TestMarket.json(date: "2026-01-15"), to: "market.json")
            few = try scratch.write(TestMarket.options(10), to: "few.json")
            many = try scratch.write(TestMarket.options(120), to: "many.json")
            hold = try scratch.write("", to: "hold")
            script = try scratch.write(
                "all after 50ms\nwork 3 hang while \(hold)",
                to: "script"
            )
            try await grid.startAggregator()
        }

        /// An engine that prices two batches and stops at the next until ``release()``.
        @discardableResult
        func startHolding() async throws -> RunningProcess {
            try await grid.startEngine([
                "--allow-test-trades", "--pricer-script", script, "--batch-base-limit", "200s",
            ])
        }

        /// Lets pricers go on.
        func release() throws {
            try FileManager.default.removeItem(atPath: hold)
        }

        /// Ten trades that take a pricer some milliseconds.
        func submitQuick(_ job: String, _ more: [String] = []) async throws {
            let submitted = try await grid.submit(
                few,
                market: market,
                metrics: "NPV",
                job: job,
                more: more
            )
            #expect(submitted.code == 0, "\(submitted.errors)")
        }

        /// 24 batches of five trades.
        func submitSlow(_ job: String) async throws {
            let submitted = try await grid.submit(
                many,
                market: market,
                metrics: "NPV",
                job: job,
                more: ["--batch-size", "5"]
            )
            #expect(submitted.code == 0, "\(submitted.errors)")
        }

        func control(_ verb: String, _ job: String) async throws -> (code: Int32, errors: String) {
            let more = verb == "cancel" ? [] : grid.aggregatorOptions
            let done = try await grid.eodservice([verb, job] + grid.kafkaOptions + more)
            return (done.code, done.errors)
        }

        func state(_ job: String) async throws -> String? {
            try await grid.status(job)?["state"] as? String
        }

        func waitFor(_ state: String, _ job: String) async throws {
            try await eventually("\(job) is \(state)", within: .seconds(60)) {
                try await self.state(job) == state
            }
        }

        /// Every batch once among the results, where there are transactions to see to it.
        func expectEachBatchOnce(_ job: String, _ batches: Int) async throws {
            guard grid.isTransactional else { return }
            let counts = try await grid.resultCounts(job)
            #expect(counts.count == batches)
            #expect(counts.values.allSatisfy { $0 == 1 }, "\(counts)")
        }
    }

    @Test(arguments: BrokerKind.real)
    func aCancelledJobIsStoppedInMidBatchAndItsEngineIsFree(broker: BrokerKind) async throws {
        let bench = try await Bench(broker)
        let engine = try await bench.grid.startEngine(["--batch-base-limit", "200s"])
        try await bench.submitQuick("warm-up")
        _ = try await bench.grid.report("warm-up")
        // A pricer that stands still makes the slowest of batches.
        for child in engine.children { kill(child, SIGSTOP) }
        try await bench.submitQuick("given-up")
        try await eventually("the batch is at the pricer", within: .seconds(30)) {
            try await bench.grid.busyPricers() == 1
        }
        try await bench.submitQuick("next")
        let start = ContinuousClock.now
        #expect(try await bench.control("cancel", "given-up").code == 0)
        let cancelled = ContinuousClock.now
        try await bench.waitFor("complete", "next")
        print(
            "\(broker): cancel took \(start.duration(to: cancelled)), the next job was complete "
                + "\(cancelled.duration(to: .now)) later"
        )
        // A second or so; the pricer would have had 200.
        #expect(cancelled.duration(to: .now) < .seconds(15))
        #expect(engine.isRunning)
        #expect(try await bench.state("given-up") == "cancelled")
        #expect(try await bench.grid.metric("grid_batches_skipped_total", of: engine) == 1)
        try await bench.expectEachBatchOnce("given-up", 0)
        #expect(try await bench.grid.letters(["--job", "given-up"]).isEmpty)
        let again = try await bench.grid.eodservice(
            ["report", "given-up", "--output", bench.grid.directory.path + "/gone"]
                + bench.grid.aggregatorOptions
        )
        #expect(again.code == 4)
        let report = try Report(bench.grid.directory.appendingPathComponent("gone"))
        #expect(report.summary.missing == 10)
        // Nothing of the cancelled job is left for the engine that comes next.
        engine.signal(SIGTERM)
        #expect(try await engine.end(within: .seconds(60)) == 0)
    }

    @Test(arguments: BrokerKind.real)
    func anIntradayJobOvertakesARunningEODJob(broker: BrokerKind) async throws {
        let bench = try await Bench(broker)
        try await bench.startHolding()
        try await bench.submitSlow("eod")
        try await eventually("two batches are done", within: .seconds(60)) {
            try await bench.grid.batchesDone("eod") >= 2
        }
        try await bench.submitQuick("now", ["--priority", "intraday"])
        try await eventually("the aggregator knows the job", within: .seconds(30)) {
            try await bench.grid.status("now") != nil
        }
        try bench.release()
        let urgent = try await bench.grid.report("now")
        #expect(try await bench.grid.status("now")?["priority"] as? String == "intraday")
        #expect(try await bench.grid.status("eod")?["priority"] as? String == "eod")
        let overtaken = try await bench.grid.report("eod")
        #expect(urgent.summary.state == "complete")
        #expect(overtaken.summary.state == "complete")
        let mine = try #require(urgent.trades.first?.stages)
        let batches = Dictionary(
            overtaken.trades.compactMap { trade in trade.batch.map { ($0, trade.stages) } }
        ) { first, _ in first }
        // One batch is at the pricer when the job comes, and it may end while the job is on its way.
        let between = batches.values.compactMap { $0 }
            .filter { $0.taken > mine.queued && $0.taken < mine.taken }
        #expect(between.count <= 2)
        #expect(batches.values.contains { ($0?.taken ?? "") > mine.priced })
        // The same id with another priority is another job, and is refused.
        let refused = try await bench.grid.submit(
            bench.few,
            market: bench.market,
            metrics: "NPV",
            job: "now"
        )
        #expect(refused.code == 2)
        #expect(refused.errors.contains("priority intraday"), "\(refused.errors)")
        try await bench.expectEachBatchOnce("now", 1)
        try await bench.expectEachBatchOnce("eod", 24)
    }

    @Test(arguments: BrokerKind.real)
    func aPausedJobStandsStillWhileOthersGoOn(broker: BrokerKind) async throws {
        let bench = try await Bench(broker)
        let engine = try await bench.startHolding()
        try await bench.submitSlow("held")
        try await eventually("two batches are done", within: .seconds(60)) {
            try await bench.grid.batchesDone("held") >= 2
        }
        let paused = try await bench.control("pause", "held")
        #expect(paused.code == 0, "\(paused.errors)")
        try await bench.waitFor("paused", "held")
        try bench.release()
        // A job that comes later is priced, so the engine has seen the pause and goes on.
        try await bench.submitQuick("passes")
        try await bench.waitFor("complete", "passes")
        let done = try await bench.grid.batchesDone("held")
        #expect(done < 24)
        try await bench.submitQuick("passes-too")
        try await bench.waitFor("complete", "passes-too")
        #expect(try await bench.grid.batchesDone("held") == done)
        #expect(try await bench.state("held") == "paused")
        #expect(try await bench.grid.metric("grid_batches_parked_total", of: engine) ?? 0 > 0)
        let again = try await bench.control("pause", "held")
        #expect(again.code == 0 && again.errors.contains("paused already"), "\(again.errors)")

        #expect(try await bench.control("resume", "held").code == 0)
        let report = try await bench.grid.report("held")
        #expect(report.summary.state == "complete")
        #expect(report.summary.results == 120)
        #expect(report.trades.map(\.tradeId) == (0..<120).map { "OPT-\($0)" })
        try await bench.expectEachBatchOnce("held", 24)
        let ended = try await bench.control("pause", "held")
        #expect(ended.code == 2 && ended.errors.contains("has ended"), "\(ended.errors)")
    }

    @Test(arguments: BrokerKind.real)
    func aResumedJobPassesOneThatIsStillPaused(broker: BrokerKind) async throws {
        let bench = try await Bench(broker)
        try await bench.submitSlow("stays")
        try await bench.submitSlow("goes-on")
        let both = try await bench.grid.eodservice(
            ["pause", "stays", "goes-on"] + bench.grid.kafkaOptions + bench.grid.aggregatorOptions
        )
        #expect(both.code == 0, "\(both.errors)")
        #expect(both.errors.contains("paused stays") && both.errors.contains("paused goes-on"))
        // An engine that starts later knows of the pauses before it takes a batch.
        let engine = try await bench.grid.startEngine()
        try await bench.submitQuick("other")
        try await bench.waitFor("complete", "other")
        #expect(try await bench.grid.batchesDone("stays") == 0)
        #expect(try await bench.grid.batchesDone("goes-on") == 0)
        #expect(try await bench.control("resume", "goes-on").code == 0)
        try await bench.waitFor("complete", "goes-on")
        #expect(try await bench.grid.batchesDone("stays") == 0)
        #expect(try await bench.state("stays") == "paused")
        try await bench.expectEachBatchOnce("goes-on", 24)

        #expect(try await bench.control("cancel", "stays").code == 0)
        try await bench.waitFor("cancelled", "stays")
        for verb in ["pause", "resume"] {
            let refused = try await bench.control(verb, "stays")
            #expect(refused.code == 2, "\(refused.errors)")
            let unknown = try await bench.control(verb, "nobody")
            #expect(unknown.code == 2 && unknown.errors.contains("there is no job nobody"))
        }
        let idle = try await bench.control("resume", "other")
        #expect(idle.code == 2 && idle.errors.contains("has ended"), "\(idle.errors)")
        // What waits in the lane does not hold up an engine that is told to stop.
        engine.signal(SIGTERM)
        #expect(try await engine.end(within: .seconds(30)) == 0)
        try await bench.expectEachBatchOnce("stays", 0)
    }

    @Test(arguments: BrokerKind.real)
    func aPausedJobSurvivesTheEngineThatParkedIt(broker: BrokerKind) async throws {
        let bench = try await Bench(broker)
        let victim = try await bench.startHolding()
        let other = try await bench.startHolding()
        try await bench.submitSlow("held")
        try await eventually("two batches are done", within: .seconds(60)) {
            try await bench.grid.batchesDone("held") >= 2
        }
        #expect(try await bench.control("pause", "held").code == 0)
        victim.signal(SIGKILL)
        try await bench.waitFor("paused", "held")
        try bench.release()
        try await bench.submitQuick("passes")
        try await bench.waitFor("complete", "passes")
        #expect(try await bench.grid.batchesDone("held") < 24)
        other.signal(SIGKILL)
        #expect(try await bench.control("resume", "held").code == 0)
        try await bench.grid.startEngine()
        let report = try await bench.grid.report("held")
        #expect(report.summary.state == "complete")
        #expect(report.summary.results == 120)
        try await bench.expectEachBatchOnce("held", 24)
    }

}

extension Grid {
    /// How many pricers the newest heartbeat says are at work.
    func busyPricers() async throws -> UInt32? {
        let reader = try KafkaReader(
            configuration: KafkaConfiguration(bootstrapServers: brokers, clientID: "test"),
            start: [TopicPartition(topic: prefix + "engines", partition: 0): .beginning]
        )
        var busy: UInt32?
        for _ in 0..<50 where !reader.isAtEnd {
            for record in try await reader.nextBatch(maximum: 1_000, within: .milliseconds(200)) {
                busy = try Heartbeat.decode(record.value ?? []).busyPricers
            }
        }
        await reader.close()
        return busy
    }
}
