import Finance
import Foundation
import GridAPI
import GridProtocol
import Testing

@testable import Ledger
@testable import Reports

@Suite struct TradeIndexTests {
    private let directory: TestDirectory
    private let core: AggregatorCore
    private let job: TestJob

    init() throws {
        directory = try TestDirectory()
        core = try directory.core()
        job = try TestJob(trades: 257, perBatch: 16) { "T\(($0 * 7_919) % 1_000)" }
    }

    private func index(_ job: TestJob) throws -> TradeIndex {
        try TradeIndexWriter(ledgerPath: core.store.path).write(
            job.id,
            to: "\(directory.path)/index-\(job.id)",
            at: TestJob.start + 5_000_000
        )
    }

    private func all(_ index: TradeIndex) -> [TradeRow] { (0..<index.count).map(index.row) }

    @Test func rowsAreThoseOfTheReport() throws {
        _ = try core.apply(job.all)
        let index = try index(job)
        #expect(index.count == job.ids.count)
        #expect(index.isFinal)
        let rows = all(index)
        #expect(rows.map(\.id) == job.ids)
        #expect(rows.map(\.position) == Array(0..<job.ids.count))
        #expect(rows.map(\.batch) == (0..<job.ids.count).map { $0 / 16 })
        let summary = try ReportWriter(ledgerPath: core.store.path)
            .summary(of: job.id, at: TestJob.start + 5_000_000)
        #expect(index.total == summary.total)
        #expect(rows.filter { $0.status == "error" }.count == summary.errors)
        #expect(rows.filter { $0.status == "expired" }.count == summary.expired)
        for book in summary.totals.book {
            #expect(rows.filter { $0.book == book.name }.count == book.trades)
        }
        #expect(index.failures.reduce(0) { $0 + $1.trades } == summary.errors)
    }

