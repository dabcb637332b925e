internal import Glibc
internal import GridAPI
internal import GridProtocol
internal import Ledger
internal import Operations
internal import Reports
internal import TestBed

/// Indexes the trades of one job, and asks for them.
struct TradeIndexBenchmark {
    private static let questions = 200
    private let trades: Int

    init(settings: ParsedCommand) {
        trades = settings.int("trades")
    }

    /// Builds one index and two, and prints how long that and the questions to them took.
    ///
    /// - Returns: whether each answer was right.
    func run() throws -> Bool {
        let scratch = try Scratch()
        let core = try AggregatorCore(store: LedgerStore(path: scratch.path("ledger.sqlite")))
        let clock = ContinuousClock()
        for (number, name) in ["first", "second"].enumerated() {
            let records = try LedgerRecords.make(
                name,
                trades: trades,
                perBatch: 100,
                offset: Int64(number) * 10_000_000
            )
            for first in stride(from: 0, to: records.count, by: 200) {
                _ = try core.apply(Array(records[first..<min(records.count, first + 200)]))
            }
        }
        let writer = TradeIndexWriter(ledgerPath: core.store.path)
        func build(_ name: String) throws -> TradeIndex {
            guard let job = JobID(rawValue: name) else {
                throw TestBedError("\(name) is no job id")
            }
            return try writer.write(
                job,
                to: scratch.path("index-\(name)"),
                at: LedgerRecords.start + 1_000_000
            )
        }
        let began = clock.now
        let index = try build("first")
        print("\(index.count) trades indexed in \(began.duration(to: clock.now))")
        print("resident at most: \(Self.peakMebibytes) MiB")
        var isRight = index.count == trades
        var random = SystemRandomNumberGenerator()
        measure("trade by id") {
            let number = Int.random(in: 0..<trades, using: &random)
            if index.position(of: "T\(number)") != number { isRight = false }
        }
        measure("first page by size") {
            let page = index.page(by: .size, limit: 100)
            if page.rows.first?.id != "T\(trades - 1)" { isRight = false }
        }
        var filter = TradeFilter()
        filter.book = "BOOK-3"
        measure("page of a book by size") {
            let page = index.page(of: filter, by: .size, from: trades / 2, limit: 100)
            if page.total != trades / 5 { isRight = false }
        }
        filter.text = "T99"
        measure("page of a text in a book") {
            _ = index.page(of: filter, by: .highestValue, limit: 100)
        }
        let second = try build("second")
        let compared = clock.now
        let comparison = TradeComparison(index, second)
        print("two indices compared in \(compared.duration(to: clock.now))")
        if comparison.counts.both != trades || comparison.moveCount != 0 { isRight = false }
        print(isRight ? "every answer was right" : "an answer was WRONG")
        return isRight
    }

    // MARK: Private

    private func measure(_ what: String, _ question: () -> Void) {
        let clock = ContinuousClock()
        let times = (0..<Self.questions).map { _ in clock.measure(question) }.sorted()
        let p95 = times[times.count * 95 / 100]
        print("\(what): median \(times[times.count / 2]), p95 \(p95)")
    }

    private static var peakMebibytes: Int {
        var usage = rusage()
        getrusage(Int32(RUSAGE_SELF.rawValue), &usage)
        return usage.ru_maxrss >> 10
    }
}
