internal import Finance
internal import Glibc
internal import GridProtocol
internal import Operations
internal import PortfolioFiles
internal import Pricing

/// Prices one batch from files and prints what came out, without Kafka.
struct HandPricing {
    var batch: String
    var market: String
    var metrics: [String]
    var allowsTestTrades: Bool

    /// Prints one JSON object per trade.
    ///
    /// - Returns: 0 when all trades have a value, 3 when some have not, 2 for files that cannot be
    ///   used.
    func run() -> ExitCode {
        do {
            let session = try PricingSession(snapshot: readMarket())
            let (work, ids) = try readBatch()
            let results = BatchPricer(allowsTestTrades: allowsTestTrades)
                .price(work, range: 0..<work.trades.count, in: session)
            var reader = PricingBatchReader(work)
            for (position, result) in results.enumerated() {
                var type = "Test"
                if case .product(let product)? = try? reader.terms(at: position) {
                    type = product.type.rawValue
                }
                print(TradeResultJSON.line(ids[position], type: type, result))
            }
            let failed = results.contains {
                if case .failed = $0.outcome { true } else { false }
            }
            return failed ? .failedTrades : .success
        } catch let error as FileProblems {
            standardError(error.description)
            return .usage
        } catch let error as WireError {
            standardError("pricer: \(batch): \(error.reason)")
            return .usage
        } catch let error as PricingError {
            standardError("pricer: \(market): \(error.field): \(error.message)")
            return .usage
        } catch {
            standardError("pricer: \(error)")
            return .failure
        }
    }

    // MARK: Private

    private func readMarket() throws -> MarketSnapshot {
        guard market.hasSuffix(".pb") else { return try readSnapshot(at: market) }
        return try MarketSnapshotRecord.decode(readBytes(market)).marketSnapshot()
    }

    private func readBatch() throws -> (PricingBatch, [String]) {
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
