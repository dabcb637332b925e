import Foundation
import GridProtocol
import Operations
import Testing

@testable import AggregatorAPI
@testable import HTTP
@testable import Ledger

@Suite struct EngineRosterTests {
    private static let start: Int64 = 1_768_487_459_000_000
    private static let second: Int64 = 1_000_000

    private func heartbeat(
        _ id: String = "engine-0",
        startedAt: Int64 = EngineRosterTests.start,
        draining: Bool = false,
        stopped: Bool = false
    ) -> Heartbeat {
        Heartbeat(
            engineID: id,
            host: "host-\(id)",
            startedAt: startedAt,
            at: Self.start,
            version: "0.1.0",
            pricers: 4,
            busyPricers: 2,
            partitions: [0, 5],
            draining: draining,
            stopped: stopped,
            intervalMillis: 2_000,
            work: [EngineWork(jobID: "eod-1", batchIndex: 17, since: Self.start - 40 * Self.second)]
        )
    }

    private func state(_ roster: EngineRoster, after seconds: Double) -> EngineState? {
        let engines = roster.engines(at: Self.start + Int64(seconds * 1e6))
        return engines.first?.state
    }

    /// What an engine said last, and what it counts as some seconds later.
    struct Heard: Sendable {
        var draining = false
        var stopped = false
        var seconds: Double
        var state: EngineState
    }

    static let heard: [Heard] = [
        Heard(seconds: 0, state: .live), Heard(seconds: 6, state: .live),
        Heard(seconds: 6.1, state: .silent), Heard(seconds: 86_000, state: .silent),
        Heard(draining: true, seconds: 1, state: .draining),
        Heard(draining: true, seconds: 7, state: .silent),
        Heard(draining: true, stopped: true, seconds: 1, state: .stopped),
        Heard(stopped: true, seconds: 3_000, state: .stopped),
    ]

    @Test(arguments: heard)
    func saysWhetherAnEngineLives(heard: Heard) {
        var roster = EngineRoster()
        roster.apply(
            heartbeat(draining: heard.draining, stopped: heard.stopped),
            seenAt: Self.start
        )
        #expect(state(roster, after: heard.seconds) == heard.state)
    }

    @Test func aSilentEngineThatIsHeardAgainLives() {
        var roster = EngineRoster()
        roster.apply(heartbeat(), seenAt: Self.start)
        #expect(state(roster, after: 30) == .silent)
        roster.apply(heartbeat(), seenAt: Self.start + 30 * Self.second)
        #expect(state(roster, after: 31) == .live)
        #expect(roster.engines(at: Self.start + 31 * Self.second)[0].secondsSinceHeartbeat == 1)
    }

    @Test func forgetsStoppedEnginesInAnHourAndSilentOnesInADay() {
        var roster = EngineRoster()
        roster.apply(heartbeat("stopped", stopped: true), seenAt: Self.start)
        roster.apply(heartbeat("silent"), seenAt: Self.start)
        func ids(_ hours: Int64) -> [String] {
            roster.engines(at: Self.start + hours * 3_600 * Self.second).map(\.id)
        }
        #expect(ids(1) == ["silent", "stopped"])
        #expect(ids(2) == ["silent"])
        #expect(ids(25) == [])
        roster.forget(at: Self.start + 2 * 3_600 * Self.second)
        #expect(ids(0) == ["silent"])
    }

    @Test func anEarlierStartDoesNotHideTheOneThatLives() {
        var roster = EngineRoster()
        let later = Self.start + 60 * Self.second
        roster.apply(heartbeat(startedAt: later), seenAt: later)
        let isTaken = roster.apply(heartbeat(stopped: true), seenAt: later + Self.second)
        #expect(!isTaken)
        #expect(roster.engines(at: later + Self.second)[0].state == .live)
        // A host's clock may go back: one that is silent is replaced by whatever speaks.
        roster.apply(heartbeat(), seenAt: later + 60 * Self.second)
        #expect(roster.engines(at: later + 60 * Self.second)[0].state == .live)
    }

