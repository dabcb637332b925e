internal import Finance
internal import Foundation
internal import Glibc
internal import GridProtocol
internal import Ledger
internal import Operations
internal import TestBed

/// Joins the same jobs into an empty ledger and into one with many ended jobs, while readers ask.
struct LedgerBenchmark {
    static let start: Int64 = 1_768_487_459_000_000
    private let ended: Int
    private let trades: Int
    private let rounds: Int
    private let gate: Double?

    init(settings: ParsedCommand) throws {
        ended = settings.int("jobs")
        trades = settings.int("trades")
        rounds = settings.int("rounds")
        gate = try settings.ratio("gate", 0.1...1)
    }

    /// Runs all rounds in turn and prints the medians.
    ///
    /// - Returns: whether the ratio of the rates is at least the gate.
    func run() throws -> Bool {
        let scratch = try Scratch()
        let empty = try AggregatorCore(store: LedgerStore(path: scratch.path("empty.sqlite")))
        let full = try AggregatorCore(store: LedgerStore(path: scratch.path("full.sqlite")))
        print("\(ended) ended jobs are made")
        try fill(full)
        print("trades/s joined: \(trades) trades in batches of 100, lists of 20 records")
        var rates: [(empty: Double, full: Double)] = []
        for round in 1...rounds {
            let records = try Self.records(
                "running-\(round)",
                trades: trades,
                perBatch: 100,
                offset: Int64(round) * 10_000_000
            )
            // Each goes first in every other round.
            let first = try rate(round % 2 == 0 ? full : empty, records)
            let second = try rate(round % 2 == 0 ? empty : full, records)
            let pair = round % 2 == 0 ? (empty: second, full: first) : (empty: first, full: second)
            rates.append(pair)
            print(
                "round \(round): empty \(Int(pair.empty)), full \(Int(pair.full)), "
                    + "ratio \(Self.text(pair.full / pair.empty))"
            )
        }
        let ratio = Self.median(rates.map { $0.full / $0.empty })
        print(
            "median: empty \(Int(Self.median(rates.map(\.empty)))), "
                + "full \(Int(Self.median(rates.map(\.full)))), ratio \(Self.text(ratio))"
        )
        return gate.map { ratio >= $0 } ?? true
    }

    // MARK: Private

    private func fill(_ core: AggregatorCore) throws {
        var list: [SourceRecord] = []
        for number in 0..<ended {
            list += try Self.records(
                "ended-\(number)",
                trades: 1,
                perBatch: 1,
                offset: Int64(number)
            )
            guard list.count >= 1_000 || number == ended - 1 else { continue }
            _ = try core.apply(list)
            list = []
        }
        guard core.backlog.jobs[.complete, default: 0] == ended else {
            throw TestBedError("not all jobs of the ledger ended")
        }
    }

    /// Trades per second of the joining thread's time, while two readers ask ten times a second.
    private func rate(_ core: AggregatorCore, _ records: [SourceRecord]) throws -> Double {
        let isOver = ShutdownSignal()
        let group = DispatchGroup()
        for _ in 0..<2 {
            DispatchQueue.global().async(group: group) { Self.read(core, until: isOver) }
        }
        defer {
            isOver.trigger()
            group.wait()
        }
        let last = records.count - 1
        let began = Self.threadSeconds()
        for first in stride(from: 0, through: last, by: 20) {
            _ = try core.apply(Array(records[first...min(last, first + 19)]))
        }
        return Double(trades) / (Self.threadSeconds() - began)
    }

    private static func read(_ core: AggregatorCore, until isOver: ShutdownSignal) {
        while !isOver.isTriggered {
            _ = core.backlog
            _ = core.jobs(at: start, most: 100)
            _ = core.changes(since: 0, most: 100)
            usleep(100_000)
        }
    }

    private static func threadSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func median(_ values: [Double]) -> Double {
        values.sorted()[values.count / 2]
    }

    private static func text(_ ratio: Double) -> String { String(format: "%.3f", ratio) }

    /// The records of a job whose trades all have a value, from an offset on.
    static func records(
        _ name: String,
        trades: Int,
        perBatch: Int,
        offset: Int64
    ) throws -> [SourceRecord] {
        let topics = Topics()
        func source(_ topic: String, _ index: Int, _ value: [UInt8]) -> SourceRecord {
            SourceRecord(
                source: SourcePartition(topic: topic, partition: 0),
                offset: offset + Int64(index),
                timestamp: start,
                value: value
            )
        }
        var ids: [TradeID] = []
        var records: [SourceRecord] = []
        for (index, first) in stride(from: 0, to: trades, by: perBatch).enumerated() {
            let numbers = first..<min(trades, first + perBatch)
            let summaries = try numbers.map { try summary($0) }
            ids += summaries.map(\.id)
            let table = TradeHeaders(summaries: summaries)
            let batch = Batch(
                jobID: name,
                index: UInt32(index),
                tradeCount: UInt32(numbers.count),
                snapshotID: "sha256:ab",
                queuedAt: start,
                payload: [1],
                names: table.names,
                headers: table.headers
            )
            let priced = PricedBatch(
                results: numbers.map(result),
                pricerVersion: "0",
                libraryVersion: "0"
            )
            let result = BatchResult(
                jobID: name,
                index: UInt32(index),
                tradeCount: UInt32(numbers.count),
                snapshotID: "sha256:ab",
                engineID: "engine-0",
                attempt: 1,
                queuedAt: start,
                takenAt: start,
                pricedAt: start,
                engineVersion: "0",
                parts: [priced.encoded()]
            )
            records.append(source(topics.batches, index, batch.encoded()))
            records.append(source(topics.results, index, result.encoded()))
        }
        var record = JobRecord()
        record.jobID = name
        record.state = .submitted
        record.tradeCount = UInt32(trades)
        record.batchCount = UInt32(records.count / 2)
        record.tradeIdsHash = tradeIDsHash(ids)
        record.metrics = [Metric.npv.rawValue]
        record.submittedAt = start
        return [source(topics.jobs, 0, record.encoded())] + records
    }

    private static func summary(_ number: Int) throws -> TradeSummary {
        guard let id = TradeID(rawValue: "T\(number)") else {
            throw TestBedError("T\(number) is no trade id")
        }
        return TradeSummary(
            id: id,
            type: "Swap",
            book: "BOOK-\(number % 5)",
            counterparty: "CP-\(number % 3)",
            nettingSet: "NS",
            currency: "EUR",
            notional: 1_000_000,
            maturityDate: CalendarDate(daysSince1970: 22_000)
        )
    }

    private static func result(_ number: Int) -> TradeResult {
        TradeResult(
            outcome: .priced([
                MetricValue(metric: .npv, value: Double(number), baseValue: Double(number))
            ]),
            engine: "QuantLib Discounting",
            cpuMicroseconds: 100
        )
    }
}
