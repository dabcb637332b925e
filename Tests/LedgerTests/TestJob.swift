import Finance
import Foundation
import GridProtocol
import Ledger
import Reports

/// A job with made-up trades, as the records of the topics.
struct TestJob {
    static let start: Int64 = 1_768_487_459_000_123  // 2026-01-15T14:30:59Z
    static let topics = Topics()

    let id: JobID
    var record: JobRecord
    var batches: [Batch]
    var results: [BatchResult]
    /// Ids of trades, in order.
    let ids: [String]

    /// Makes a job in which one of `failing` trades has an error and every 50th has matured.
    init(
        _ name: String = "eod-1",
        trades: Int = 25,
        perBatch: Int = 10,
        failing: Int = 7,
        id makeID: (Int) -> String = { "T\($0)" }
    ) throws {
        id = try JobID.test(name)
        record = JobRecord()
        ids = (0..<trades).map(makeID)
        batches = []
        results = []
        for first in stride(from: 0, to: trades, by: perBatch) {
            let range = first..<min(trades, first + perBatch)
            let index = UInt32(batches.count)
            let summaries = try range.map { try Self.summary($0, ids[$0]) }
            let table = TradeHeaders(summaries: summaries)
            batches.append(
                Batch(
                    jobID: name,
                    index: index,
                    tradeCount: UInt32(range.count),
                    snapshotID: "sha256:ab",
                    queuedAt: Self.start + 1_000,
                    payload: [1, 2, 3],
                    names: table.names,
                    headers: table.headers
                )
            )
            let outcomes = range.map { Self.result($0, failing: failing) }
            results.append(
                Self.result(name, index, outcomes, engine: "engine-\(index % 2)")
            )
        }
        record = JobRecord()
        record.jobID = name
        record.state = .submitted
        record.tradeCount = UInt32(trades)
        record.batchCount = UInt32(batches.count)
        record.setTestHash(of: ids.compactMap { TradeID(rawValue: $0) })
        record.snapshotID = "sha256:ab"
        record.snapshotName = "EOD-2026-01-15"
        record.valuationDay = 20_468
        record.baseCurrency = "EUR"
        record.metrics = ["NPV", "ParRate", "IRDelta"]
        record.submittedAt = Self.start
        record.portfolioName = "portfolio"
        record.submitter = "desk"
        record.version = "0.1.0"
    }

    static func summary(_ n: Int, _ id: String) throws -> TradeSummary {
        TradeSummary(
            id: try TradeID.test(id),
            type: n % 3 == 0 ? "EquityOption" : "Swap",
            book: "BOOK-\(n % 5)",
            counterparty: "CP \(n % 3)",
            nettingSet: "NS-\(n % 2)",
            currency: n % 2 == 0 ? "EUR" : "USD",
            notional: 1_000_000 + Double(n),
            maturityDate: CalendarDate(daysSince1970: 20_468 + Int32(n % 3_000) + 30)
        )
    }

    static func result(_ n: Int, failing: Int) -> TradeResult {
        if n % 50 == 49 { return TradeResult(outcome: .expired, cpuMicroseconds: 0.5) }
        if failing > 0, n % failing == 3 {
            return TradeResult(
                outcome: .failed(
                    FailureReason(
                        code: .missingFixing,
                        field: "index",
                        message: "no fixing of day \(n)"
                    )
                ),
                cpuMicroseconds: 2
            )
        }
        let value = (Double(n) * 1.1 - 7.3) / 3
        return TradeResult(
            outcome: .priced([
                MetricValue(
                    metric: .npv,
                    value: value,
                    baseValue: n % 2 == 0 ? value : value * 0.9
                ),
                MetricValue(metric: .parRate, value: 0.1 + 0.2),
                MetricValue(
                    metric: .irDelta,
                    value: -value,
                    baseValue: -value,
                    factors: [Factor(name: "EUR/2027-01-15", value: 1e-17)]
                ),
            ]),
            engine: "QuantLib Discounting",
            cpuMicroseconds: 114.25
        )
    }