    @Test func isBoundedAndKeepsThoseThatLive() {
        var limits = EngineRoster.Limits()
        limits.engines = 3
        var roster = EngineRoster(limits: limits)
        roster.apply(heartbeat("a", stopped: true), seenAt: Self.start + 9)
        for (offset, id) in ["b", "c", "d", "e"].enumerated() {
            roster.apply(heartbeat(id), seenAt: Self.start + Int64(offset))
        }
        #expect(roster.engines(at: Self.start + 10).map(\.id) == ["c", "d", "e"])
    }

    @Test func whatIsNoHeartbeatChangesNothing() {
        var roster = EngineRoster()
        let large = Heartbeat(engineID: "a", host: String(repeating: "x", count: 20_000))
        for value in [nil, [0xFF, 0xFF], [], large.encoded()] {
            let isTaken = roster.apply(value, seenAt: Self.start)
            #expect(!isTaken)
        }
        #expect(roster.engines(at: Self.start).isEmpty)
        let isTaken = roster.apply(heartbeat().encoded(), seenAt: Self.start)
        #expect(isTaken)
        #expect(roster.engines(at: Self.start).map(\.id) == ["engine-0"])
    }

    @Test func enginesAreServedAsJSON() throws {
        var roster = EngineRoster()
        roster.apply(heartbeat("a\"b"), seenAt: Self.start)
        let engines = roster
        let api = EnginesAPI { engines.engines(at: $0) }
        let time = Self.start + 10 * Self.second
        #expect(api.response(to: HTTPRequest(path: "/jobs"), at: time) == nil)
        let post = HTTPRequest(method: "POST", path: "/engines")
        #expect(api.response(to: post, at: time)?.status == 405)
        let answer = try #require(api.response(to: HTTPRequest(path: "/engines"), at: time))
        guard case .bytes(let bytes) = answer.body else { throw TestFailure() }
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(bytes)) as? [[String: Any]]
        )
        #expect(list.count == 1)
        #expect(list[0]["engine"] as? String == "a\"b")
        #expect(list[0]["state"] as? String == "silent")
        #expect(list[0]["secondsSinceHeartbeat"] as? Double == 10)
        #expect(list[0]["partitions"] as? [Int] == [0, 5])
        let work = try #require(list[0]["work"] as? [[String: Any]])
        #expect(work[0]["job"] as? String == "eod-1")
        #expect(work[0]["batch"] as? Int == 17)
        #expect(work[0]["seconds"] as? Double == 50)
    }

    @Test func gaugesCountEnginesAndBacklog() throws {
        var roster = EngineRoster()
        roster.apply(heartbeat("a"), seenAt: Self.start)
        roster.apply(heartbeat("b", stopped: true), seenAt: Self.start)
        let engines = roster
        var ledger = Ledger()
        let job = try TestJob(trades: 25, perBatch: 10)
        ledger.apply(job: job.record, of: job.id, at: TestJob.start)
        _ = ledger.apply(
            result: ResultFacts(job: job.id, index: 0, priced: 10, joinedAt: TestJob.start + 5)
        )
        let backlog = ledger.backlog
        let registry = MetricsRegistry()
        GridGauges(
            engines: { engines.engines(at: $0) },
            backlog: { backlog },
            isCaughtUp: { true }
        ).register(in: registry) { Self.start + 2 * Self.second }
        let lines = registry.prometheusText().split(separator: "\n").map(String.init)
        for line in [
            "grid_engines{state=\"live\"} 1", "grid_engines{state=\"stopped\"} 1",
            "grid_engines{state=\"silent\"} 0", "grid_jobs{state=\"running\"} 1",
            "grid_jobs{state=\"complete_with_errors\"} 0", "grid_batches_waiting 2",
            "grid_trades_waiting 15", "grid_ledger_caught_up 1",
        ] {
            #expect(lines.contains(line), "\(line)")
        }
        #expect(lines.contains { $0.hasPrefix("grid_oldest_job_age_seconds 1.99") })
        #expect(lines.contains { $0.hasPrefix("grid_job_silent_seconds 1.99") })
    }
}
