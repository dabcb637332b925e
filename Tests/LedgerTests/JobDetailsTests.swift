import GridAPI
import GridProtocol
import HTTP
import Testing

@testable import AggregatorAPI
@testable import Ledger

@Suite struct JobDetailsTests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private let api: JobDetailsAPI
    private let job: TestJob
    private let now = TestJob.start + 1_000_000

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
        job = try TestJob()
        var heartbeat = Heartbeat()
        heartbeat.engineID = "engine-7"
        heartbeat.work = [EngineWork(jobID: "eod-1", batchIndex: 1, since: TestJob.start)]
        let engine = EngineStatus(
            heartbeat: heartbeat,
            state: .live,
            seenAt: TestJob.start,
            at: TestJob.start
        )
        api = JobDetailsAPI(core: core) { _ in LiveGridState(engines: [engine]) }
        // Batch 1 has no result, batch 2 was not published.
        let left = [job.resultRecord(1), job.batchRecord(2), job.resultRecord(2)]
        _ = try core.apply(job.all.filter { !left.contains($0) })
    }

    private func get<Answer: Decodable>(
        _ path: String,
        _ query: [String: String] = [:],
        status: Int = 200,
        as type: Answer.Type = Answer.self
    ) throws -> Answer {
        let request = HTTPRequest(path: "/v1/jobs/eod-1/\(path)", query: query)
        let response = try #require(api.response(to: request, at: now))
        #expect(response.status == status)
        guard case .bytes(let bytes) = response.body else { throw TestFailure() }
        return try APIJSON.decoded(from: bytes)
    }

    @Test func batchesComeInPagesWithTheirStates() throws {
        let all = try get("batches", as: PagedList<BatchDescription>.self)
        #expect(all.items.map(\.index) == [0, 1, 2])
        #expect(all.items.map(\.state) == ["error", "inWork", "unpublished"])
        #expect(all.items.map(\.engine) == ["engine-0", "engine-7", nil])
        #expect(all.total == 3)
        #expect(all.next == nil)
        #expect(all.items[0].record?.topic == TestJob.topics.results)
        #expect(all.items[0].batchRecord?.topic == TestJob.topics.batches)
        let page = try get("batches", ["limit": "2"], as: PagedList<BatchDescription>.self)
        #expect(page.items == Array(all.items[..<2]))
        let query = ["limit": "2", "cursor": try #require(page.next)]
        let rest = try get("batches", query, as: PagedList<BatchDescription>.self)
        #expect(rest.items == Array(all.items[2...]))
        #expect(rest.next == nil)
        #expect(try get("batches/1", as: BatchDescription.self) == all.items[1])
    }

    @Test(
        arguments: [
            ("batches/3", [:], 404), ("batches/-1", [:], 404), ("batches/x", [:], 404),
            ("batches", ["limit": "0"], 400), ("batches", ["limit": "501"], 400),
            ("batches", ["cursor": "-1"], 400), ("batches", ["cursor": "x"], 400),
            ("timeline", ["bins": "601"], 400), ("timeline", ["bins": "0"], 400),
        ] as [(String, [String: String], Int)]
    )
    func whatCannotBeAnsweredIsRefused(path: String, query: [String: String], status: Int) throws {
        let failure = try get(path, query, status: status, as: APIFailure.self)
        #expect(!failure.error.message.isEmpty)
    }

    @Test func aCursorPastTheEndIsAnEmptyPage() throws {
        let query = ["cursor": "\(Int.max - 1_000)", "limit": "500"]
        let page = try get("batches", query, as: PagedList<BatchDescription>.self)
        #expect(page.items.isEmpty)
        #expect(page.next == nil)
    }

    @Test func theTimelineSumsBusyTimeAndTrades() throws {
        let timeline = try get("timeline", ["bins": "10"], as: JobTimeline.self)
        #expect(timeline.engines.map(\.engine) == ["engine-0"])
        #expect(timeline.engines.map(\.batches) == [1])
        #expect(timeline.rate.count == 10)
        #expect(abs(timeline.rate.reduce(0, +) * timeline.binSeconds - 10) < 1e-9)
        let busy = timeline.engines[0].cells.reduce(0, +) * timeline.binSeconds
        #expect(abs(busy - 0.001) < 1e-9)
    }

    @Test func theProofSaysWhatIsMissingAndThenThatNothingIs() throws {
        let before = try get("proof", as: JobProof.self)
        #expect(before.matches == nil)
        #expect(before.missing == 15)
        #expect(before.joinedHash == nil)
        _ = try core.apply([job.resultRecord(1), job.batchRecord(2), job.resultRecord(2)])
        let after = try get("proof", as: JobProof.self)
        #expect(after.matches == true)
        #expect(after.joinedHash == after.tradeIdsHash)
        #expect(after.trades == after.results + after.errors)
        #expect(after.sentence.hasPrefix("each of the 25 trades"))
    }

    @Test func theRecordIsAsItWasSubmitted() throws {
        let record = try get("record", as: JobRecordDescription.self)
        #expect(record.id == "eod-1")
        #expect(record.metrics == ["NPV", "ParRate", "IRDelta"])
        #expect(record.valuationDate == "2026-01-15")
        #expect(record.state == "submitted")
        #expect(record.deadline == nil)
    }

    @Test func otherPathsAreNotAnswered() {
        for path in ["/v1/jobs/eod-1", "/v1/jobs/eod-1/proof/x", "/jobs/eod-1/proof", "/v1"] {
            #expect(api.response(to: HTTPRequest(path: path)) == nil)
        }
        let unknown = HTTPRequest(path: "/v1/jobs/none/proof")
        #expect(api.response(to: unknown)?.status == 404)
        let post = HTTPRequest(method: "POST", path: "/v1/jobs/eod-1/proof")
        #expect(api.response(to: post)?.status == 405)
    }
}
