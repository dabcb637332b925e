import Foundation
import GridAPI
import GridProtocol
import Testing

@testable import AggregatorAPI
@testable import Ledger
@testable import Reports

@Suite(.timeLimit(.minutes(1))) struct FinalTotalsTests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private var reports: String { core.store.path + ".reports" }

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
    }

    private func known(_ totals: FinalTotals, _ job: JobID) async throws -> Double {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if let total = totals.total(of: job) { return total }
            try await Task.sleep(for: .milliseconds(2))
        }
        throw TestFailure()
    }

    /// Amounts of very different sizes, so that another order of adding shows.
    @Test func aTotalHasTheBitsOfTheReport() async throws {
        var generator = SeededGenerator(3)
        let jobs = try (0..<3).map { try TestJob("job-\($0)", trades: 150 + $0) }
        for (number, job) in jobs.enumerated() {
            var records = job.all.shuffled(using: &generator)
            // Each job has places of its own.
            for place in records.indices { records[place].source.partition += Int32(number) * 100 }
            for first in stride(from: 0, to: records.count, by: 7) {
                _ = try core.apply(Array(records[first..<min(records.count, first + 7)]))
            }
        }
        let totals = FinalTotals(core: core, directory: reports)
        for job in jobs {
            let summary = try ReportWriter(ledgerPath: core.store.path)
                .summary(of: job.id, at: TestJob.start + 5_000_000)
            #expect(try await known(totals, job.id) == summary.total)
        }
        let news = totals.news(after: 0)
        #expect(Set(news.jobs) == Set(jobs.map(\.id)))
        #expect(totals.news(after: news.next).jobs.isEmpty)

        // Another run has them at once.
        let again = FinalTotals(core: core, directory: reports)
        for job in jobs {
            #expect(again.total(of: job.id) == totals.total(of: job.id))
            #expect(again.total(of: job.id) != nil)
        }
        #expect(again.news(after: 0).jobs.isEmpty)
    }

    @Test func jobsThatAreGoneLeaveTheFile() async throws {
        let job = try TestJob("job-1", trades: 10)
        _ = try core.apply(job.all)
        let totals = FinalTotals(core: core, directory: reports)
        _ = try await known(totals, job.id)
        let other = try TestDirectory()
        FinalTotals(core: try other.core(), directory: reports).removeOrphans()
        let file = try String(contentsOfFile: reports + "/totals.jsonl", encoding: .utf8)
        #expect(!file.contains("job-1"))
    }
}