    static func result(
        _ job: String,
        _ index: UInt32,
        _ outcomes: [TradeResult],
        engine: String = "engine-0",
        attempt: UInt32 = 1
    ) -> BatchResult {
        // Two parts, as when a batch was halved.
        let half = outcomes.count / 2
        let parts = [outcomes[..<half], outcomes[half...]].map { part in
            PricedBatch(
                results: Array(part),
                pricerVersion: "0.1.0",
                libraryVersion: "QuantLib 1.29"
            ).encoded()
        }
        return BatchResult(
            jobID: job,
            index: index,
            tradeCount: UInt32(outcomes.count),
            snapshotID: "sha256:ab",
            engineID: engine,
            attempt: attempt,
            queuedAt: start + 1_000,
            takenAt: start + 2_000,
            pricedAt: start + 3_000,
            engineVersion: "0.1.0",
            parts: parts
        )
    }

    // MARK: Records

    /// A record at a place of its own: the offset follows from what it is.
    func jobRecord(offset: Int64 = 0, at: Int64 = TestJob.start) -> SourceRecord {
        Self.source(Self.topics.jobs, 0, offset, at, record.encoded())
    }

    func batchRecord(_ index: Int, offset: Int64? = nil) -> SourceRecord {
        Self.source(
            Self.topics.batches,
            Int32(index),
            offset ?? 0,
            Self.start + 1_000,
            batches[index].encoded()
        )
    }

    func resultRecord(
        _ index: Int,
        partition: Int32? = nil,
        offset: Int64 = 0,
        at: Int64? = nil
    ) -> SourceRecord {
        Self.source(
            Self.topics.results,
            partition ?? Int32(index),
            offset,
            at ?? Self.start + 10_000 + Int64(index) * 1_000,
            results[index].encoded()
        )
    }

    /// Every record once, each on a partition of its own, so that any order is legal.
    var all: [SourceRecord] {
        [jobRecord()] + batches.indices.map { batchRecord($0) }
            + results.indices.map { resultRecord($0) }
    }

    static func source(
        _ topic: String,
        _ partition: Int32,
        _ offset: Int64,
        _ at: Int64,
        _ value: [UInt8]?
    ) -> SourceRecord {
        SourceRecord(
            source: SourcePartition(topic: topic, partition: partition),
            offset: offset,
            timestamp: at,
            value: value
        )
    }
}

extension JobRecord {
    mutating func setTestHash(of ids: [TradeID]) {
        tradeIdsHash = tradeIDsHash(ids)
    }
}

struct TestFailure: Error {}

extension JobID {
    static func test(_ text: String) throws -> JobID {
        guard let id = JobID(rawValue: text) else { throw TestFailure() }
        return id
    }
}

extension TradeID {
    static func test(_ text: String) throws -> TradeID {
        guard let id = TradeID(rawValue: text) else { throw TestFailure() }
        return id
    }
}

/// A directory that is removed with its owner.
final class TestDirectory: Sendable {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "valgrid-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    var ledger: String { path + "/ledger.sqlite" }

    func core() throws -> AggregatorCore {
        try AggregatorCore(store: LedgerStore(path: ledger))
    }

    func removeLedger() throws {
        for suffix in ["", "-wal", "-shm"] {
            try? FileManager.default.removeItem(atPath: ledger + suffix)
        }
    }

    /// The files of a job's report by name.
    func report(_ job: JobID, at time: Int64 = TestJob.start + 1_000_000) throws -> [String:
        [UInt8]]
    {
        let output = path + "/report-\(UUID().uuidString)"
        try ReportWriter(ledgerPath: ledger).write(job, to: output, at: time)
        var files: [String: [UInt8]] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: output) {
            files[name] = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(output)/\(name)")))
        }
        return files
    }
}

/// Numbers that look random and are the same in every run.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(_ seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}
