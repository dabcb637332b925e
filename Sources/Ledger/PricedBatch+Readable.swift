internal import Finance
package import GridProtocol

extension PricedBatch {
    /// Decodes what a pricer wrote; the pricer may be any program.
    ///
    /// A trade with a number that is not finite becomes an error: the number must not reach a
    /// total, nor a report, as JSON cannot represent it.
    package static func readable(_ bytes: [UInt8]) throws(WireError) -> PricedBatch {
        var batch = try PricedBatch.decode(bytes)
        for position in batch.trades.indices {
            if !batch.trades[position].cpuMicroseconds.isFinite {
                batch.trades[position].cpuMicroseconds = 0
            }
            guard let fault = batch.trades[position].metrics.first(where: { !$0.isFinite }) else {
                continue
            }
            let metric = Int(fault.metric)
            let name = metric < batch.names.count ? batch.names[metric] : ""
            batch.trades[position].metrics = []
            guard batch.trades[position].status == .ok else { continue }
            batch.trades[position].status = .error
            batch.trades[position].failure = Failure(
                FailureReason(
                    code: .notFinite,
                    field: name,
                    message: "The pricer returned \(fault.firstNonFinite) for \(name)."
                )
            )
        }
        return batch
    }
}

extension BatchResult {
    /// The parts of the result; if it failed as a whole, one part with that failure for every
    /// trade.
    package func readableParts() throws(WireError) -> [PricedBatch] {
        guard let failure else {
            var readable: [PricedBatch] = []
            readable.reserveCapacity(parts.count)
            for part in parts { readable.append(try PricedBatch.readable(part)) }
            return readable
        }
        guard parts.isEmpty, tradeCount <= BatchEnvelope.maximumTrades else {
            throw WireError(
                code: .invalidValue,
                reason: "a result that failed as a whole has \(parts.count) parts and states "
                    + "\(tradeCount) trades"
            )
        }
        let reason = FailureReason(failure)
        let error = TradeResult(outcome: .failed(reason))
        return [PricedBatch(results: Array(repeating: error, count: Int(tradeCount)))]
    }
}

extension PricedMetric {
    fileprivate var isFinite: Bool {
        value.isFinite && baseValue?.isFinite != false && factorValues.allSatisfy(\.isFinite)
    }

    fileprivate var firstNonFinite: Double {
        ([value, baseValue ?? 0] + factorValues).first { !$0.isFinite } ?? .nan
    }
}
