import Foundation
import HTTP
import TestBed
import Testing

/// The page while what it needs is killed, stands still and comes back.
@Suite(.serialized, .timeLimit(.minutes(5))) struct PageFaultTests {
    private func order(_ id: String, trades: Int) -> String {
        """
        {"id":"\(id)","portfolio":{"generate":{"trades":\(trades)}},
         "market":["example:market.json"],"metrics":["NPV","IRDelta"]}
        """
    }

    @Test func whileTheAggregatorIsAwayThePageSaysSoAndIsRightThreeSecondsAfter() async throws {
        let grid = try await PageGrid()
        let queued = try await grid.call("POST", "/jobs", body: order("j", trades: 4_000))
        #expect(queued.status == 202, "\(queued.text)")
        try await eventually("the page shows that the job runs", within: .seconds(30)) {
            try await grid.json("/jobs/j")["done"] as? Int ?? 0 > 0
        }
        try await #require(grid.aggregator).destroy()
        func reach() async throws -> [String: Any] {
            try #require(await grid.json("/grid")["aggregator"] as? [String: Any])
        }
        try await eventually("the page says that it is away", within: .seconds(5)) {
            try await reach()["reachable"] as? Bool == false
        }
        let since = try #require(try await reach()["since"] as? String)
        #expect(try await reach()["reason"] as? String != nil)
        // Long enough that the page asks as seldom as it ever does.
        let until = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < until {
            let list = try await grid.json("/jobs")
            #expect((list["items"] as? [[String: Any]])?.first?["id"] as? String == "j")
            #expect(list["isExact"] as? Bool == false)
            #expect(try await grid.json("/jobs/j")["id"] as? String == "j")
            let trades = try await grid.call("GET", "/jobs/j/trades")
            #expect(trades.status == 503)
            #expect(trades.text.contains("aggregator_away"))
            #expect(trades.headers["retry-after"] != nil)
            #expect(try await reach()["since"] as? String == since)
            try await Task.sleep(for: .milliseconds(500))
        }
        try await grid.startAggregator()
        let back = ContinuousClock.now
        try await eventually("it is right again", within: .seconds(3), every: .milliseconds(20)) {
            let list = try await grid.json("/jobs")
            return try await reach()["reachable"] as? Bool == true
                && list["isExact"] as? Bool == true
        }
        print("the page was right \(back.duration(to: .now)) after the aggregator")
        let job = try await grid.ended("j")
        #expect(job["state"] as? String != "expired")
        #expect(job["done"] as? Int == 4_000)
    }

    @Test func aKilledManagerForgetsNoSessionAndSubmitsNothingTwice() async throws {
        let grid = try await PageGrid()
        let key = ["Idempotency-Key": "once"]
        let first = try await grid.call("POST", "/jobs", key, body: order("j", trades: 500))
        #expect(first.status == 202, "\(first.text)")
        // One more is being submitted when the manager is killed.
        let cut = order("cut", trades: 10_000)
        async let broken = try? grid.call("POST", "/jobs", ["Idempotency-Key": "cut"], body: cut)
        _ = try await grid.call("POST", "/jobs", body: order("other", trades: 100))
        try await #require(grid.manager).destroy()
        _ = await broken
        try await grid.startManager()
        #expect(try await grid.call("GET", "/session").status == 200, "the session holds")

        let again = try await grid.call("POST", "/jobs", key, body: order("j", trades: 500))
        #expect(again.status == 202, "\(again.text)")
        #expect(again.text.contains("\"isReplay\" : true"))
        let rest = try await grid.call("POST", "/jobs", body: cut)
        #expect(rest.status == 202, "\(rest.text)")
        for (job, trades) in [("j", 500), ("cut", 10_000), ("other", 100)] {
            let ended = try await grid.ended(job, within: .seconds(120))
            #expect(ended["trades"] as? Int == trades)
            #expect(ended["done"] as? Int == trades, "\(job)")
        }
        #expect(try await grid.json("/jobs")["total"] as? Int == 3)
        let counts = try await grid.batchCounts("j")
        #expect(counts.values.allSatisfy { $0 == 1 }, "\(counts)")
        #expect(counts.count == 5)
        let doubled = try await grid.batchCounts("cut").values.count { $0 > 1 }
        print("of the job that was cut \(doubled) batches were sent twice")
        #expect(doubled == 0)
        let proof = try await grid.json("/jobs/cut/proof")
        #expect(proof["duplicates"] as? Int == 0)
        #expect(proof["matches"] as? Bool == true)
        try await eventually("the aggregator's lines are shown", within: .seconds(20)) {
            let lines = try await grid.json("/logs")["items"] as? [[String: Any]] ?? []
            return lines.contains { $0["program"] as? String == "aggregator" }
        }
        // The chain of the manager that was killed goes on.
        let check = try RunningProcess(
            "compute-manager",
            grid.kafkaOptions + ["--verify-audit"],
            in: grid.directory
        )
        #expect(try await check.end(within: .seconds(30)) == 0, "\(check.standardOutput)")
        #expect(check.standardOutput.contains(" of 1 writer, each follows the one before it"))
    }

    @Test func whileKafkaStandsStillReadingWorksAndTheSameKeySucceedsOnceAfter() async throws {
        let grid = try await PageGrid()
        try await disturb(grid) {
            try #require(grid.broker).signal(SIGSTOP)
        } end: {
            try #require(grid.broker).signal(SIGCONT)
        }
    }

    @Test(
        .tags(.broker),
        .enabled(if: BrokerKind.available.contains(.kafka), "KAFKA_HOME is not set")
    )
    func whileKafkaIsAwayReadingWorksAndTheSameKeySucceedsOnceAfter() async throws {
        let kafka = try await TrialBrokers([])
        let grid = try await PageGrid(brokers: try kafka.value("BOOTSTRAP"))
        try await disturb(grid) {
            try await kafka.kill(1)
        } end: {
            try await kafka.start(1)
        }
        try await kafka.stop()
    }

    private func disturb(
        _ grid: PageGrid,
        begin: () async throws -> Void,
        end: () async throws -> Void
    ) async throws {
        let before = try await grid.call("POST", "/jobs", body: order("before", trades: 200))
        #expect(before.status == 202, "\(before.text)")
        _ = try await grid.ended("before")
        try await begin()
        let key = ["Idempotency-Key": "k"]
        let body = order("late", trades: 200)
        for _ in 0..<2 {
            let begun = ContinuousClock.now
            let refused = try await grid.call("POST", "/jobs", key, body: body)
            let took = begun.duration(to: .now)
            #expect(refused.status == 503, "\(refused.text)")
            #expect(refused.text.contains("broker_away"), "\(refused.text)")
            #expect(refused.headers["retry-after"] != nil)
            print("a submission was refused after \(took)")
            #expect(took < .seconds(15))
        }
        // Reading needs no Kafka.
        let begun = ContinuousClock.now
        #expect(try await grid.json("/jobs")["total"] as? Int == 1)
        #expect(try await grid.json("/jobs/before")["done"] as? Int == 200)
        #expect(try await grid.call("GET", "/jobs/before/trades").status == 200)
        #expect(try await grid.call("GET", "/session").status == 200)
        #expect(try await grid.call("GET", "/audit").status == 200)
        #expect(begun.duration(to: .now) < .seconds(5))
        try await end()
        var answers: [String] = []
        try await eventually("the same key succeeds", within: .seconds(60)) {
            let answer = try await grid.call("POST", "/jobs", key, body: body)
            answers.append("\(answer.status)")
            return answer.status == 202
        }
        let again = try await grid.call("POST", "/jobs", key, body: body)
        #expect(again.status == 202)
        #expect(again.text.contains("\"isReplay\" : true"))
        let job = try await grid.ended("late", within: .seconds(120))
        #expect(job["done"] as? Int == 200)
        #expect(try await grid.json("/jobs")["total"] as? Int == 2)
        #expect(try await grid.batchCounts("late").values.allSatisfy { $0 == 1 })
    }
}
