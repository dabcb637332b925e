import Foundation
import GridAPI
import GridProtocol
import HTTP
import Testing

@testable import AggregatorAPI
@testable import Ledger
@testable import Reports

@Suite(.timeLimit(.minutes(1))) struct TradesAPITests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private let indexes: TradeIndexes
    private let job: TestJob
    private let now = TestJob.start + 1_000_000

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
        job = try TestJob(trades: 95, perBatch: 10) { "T/\($0)" }
        indexes = TradeIndexes(core: core)
    }

    /// Asks until the index is built.
    private func get<Answer: Decodable>(
        _ path: String,
        _ query: [String: String] = [:],
        as type: Answer.Type = Answer.self
    ) async throws -> Answer {
        let trades = TradesAPI(core: core, indexes: indexes)
        let totals = TotalsAPI(core: core, jobs: JobsAPI(core: core))
        let comparisons = ComparisonsAPI(core: core, indexes: indexes)
        let request = HTTPRequest(path: "/v1/\(path)", query: query)
        while true {
            let response = try #require(
                trades.response(to: request, at: now) ?? totals.response(to: request, at: now)
                    ?? comparisons.response(to: request, at: now)
            )
            guard case .bytes(let bytes) = response.body else { throw TestFailure() }
            guard response.status == 409 else {
                #expect(response.status == 200, "\(String(decoding: bytes, as: UTF8.self))")
                return try APIJSON.decoded(from: bytes)
            }
            let building = try APIJSON.decoded(IndexBuilding.self, from: bytes)
            #expect(building.error.code == "index_building")
            #expect((0...1).contains(building.progress))
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test func tradesComeInPages() async throws {
        _ = try core.apply(job.all)
        let first = try await get(
            "jobs/eod-1/trades",
            ["limit": "60"],
            as: PagedList<TradeRow>.self
        )
        #expect(first.items.map(\.id) == Array(job.ids[..<60]))
        #expect(first.total == 95)
        let query = ["limit": "60", "cursor": try #require(first.next)]
        let rest = try await get("jobs/eod-1/trades", query, as: PagedList<TradeRow>.self)
        #expect(rest.items.map(\.id) == Array(job.ids[60...]))
        #expect(rest.next == nil)
    }

    @Test func oneTradeHasAllThatItsResultSays() async throws {
        _ = try core.apply(job.all)
        let detail = try await get("jobs/eod-1/trades/T/12", as: TradeDetail.self)
        #expect(detail.row.id == "T/12")
        #expect(detail.row.batch == 1)
        #expect(detail.nettingSet == "NS-0")
        #expect(detail.metrics.first?.name == "NPV")
        #expect(detail.metrics.first?.value == detail.row.value)
        #expect(detail.record?.topic == TestJob.topics.results)
        #expect(detail.batchRecord?.topic == TestJob.topics.batches)
        #expect(detail.engine == "engine-1")
        let failures = try await get("jobs/eod-1/failures", as: PagedList<FailureGroup>.self)
        let failed = try #require(failures.items.first)
        let other = try await get("jobs/eod-1/trades/\(failed.example)", as: TradeDetail.self)
        #expect(other.failure?.code == failed.code)
        #expect(other.row.code == failed.code)
        #expect(other.metrics.isEmpty)
    }

    @Test func totalsOfAnEndedJobAreTheReportsBitForBit() async throws {
        let records = job.all
        _ = try core.apply(records.filter { $0 != job.resultRecord(2) })
        let before = try await get("jobs/eod-1/totals", ["by": "currency"], as: JobTotals.self)
        #expect(!before.isTotal)
        #expect(before.total.trades == 95)
        #expect(before.total.done == 85)
        #expect(!before.total.isComplete)
        _ = try core.apply([job.resultRecord(2)])
        let after = try await get("jobs/eod-1/totals", ["by": "currency"], as: JobTotals.self)
        let summary = try ReportWriter(ledgerPath: core.store.path).summary(of: job.id, at: now)
        #expect(after.isTotal)
        #expect(after.total.value == summary.total)
        #expect(after.groups.map(\.name) == summary.totals.currency.map(\.name))
        #expect(after.groups.map(\.value) == summary.totals.currency.map(\.value))
    }

    @Test func anIndexFollowsAJobAndOrphansAreRemoved() async throws {
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(2) })
        let query = ["status": "missing"]
        let missing = try await get("jobs/eod-1/trades", query, as: PagedList<TradeRow>.self)
        #expect(missing.total == 10)
        _ = try core.apply([job.resultRecord(2)])
        let none = try await get("jobs/eod-1/trades", query, as: PagedList<TradeRow>.self)
        #expect(none.total == 0)
        let reports = "\(core.store.path).reports"
        try Data().write(to: URL(fileURLWithPath: "\(reports)/index-gone"))
        indexes.removeOrphans()
        #expect(OutputFile.names(in: reports).filter { $0.hasPrefix("index-") } == ["index-eod-1"])
    }

    @Test func twoJobsAreCompared() async throws {
        let other = try TestJob("eod-2", trades: 95, perBatch: 10, failing: 9) { "T/\($0)" }
        _ = try core.apply(job.all)
        let later = other.all.map {
            SourceRecord(source: $0.source, offset: 1, timestamp: $0.timestamp, value: $0.value)
        }
        _ = try core.apply(later)
        let whole = try await get("comparisons/eod-1..eod-2", as: JobComparison.self)
        #expect(whole.differs.isEmpty)
        #expect(whole.counts.both == 95)
        #expect(whole.counts.changedState > 0)
        let moves = try await get(
            "comparisons/eod-1..eod-2/movers",
            as: PagedList<TradeMove>.self
        )
        #expect(moves.total == whole.counts.changedState + whole.counts.moved)
        let books = try await get("comparisons/eod-1..eod-2/books", as: PagedList<BookMove>.self)
        #expect(books.items.reduce(0) { $0 + $1.trades } == 95)
    }

    @Test(arguments: [
        ("jobs/nobody/trades", [:], 404), ("jobs/eod-1/totals", ["by": "moon"], 400),
        ("comparisons/eod-1..nobody", [:], 400),
    ])
    func wrongQuestionsAreRefused(path: String, query: [String: String], status: Int) throws {
        _ = try core.apply(job.all)
        let request = HTTPRequest(path: "/v1/\(path)", query: query)
        let response =
            TradesAPI(core: core, indexes: indexes).response(to: request, at: now)
            ?? TotalsAPI(core: core, jobs: JobsAPI(core: core)).response(to: request, at: now)
            ?? ComparisonsAPI(core: core, indexes: indexes).response(to: request, at: now)
        #expect(response?.status == status)
    }
}
