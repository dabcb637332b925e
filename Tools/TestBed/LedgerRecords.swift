internal import Finance
internal import GridProtocol
package import Ledger

/// Records of jobs as an aggregator reads them, for benchmarks of what it does with them.
package enum LedgerRecords {
    /// When the jobs are submitted, microseconds since 1970 UTC.
    package static let start: Int64 = 1_768_487_459_000_000

    /// The records of a job whose trades all have a value, from an offset on.
    package static func make(
        _ name: String,
        trades: Int,
        perBatch: Int,
        offset: Int64,
        at start: Int64 = LedgerRecords.start,
        value: (Int) -> Double = { Double($0) }
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
                results: numbers.map { Self.result($0, value($0)) },
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

    private static func result(_ number: Int, _ value: Double) -> TradeResult {
        TradeResult(
            outcome: .priced([
                MetricValue(metric: .npv, value: value, baseValue: value)
            ]),
            engine: "QuantLib Discounting",
            cpuMicroseconds: 100
        )
    }
}
