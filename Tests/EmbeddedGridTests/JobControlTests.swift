import Foundation

import GridEngine
import GridProtocol
import Ledger
import GridSubmission
import GridTopics
import KafkaClient
import TestBed
import Testing

/// Cancel, priorities, pause and resume, with an engine and an aggregator in this process.
@Suite(.timeLimit(.minutes(2))) struct EmbeddedJobControlTests {
    private let busy = "grid_pricers{state=\"busy\"}"

    private func id(_ job: String) throws -> JobID { try #require(JobID(rawValue: job)) }

    @Test func aCancelledJobIsStoppedInMidBatchAndItsEngineIsFree() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let few = try samples.options(10)
            try await grid.startAggregator()
            // The second piece of work of a pricer never ends by itself.
            let engine = try await grid.startEngine(script: "work 2 hang") {
                $0.limits.base = .seconds(200)
            }
            try await grid.submit(few, market: samples.market, job: "warm-up")
            try await grid.awaitPhase(.complete, of: "warm-up")
            try await grid.submit(few, market: samples.market, job: "given-up")
            try await eventually("the batch is at the pricer", within: .seconds(30)) {
                engine.metric(busy) == 1
            }
            try await grid.submit(few, market: samples.market, job: "next")
            try await grid.control { try await $0.cancel(id("given-up")) }
            try await grid.awaitPhase(.complete, of: "next")
            #expect(try grid.progress(of: "given-up")?.phase == .cancelled)
            #expect(engine.metric("grid_batches_skipped_total") == 1)
            #expect(try await grid.deadLetters(of: "given-up").isEmpty)
            #expect(try await grid.report("given-up").summary.missing == 10)
            // Nothing of the cancelled job is left for the engine that comes next.
            try await engine.stop()
        }
    }

    @Test func anIntradayJobOvertakesARunningEODJob() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            try await grid.startEngine(script: "work 3 hang while \(samples.hold)")
            try await grid.submit(
                try samples.options(60),
                market: samples.market,
                job: "eod",
                batchSize: 5
            )
            try await eventually("two batches are joined", within: .seconds(30)) {
                try grid.batchesJoined("eod") == 2
            }
            try await grid.submit(
                try samples.options(10),
                market: samples.market,
                job: "now",
                priority: .intraday
            )
            try await eventually("the aggregator knows the job", within: .seconds(30)) {
                try grid.progress(of: "now") != nil
            }
            try samples.release()
            let urgent = try await grid.report("now")
            let overtaken = try await grid.report("eod")
            #expect(urgent.summary.state == "complete")
            #expect(overtaken.summary.state == "complete")
            #expect(try grid.progress(of: "now")?.priority == .intraday)
            let mine = try #require(urgent.trades.first?.stages)
            let batches = Dictionary(
                overtaken.trades.compactMap { trade in trade.batch.map { ($0, trade.stages) } }
            ) { first, _ in first }
            let taken = batches.values.compactMap { $0?.taken }
            // The one that was at the pricer, and at most one that the engine had in its hand.
            #expect(taken.count { $0 > mine.queued && $0 < mine.taken } <= 1, "\(taken) \(mine)")
            #expect(taken.contains { $0 > mine.priced })
            do {
                try await grid.submit(
                    try samples.options(10),
                    market: samples.market,
                    job: "now"
                )
                Issue.record("the same id with another priority was taken")
            } catch let error as SubmissionError {
                #expect(error.reason.contains("priority intraday"), "\(error.reason)")
            }
        }
    }

    @Test func aPausedJobStandsStillWhileOthersGoOn() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            let few = try samples.options(10)
            try await grid.startAggregator()
            let engine = try await grid.startEngine(
                script: "all after 50ms\nwork 3 hang while \(samples.hold)"
            )
            try await grid.submit(
                try samples.options(60),
                market: samples.market,
                job: "held",
                batchSize: 5
            )
            try await eventually("two batches are joined", within: .seconds(30)) {
                try grid.batchesJoined("held") == 2
            }
            #expect(try await grid.control { try await $0.pause(id("held")) })
            try await grid.awaitPhase(.paused, of: "held")
            try samples.release()
            // Jobs that come later are priced, so the engine has seen the pause and goes on.
            try await grid.submit(few, market: samples.market, job: "passes")
            try await grid.awaitPhase(.complete, of: "passes")
            let done = try grid.batchesJoined("held")
            #expect(done < 12)
            try await grid.submit(few, market: samples.market, job: "passes-too")
            try await grid.awaitPhase(.complete, of: "passes-too")
            #expect(try grid.batchesJoined("held") == done)
            #expect(try grid.progress(of: "held")?.phase == .paused)
            #expect(engine.metric("grid_batches_parked_total") ?? 0 > 0)
            #expect(try await grid.control { try await !$0.pause(id("held")) }, "paused already")
            #expect(try await grid.control { try await $0.resume(id("held")) })
            let report = try await grid.report("held")
            #expect(report.summary.state == "complete")
            #expect(report.trades.map(\.tradeId) == (0..<60).map { "OPT-\($0)" })
        }
    }

    @Test func aResumedJobPassesOneThatIsStillPaused() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            for job in ["stays", "goes-on"] {
                try await grid.submit(
                    try samples.options(60),
                    market: samples.market,
                    job: job,
                    batchSize: 5
                )
                #expect(try await grid.control { try await $0.pause(id(job)) })
            }
            // An engine that starts later knows of the pauses before it takes a batch.
            let engine = try await grid.startEngine()
            try await grid.submit(try samples.options(10), market: samples.market, job: "other")
            try await grid.awaitPhase(.complete, of: "other")
            #expect(try grid.batchesJoined("stays") == 0)
            #expect(try grid.batchesJoined("goes-on") == 0)
            #expect(try await grid.control { try await $0.resume(id("goes-on")) })
            try await grid.awaitPhase(.complete, of: "goes-on")
            #expect(try grid.batchesJoined("stays") == 0)
            #expect(try grid.progress(of: "stays")?.phase == .paused)
            try await grid.control { try await $0.cancel(id("stays")) }
            try await grid.awaitPhase(.cancelled, of: "stays")
            for job in ["stays", "nobody"] {
                for pauses in [true, false] {
                    await #expect(throws: SubmissionError.self) {
                        try await grid.control { control in
                            _ =
                                try await pauses
                                ? control.pause(id(job)) : control.resume(id(job))
                        }
                    }
                }
            }
            // What waits in the lane does not hold up an engine that is told to stop.
            try await engine.stop(within: .seconds(20))
            #expect(try grid.batchesJoined("stays") == 0)
        }
    }

    @Test func aPausedJobSurvivesTheEngineThatParkedIt() async throws {
        try await EmbeddedGrid.with { grid in
            let samples = try Samples(grid)
            try await grid.startAggregator()
            let first = try await grid.startEngine(
                script: "all after 50ms\nwork 3 hang while \(samples.hold)"
            )
            try await grid.submit(
                try samples.options(60),
                market: samples.market,
                job: "held",
                batchSize: 5
            )
            try await eventually("two batches are joined", within: .seconds(30)) {
                try grid.batchesJoined("held") == 2
            }
            #expect(try await grid.control { try await $0.pause(id("held")) })
            try samples.release()
            try await eventually("the engine has parked batches", within: .seconds(30)) {
                first.metric("grid_batches_parked_total") ?? 0 > 0
            }
            try await first.stop(within: .zero)
            #expect(try await grid.control { try await $0.resume(id("held")) })
            try await grid.startEngine()
            let report = try await grid.report("held")
            #expect(report.summary.state == "complete")
            #expect(report.summary.results == 60)
        }
    }

    @Test func aJobThatIsBeingSubmittedIsNotPaused() async throws {
        try await EmbeddedGrid.with { grid in
            try await grid.withProducer { producer in
                for (job, state, deadline) in [
                    ("begun", JobState.submitting, Int64(0)), ("late", .submitted, 1),
                ] {
                    let record = JobRecord(
                        jobID: job,
                        state: state,
                        tradeCount: 1,
                        batchCount: 1,
                        submittedAt: 1,
                        deadline: deadline
                    )
                    try await producer.send(
                        ProducedRecord(
                            topic: grid.topics.jobs,
                            key: Array(job.utf8),
                            message: record
                        )
                    )
                }
            }
            for (job, words) in [
                ("begun", "still being submitted"), ("late", "deadline has passed"),
            ] {
                do {
                    _ = try await grid.control { try await $0.pause(id(job)) }
                    Issue.record("\(job) was paused")
                } catch let error as SubmissionError {
                    #expect(error.reason.contains(words), "\(error.reason)")
                }
            }
        }
    }
}
