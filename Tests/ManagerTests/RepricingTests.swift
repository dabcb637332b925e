import Finance
import Foundation
import GridAPI
import GridProtocol
import HTTP
import Synchronization
import Testing

@testable import GridSubmission
@testable import Manager

@Suite(.timeLimit(.minutes(1))) struct RepricingTests {
    private struct Receipt: Decodable {
        var id: String
    }

    /// The example's job, submitted.
    private func submitted(_ test: TestAPI, _ token: [String: String]) throws -> PlannedJob {
        let answer = try test.call(
            "POST",
            "/jobs",
            token,
            body: """
                {"id":"eod","portfolio":"example:portfolio.csv","market":["example:market.json"],
                 "metrics":["NPV","IRDelta"]}
                """
        )
        try #require(answer.status == 202)
        return try #require(test.grid.jobs.withLock { $0.values.first })
    }

    private func job(_ answer: HTTPResponse, _ test: TestAPI) throws -> PlannedJob {
        guard case .bytes(let bytes) = answer.body else { throw Problem(500, "internal", "") }
        try #require(answer.status == 202, "\(String(decoding: bytes, as: UTF8.self))")
        let id = try APIJSON.decoded(Receipt.self, from: bytes).id
        return try #require(
            test.grid.jobs.withLock { jobs in
                jobs.values.first { $0.jobID.rawValue == id }
            }
        )
    }

    private func trades(_ job: PlannedJob, _ test: TestAPI) throws -> [Trade] {
        var trades: [Trade] = []
        let record = job.record(state: .submitted, submittedAt: 0)
        try test.grid.batches(of: record).trades(.all) { trades.append($0) }
        return trades
    }

    private func signedIn(_ test: TestAPI) throws -> [String: String] {
        ["authorization": "Bearer \(try test.token(.operator_))"]
    }

    @Test func aSampleIsPricedAgainOnTheSameMarketForTheSameMetrics() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            let source = try submitted(test, token)
            let sample = try job(
                try test.call("POST", "/jobs/eod/verify", token, body: "{\"trades\":25}"),
                test
            )
            #expect(sample.jobID.rawValue == "eod-verify-1")
            #expect(sample.tradeCount == 25)
            #expect(sample.snapshotID == source.snapshotID)
            #expect(sample.request.metrics == [.npv, .irDelta])
            let all = try trades(source, test)
            let chosen = try trades(sample, test)
            #expect(chosen == all.filter { chosen.contains($0) })
            // Known to the table it is done, and the next sample is another one.
            test.table.set(JobRow.ended(sample.jobID.rawValue))
            let next = try job(
                try test.call("POST", "/jobs/eod/verify", token, body: "{\"trades\":25}"),
                test
            )
            #expect(next.jobID.rawValue == "eod-verify-2")
            #expect(try trades(next, test) != chosen)
            // A sample's sample is a sibling.
            let sibling = try job(try test.call("POST", "/jobs/eod-verify-1/verify", token), test)
            #expect(sibling.jobID.rawValue == "eod-verify-2")
            #expect(
                try test.call("POST", "/jobs/eod/verify", token, body: "{\"trades\":0}").status
                    == 400
            )
            #expect(try test.call("POST", "/jobs/nobody/verify", token).status == 404)
        }
    }

    @Test func failedTradesArePricedAgain() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            let all = try trades(try submitted(test, token), test)
            let items = [all[3], all[700]].map { trade in
                TradeRow(
                    id: trade.id.rawValue,
                    position: 0,
                    batch: 0,
                    product: "Swap",
                    book: "",
                    counterparty: "",
                    currency: "EUR",
                    notional: 1,
                    maturity: "2030-01-01",
                    status: "error",
                    code: "fixings",
                    value: nil,
                    baseValue: nil
                )
            }
            let page = try APIJSON.encoded(
                PagedList(items: items, next: nil, total: 2, asOf: "now")
            )
            test.jobs.answer.withLock { $0 = .json(page) }
            let failed = try job(
                try test.call("POST", "/jobs/eod/again", token, body: "{\"only\":\"failed\"}"),
                test
            )
            #expect(failed.jobID.rawValue == "eod-again-1")
            #expect(try trades(failed, test) == [all[3], all[700]])
            #expect(failed.request.portfolioName == "failed trades of eod")
            #expect(
                test.jobs.asked.withLock { $0 }
                    == ["/v1/jobs/eod/trades?status=error&limit=500"]
            )

            test.table.set(JobRow.ended("eod-again-1"))
            let whole = try job(try test.call("POST", "/jobs/eod/again", token), test)
            #expect(whole.jobID.rawValue == "eod-again-2")
            #expect(try trades(whole, test) == all)
        }
    }

    @Test func aJobIsKnownFromTheMomentThatItIsQueued() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            #expect(try test.call("GET", "/jobs/eod", token).status != 200)
            _ = try submitted(test, token)
            let answer = try test.call("GET", "/jobs/eod", token)
            guard case .bytes(let bytes) = answer.body else { return #expect(Bool(false)) }
            let row: JobRow = try APIJSON.decoded(from: bytes)
            #expect(row.state == "submitting")
            #expect(row.trades == 1_000)
            #expect(row.metrics == ["NPV", "IRDelta"])
        }
    }

    @Test func anEarlierJobMayStandForAPortfolio() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            let source = try submitted(test, token)
            let hash = source.snapshotID.rawValue
            let bodies = [
                "{\"id\":\"b\",\"portfolio\":{\"job\":\"eod\"},\"metrics\":[\"NPV\"]}",
                "{\"id\":\"c\",\"portfolio\":\"example:portfolio.csv\","
                    + "\"snapshot\":\"\(hash)\"}",
            ]
            for body in bodies {
                let other = try job(try test.call("POST", "/jobs", token, body: body), test)
                #expect(other.request.metrics == [.npv])
                #expect(other.snapshotID == source.snapshotID)
                #expect(try trades(other, test) == trades(source, test))
            }
            let both =
                "{\"portfolio\":{\"job\":\"eod\"},\"market\":[\"example:market.json\"],"
                + "\"snapshot\":\"\(hash)\"}"
            #expect(try test.call("POST", "/jobs", token, body: both).status == 400)
            let none = "{\"portfolio\":\"example:portfolio.csv\"}"
            #expect(try test.call("POST", "/jobs", token, body: none).status == 400)
        }
    }

    @Test func snapshotsAreShown() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            let source = try submitted(test, token)
            let hash = source.snapshotID.rawValue
            func text(_ path: String) throws -> String {
                let answer = try test.call("GET", path, token)
                guard case .bytes(let bytes) = answer.body else { return "" }
                return "\(answer.status) " + String(decoding: bytes, as: UTF8.self)
            }
            #expect(try text("/snapshots").contains("\"name\" : \"EOD-2026-01-15\""))
            let content = try text("/snapshots/\(hash)")
            #expect(content.hasPrefix("200"))
            #expect(content.contains("discount EUR"))
            #expect(content.contains("\"fixings\""))
            #expect(try text("/snapshots/\(hash)/file").contains("market-snapshot/1"))
            let unknown = SnapshotID(canonicalBytes: [1]).rawValue
            #expect(try text("/snapshots/\(unknown)").hasPrefix("410"))
            #expect(try text("/snapshots/abc").hasPrefix("400"))
        }
    }

    @Test func aJobThatNeedsSomeoneIsListedUntilSomebodySawIt() async throws {
        try await onThread {
            let test = try TestAPI()
            let token = try signedIn(test)
            func listed() throws -> [String] {
                let answer = try test.call("GET", "/jobs", token, query: ["needs": "someone"])
                guard case .bytes(let bytes) = answer.body else { return [] }
                return try APIJSON.decoded(PagedList<JobRow>.self, from: bytes).items.map(\.id)
            }
            test.table.set(JobRow.ended("good"))
            test.table.set(JobRow.ended("bad", failed: 4))
            var late = JobRow.ended("late")
            late.isFinal = false
            late.state = "running"
            late.forecast = JobRow.Forecast(
                verdict: "willMiss",
                p10: nil,
                p50: nil,
                p90: nil,
                reason: "too slow"
            )
            test.table.set(late)
            #expect(Set(try listed()) == ["bad", "late"])
            #expect(try test.call("POST", "/jobs/late/acknowledge", token).status == 409)
            let body = "{\"reason\":\"bad static data, desk told\"}"
            #expect(
                try test.call("POST", "/jobs/bad/acknowledge", token, body: body).status == 202
            )
            // What the service does when the audit's line comes back.
            test.table.acknowledge(
                "bad",
                JobRow.Acknowledgement(by: "olga", at: "2026-12-01T00:00:00Z", reason: "seen")
            )
            #expect(try listed() == ["late"])
            // The aggregator's next row of it does not forget that.
            #expect(test.table.set(JobRow.ended("bad", failed: 4)).acknowledged?.by == "olga")
            #expect(try test.call("GET", "/jobs", token, query: ["needs": "x"]).status == 400)
        }
    }
}

extension JobRow {
    /// A job that has ended, whole unless told.
    static func ended(_ id: String, failed: Int = 0) -> JobRow {
        JobRow(
            id: id,
            state: failed == 0 ? "complete" : "completeWithErrors",
            priority: "eod",
            portfolio: "p",
            submitter: "olga",
            snapshot: JobStatus.Snapshot(id: "sha256:0", name: "EOD"),
            valuationDate: "2026-01-15",
            baseCurrency: "EUR",
            metrics: ["NPV"],
            trades: 10,
            done: 10,
            failed: failed,
            expired: 0,
            missing: 0,
            batches: 1,
            batchesPublished: 1,
            batchesDone: 1,
            submittedAt: "2026-01-15T18:00:00.000Z",
            deadline: nil,
            endedAt: "2026-01-15T18:01:00.000Z",
            lastResultAt: nil,
            seconds: 60,
            tradesPerSecond: 1,
            isFinal: true,
            waitingFor: nil,
            total: nil,
            forecast: nil
        )
    }
}
