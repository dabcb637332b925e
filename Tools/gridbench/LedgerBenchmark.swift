internal import Finance
internal import Foundation
internal import Glibc
internal import GridProtocol
internal import Ledger
internal import Operations
internal import TestBed

/// Joins the same jobs into an empty ledger and into one with many ended jobs, while readers ask.
struct LedgerBenchmark {
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
            let records = try LedgerRecords.make(
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
            list += try LedgerRecords.make(
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
            _ = core.jobs(at: LedgerRecords.start, most: 100)
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
}