    @Test func aTradeIsFoundByItsBytes() throws {
        _ = try core.apply(job.all)
        let index = try index(job)
        for (position, id) in job.ids.enumerated() { #expect(index.position(of: id) == position) }
        for id in ["", "T", "T1000", "U", "t0"] where !job.ids.contains(id) {
            #expect(index.position(of: id) == nil)
        }
    }

    @Test(arguments: ["position", "id", "-size", "value", "-value"])
    func eachOrderIsThatOfASort(name: String) throws {
        _ = try core.apply(job.all)
        let index = try index(job)
        let rows = all(index)
        let none = rows.filter { $0.baseValue == nil }
        let some = rows.filter { $0.baseValue != nil }
        func value(_ row: TradeRow) -> Double { row.baseValue ?? 0 }
        let expected: [TradeRow]
        let order: TradeIndex.Order
        switch name {
        case "id":
            (expected, order) = (
                rows.sorted { Array($0.id.utf8).lexicographicallyPrecedes($1.id.utf8) }, .id
            )
        case "-size":
            (expected, order) = (some.sorted { abs(value($0)) > abs(value($1)) } + none, .size)
        case "value": (expected, order) = (some.sorted { value($0) < value($1) } + none, .value)
        case "-value":
            (expected, order) = (
                some.sorted { value($0) < value($1) }.reversed() + none, .highestValue
            )
        default: (expected, order) = (rows, .position)
        }
        var listed: [TradeRow] = []
        var place: Int? = 0
        while let here = place {
            let page = index.page(by: order, from: here, limit: 50)
            #expect(page.total == rows.count)
            listed += page.rows
            place = page.next
        }
        #expect(listed == expected)
    }

    @Test func filtersAreThoseOfANaiveSearch() throws {
        // Batch 3 has no result.
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(3) })
        let index = try index(job)
        #expect(!index.isFinal)
        let rows = all(index)
        var filters: [(TradeFilter, (TradeRow) -> Bool)] = []
        func add(_ set: (inout TradeFilter) -> Void, _ holds: @escaping (TradeRow) -> Bool) {
            var filter = TradeFilter()
            set(&filter)
            filters.append((filter, holds))
        }
        for status in ["ok", "error", "expired", "missing"] {
            add({ $0.status = status }, { $0.status == status })
        }
        add({ $0.book = "BOOK-3" }, { $0.book == "BOOK-3" })
        add({ $0.book = "NO" }, { _ in false })
        add({ $0.product = "Swap" }, { $0.product == "Swap" })
        add({ $0.counterparty = "CP 1" }, { $0.counterparty == "CP 1" })
        add({ $0.code = "missing" }, { $0.code == "missing" })
        add({ $0.text = "t9" }, { $0.id.lowercased().contains("t9") })
        add({ $0.text = "book-1" }, { $0.book == "BOOK-1" })
        add(
            {
                $0.status = "ok"
                $0.book = "BOOK-2"
                $0.text = "1"
            },
            { $0.status == "ok" && $0.book == "BOOK-2" && ($0.id + $0.counterparty).contains("1") }
        )
        for (filter, holds) in filters {
            let expected = rows.filter(holds)
            var listed: [TradeRow] = []
            var place: Int? = 0
            while let here = place {
                let page = index.page(of: filter, from: here, limit: 7)
                #expect(page.total == expected.count)
                listed += page.rows
                place = page.next
            }
            #expect(listed == expected, "\(filter)")
        }
        #expect(rows.contains { $0.status == "missing" })
    }

    @Test func aFileThatIsDamagedIsRefused() throws {
        _ = try core.apply(job.all)
        _ = try index(job)
        let path = "\(directory.path)/index-\(job.id)"
        let whole = try MappedFile(path: path).contents()
        for length in [1, 63, 64, whole.count / 2, whole.count - 1] {
            let cut = "\(directory.path)/cut-\(length)"
            try Data(whole[..<length]).write(to: URL(fileURLWithPath: cut))
            #expect(throws: AggregationError.self) { try TradeIndex(path: cut) }
        }
    }

    @Test func aComparisonIsThatOfTwoDictionaries() throws {
        var other = try TestJob("eod-2", trades: 240, perBatch: 10, failing: 11) {
            "T\(($0 * 7_919) % 1_000 + ($0 % 10 == 0 ? 1_000 : 0))"
        }
        other.record.snapshotID = "sha256:cd"
        _ = try core.apply(job.all)
        let later = other.all.map {
            SourceRecord(source: $0.source, offset: 1, timestamp: $0.timestamp, value: $0.value)
        }
        _ = try core.apply(later)
        let (a, b) = (try index(job), try index(other))
        let comparison = TradeComparison(a, b)
        let before = Dictionary(uniqueKeysWithValues: all(a).map { ($0.id, $0) })
        let after = Dictionary(uniqueKeysWithValues: all(b).map { ($0.id, $0) })
        var counts = JobComparison.Counts()
        var changes: [String: Double] = [:]
        for id in Set(before.keys).union(after.keys) {
            let change = (after[id]?.baseValue ?? 0) - (before[id]?.baseValue ?? 0)
            switch (before[id], after[id]) {
            case (_?, nil): counts.onlyA += 1
            case (nil, _?): counts.onlyB += 1
            case (let old?, let new?):
                counts.both += 1
                if old.status != new.status {
                    counts.changedState += 1
                } else if old.baseValue != new.baseValue {
                    counts.moved += 1
                } else {
                    continue
                }
            default: break
            }
            changes[id] = change
        }
        #expect(comparison.counts == counts)
        #expect(counts.onlyA > 0 && counts.onlyB > 0 && counts.both > 0)
        let moves = comparison.moves(from: 0, limit: 1_000)
        #expect(comparison.moveCount == changes.count)
        #expect(Dictionary(uniqueKeysWithValues: moves.map { ($0.id, $0.change) }) == changes)
        #expect(zip(moves, moves.dropFirst()).allSatisfy { abs($0.change) >= abs($1.change) })
        let sum = comparison.books.reduce(0) { $0 + $1.change }
        #expect(abs(sum - ((b.total ?? 0) - (a.total ?? 0))) < 1e-6)
        #expect(TradeComparison(a, a).moveCount == 0)
    }

    @Test func runningTotalsCatchUpToTheReportsNumbers() throws {
        var totals = RunningTotals(of: job.id, record: job.record)
        let records = job.all
        for first in stride(from: 0, to: records.count, by: 5) {
            _ = try core.apply(Array(records[first..<min(records.count, first + 5)]))
            try totals.catchUp(from: core.store.path)
            try totals.catchUp(from: core.store.path)
        }
        let summary = try ReportWriter(ledgerPath: core.store.path)
            .summary(of: job.id, at: TestJob.start + 5_000_000)
        for grouping in RunningTotals.Grouping.allCases {
            let final = summary.jobTotals(by: grouping, asOf: "")
            let (groups, count) = totals.groups(by: grouping)
            #expect(count == final.groupCount)
            #expect(groups.map(\.name) == final.groups.map(\.name))
            #expect(groups.map(\.trades) == final.groups.map(\.trades))
            #expect(groups.map(\.done) == final.groups.map(\.done))
            #expect(groups.map(\.failed) == final.groups.map(\.failed))
            for (group, expected) in zip(groups, final.groups) {
                #expect(group.isComplete)
                let difference = abs((group.value ?? 0) - (expected.value ?? 0))
                #expect(difference <= 1e-9 * abs(expected.value ?? 1))
            }
            #expect(final.total.value == summary.total)
        }
    }
}
