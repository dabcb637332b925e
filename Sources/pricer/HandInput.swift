internal import Finance
internal import Glibc
internal import GridProtocol
internal import Operations
internal import PortfolioFiles
internal import Pricing

/// Trades and a market from files, for what is done by hand.
struct HandInput {
    var batch: String
    var market: String
    var metrics: [String]

    /// The market snapshot.
    func snapshot() throws -> MarketSnapshot {
        guard market.hasSuffix(".pb") else { return try readSnapshot(at: market) }
        return try MarketSnapshotRecord.decode(readBytes(market)).marketSnapshot()
    }

    /// The trades as pricers get them, and the id of each; `#N` by position where the file has none.
    func trades() throws -> (PricingBatch, [String]) {
        if batch.hasSuffix(".pb") {
            let bytes = try readBytes(batch)
            // A record of the batches topic holds the pricer's batch as its payload.
            if let record = try? Batch.decode(bytes), !record.payload.isEmpty {
                let work = try PricingBatch.decode(record.payload)
                guard record.headers.count == work.trades.count else {
                    throw WireError(
                        code: .invalidValue,
                        reason: "\(record.headers.count) headers for \(work.trades.count) trades"
                    )
                }
                return (work, record.headers.map(\.tradeID))
            }
            let work = try PricingBatch.decode(bytes)
            return (work, work.trades.indices.map { "#\($0)" })
        }
        var wanted: [Metric] = []
        for name in metrics {
            guard let metric = Metric(rawValue: name) else {
                throw WireError(
                    code: .invalidValue,
                    reason: "no metric `\(name)`; there are "
                        + Metric.allCases.map(\.rawValue).joined(separator: ", ")
                )
            }
            wanted.append(metric)
        }
        let trades = try readPortfolio(at: batch).trades
        return (try PricingBatch(trades: trades, metrics: wanted), trades.map(\.id.rawValue))
    }

    /// Says on standard error why it went no further; ends the process whose output takes nothing.
    func report(_ error: any Error) -> ExitCode {
        switch error {
        case let error as OutputError: PricerProgram.endUnprinted(error)
        case let error as FileProblems: standardError(error.description)
        case let error as WireError: standardError("pricer: \(batch): \(error.reason)")
        case let error as PricingError:
            standardError("pricer: \(market): \(error.field): \(error.message)")
        default:
            standardError("pricer: \(error)")
            return .failure
        }
        return .usage
    }
}

/// Reads a whole file.
func readBytes(_ path: String) throws -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw WireError(
            code: .invalidValue,
            reason: "cannot read it: \(String(cString: strerror(errno)))"
        )
    }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = read(descriptor, &chunk, chunk.count)
        guard count > 0 else { return bytes }
        bytes += chunk[..<count]
    }
}
