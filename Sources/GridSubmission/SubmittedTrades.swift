public import Finance
public import GridProtocol
public import KafkaClient

/// Which trades of a job are wanted.
public enum TradeSelection: Hashable, Sendable {
    /// All of them.
    case all
    /// Those with these ids.
    case ids(Set<TradeID>)
    /// So many, chosen by a seed: the same seed chooses the same trades.
    case sample(Int, seed: String)
}

/// Reads the trades of a job back from the topics, as they were submitted.
public struct SubmittedTrades: Sendable {
    private let scan: TopicScan
    private let log: JobLog
    private let topics: Topics

    /// Makes a reader of the topics.
    public init(configuration: KafkaConfiguration, topics: Topics) {
        scan = TopicScan(configuration: configuration)
        log = JobLog(configuration: configuration, topics: topics)
        self.topics = topics
    }

    /// Returns the newest record of a job.
    ///
    /// - Throws: ``SubmissionError``: `invalid` when there is none, `kafka`.
    public func record(of job: JobID) async throws(SubmissionError) -> JobRecord {
        guard let record = try await log.record(of: job) else {
            throw SubmissionError(code: .invalid, reason: "there is no job \(job)")
        }
        return record
    }

    /// Returns the batches of a job, which lie in a temporary file from then on.
    ///
    /// - Throws: ``SubmissionError``: `invalid` when not all of them are in their topic (any more),
    ///   `kafka`.
    public func batches(of record: JobRecord) async throws(SubmissionError) -> SubmittedBatches {
        let topic = topics.batches(of: record.priority)
        let spool = BatchSpool()
        var slots: [Int: Int] = [:]
        let prefix = Array("\(record.jobID)/".utf8)
        // A broker's clock may be behind the submitter's.
        let since = record.submittedAt - 60_000_000
        try await scan.records(of: topic, since: since) { item in
            if let key = item.key, key.starts(with: prefix), let value = item.value,
                let index = Int(String(decoding: key.dropFirst(prefix.count), as: UTF8.self)),
                index < record.batchCount, slots[index] == nil
            {
                slots[index] = spool.count
                spool.append(value)
            }
            return slots.count < Int(record.batchCount)
        }
        guard slots.count == Int(record.batchCount) else {
            throw SubmissionError(
                code: .invalid,
                reason: "\(slots.count) of \(record.batchCount) batches of job \(record.jobID) "
                    + "are in \(topic): submit the portfolio anew"
            )
        }
        return SubmittedBatches(
            jobID: record.jobID,
            spool: spool,
            slots: slots.sorted { $0.key < $1.key }.map(\.value)
        )
    }
}

/// The batches of a job as they were submitted.
public struct SubmittedBatches: Sendable {
    let jobID: String
    let spool: BatchSpool
    /// Where each batch lies in the spool.
    let slots: [Int]

    /// Hands over trades, in portfolio order.
    ///
    /// - Parameters:
    ///   - selection: which trades.
    ///   - take: gets each trade.
    /// - Throws: ``SubmissionError`` `invalid` when a batch or a trade cannot be read.
    public func trades(
        _ selection: TradeSelection,
        _ take: (Trade) -> Void
    ) throws(SubmissionError) {
        let wanted = try ids(selection)
        for index in slots.indices {
            try read(index) { (batch) throws(WireError) in
                let positions = batch.headers.indices.filter {
                    wanted?.contains(batch.headers[$0].tradeID) ?? true
                }
                guard !positions.isEmpty else { return }
                for trade in try batch.trades(at: positions) { take(trade) }
            }
        }
    }

    /// The ids of the trades that are wanted; nil for all.
    private func ids(_ selection: TradeSelection) throws(SubmissionError) -> Set<String>? {
        switch selection {
        case .all: return nil
        case .ids(let ids): return Set(ids.map(\.rawValue))
        case .sample(let count, let seed):
            var sample = TradeSample(count, seed: seed)
            for index in slots.indices {
                try read(index) { (batch) throws(WireError) in
                    for header in batch.headers { sample.offer(header.tradeID) }
                }
            }
            return sample.ids
        }
    }

    private func read(
        _ index: Int,
        _ body: (Batch) throws(WireError) -> Void
    ) throws(SubmissionError) {
        let bytes = try spool.bytes(slots[index])
        do throws(WireError) {
            try body(try Batch.decode(bytes))
        } catch {
            throw SubmissionError(
                code: .invalid,
                reason: "batch \(index) of job \(jobID) cannot be read: \(error.reason)"
            )
        }
    }
}

/// The trades with the smallest hashes: a random choice that a seed repeats.
struct TradeSample {
    private let count: Int
    private let seed: String
    private var chosen: [(hash: [UInt8], id: String)] = []

    init(_ count: Int, seed: String) {
        self.count = count
        self.seed = seed
    }

    mutating func offer(_ id: String) {
        chosen.append((SHA256.digest(of: Array("\(seed)\n\(id)".utf8)), id))
        // Some more than wanted are kept, so that not every offer sorts.
        if chosen.count >= 2 * count + 1_000 { chosen = smallest }
    }

    var ids: Set<String> { Set(smallest.map(\.id)) }

    private var smallest: [(hash: [UInt8], id: String)] {
        Array(chosen.sorted { $0.hash.lexicographicallyPrecedes($1.hash) }.prefix(count))
    }
}

extension Batch {
    /// Returns trades of the batch as they were submitted, without their trade dates.
    ///
    /// - Throws: ``WireError`` for trades that make no sense, and for those of tests.
    public func trades(at positions: [Int]) throws(WireError) -> [Trade] {
        let summaries = try tradeSummaries()
        var reader = PricingBatchReader(try PricingBatch.decode(payload))
        guard reader.count == summaries.count else {
            throw WireError(
                code: .invalidValue,
                reason: "it has \(summaries.count) headers for \(reader.count) trades"
            )
        }
        var trades: [Trade] = []
        for position in positions {
            let summary = summaries[position]
            guard case .product(let product) = try reader.terms(at: position) else {
                throw WireError(
                    code: .invalidValue,
                    reason: "the trade \(summary.id) is one of a test"
                )
            }
            trades.append(
                Trade(
                    id: summary.id,
                    book: summary.book,
                    counterparty: summary.counterparty,
                    nettingSet: summary.nettingSet,
                    product: product
                )
            )
        }
        return trades
    }
}
