internal import GridProtocol

/// A hash that tells equal records from different ones; FNV-1a, 64 bits a step.
struct Digest {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ word: UInt64) {
        value = (value ^ word) &* 0x0000_0100_0000_01B3
        value ^= value >> 29
    }

    mutating func add(_ number: Double) {
        add(number.bitPattern)
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { add(UInt64(byte)) }
        add(UInt64.max)
    }
}

/// Times of records, which come from outside.
package enum RecordTime {
    /// Whether a time, microseconds since 1970 UTC, lies between 1970 and 2255: arithmetic with it
    /// cannot overflow.
    package static func isSound(_ time: Int64) -> Bool { (0..<(1 << 53)).contains(time) }
}

/// A record that cannot be joined.
package struct RecordProblem: Error {
    var cause: String
    var message: String
    var jobID = ""
    var batchIndex: UInt32 = 0
}

extension Batch {
    /// Returns the facts that the ledger keeps of the batch, and the bytes that reports need: the
    /// batch without its payload.
    func facts() throws(RecordProblem) -> (facts: BatchFacts, headers: [UInt8]) {
        func refused(_ cause: String, _ message: String) -> RecordProblem {
            RecordProblem(cause: cause, message: message, jobID: jobID, batchIndex: index)
        }
        guard let job = JobID(rawValue: jobID) else {
            throw refused("undecodable", "the batch has no valid job id")
        }
        guard index < BatchSet.limit else {
            throw refused("unknown_batch", "batch index \(index) is not below \(BatchSet.limit)")
        }
        guard headers.count == Int(tradeCount) else {
            throw refused(
                "inconsistent",
                "the batch has \(headers.count) trade headers, but states \(tradeCount) trades"
            )
        }
        let end = UInt32(clamping: names.count)
        var digest = Digest()
        for name in names { digest.add(name) }
        for header in headers {
            let last = max(
                header.type,
                header.book,
                header.counterparty,
                header.nettingSet,
                header.currency
            )
            guard last < end, !header.tradeID.isEmpty, header.notional.isFinite else {
                throw refused(
                    "inconsistent",
                    "a trade header has no id or no notional, or refers to a missing name"
                )
            }
            digest.add(header.tradeID)
            digest.add(UInt64(header.type) << 32 | UInt64(header.book))
            digest.add(UInt64(header.counterparty) << 32 | UInt64(header.nettingSet))
            digest.add(
                UInt64(header.currency) << 32 | UInt64(UInt32(bitPattern: header.maturityDay))
            )
            digest.add(header.notional)
        }
        var kept = self
        kept.payload = []
        return (
            BatchFacts(
                job: job,
                index: index,
                trades: tradeCount,
                digest: digest.value,
                queuedAt: RecordTime.isSound(queuedAt) ? queuedAt : 0
            ),
            kept.encoded()
        )
    }
}

extension BatchResult {
    /// Returns what the ledger keeps of the result.
    ///
    /// `joinedAt`: when the record entered its topic.
    func facts(joinedAt: Int64) throws(RecordProblem) -> ResultFacts {
        func refused(_ cause: String, _ message: String) -> RecordProblem {
            RecordProblem(cause: cause, message: message, jobID: jobID, batchIndex: index)
        }
        guard let job = JobID(rawValue: jobID) else {
            throw refused("undecodable", "the result has no valid job id")
        }
        guard index < BatchSet.limit else {
            throw refused("unknown_batch", "batch index \(index) is not below \(BatchSet.limit)")
        }
        guard [queuedAt, takenAt, pricedAt].allSatisfy(RecordTime.isSound) else {
            throw refused("inconsistent", "a timestamp is missing or out of range")
        }
        var facts = ResultFacts(
            job: job,
            index: index,
            priced: 0,
            joinedAt: joinedAt,
            engine: engineID
        )
        var digest = Digest()
        let readable: [PricedBatch]
        do {
            readable = try readableParts()
        } catch {
            throw refused("undecodable", "a part of the result cannot be read: \(error)")
        }
        for priced in readable {
            for trade in priced.trades {
                guard trade.count(into: &facts, &digest, priced.names) else {
                    throw refused("inconsistent", "a trade's result refers to a missing name")
                }
            }
        }
        guard facts.trades == tradeCount else {
            throw refused(
                "inconsistent",
                "the result has \(facts.trades) trades, but states \(tradeCount)"
            )
        }
        facts.digest = digest.value
        return facts
    }
}

extension PricedTrade {
    /// Counts the trade and adds what it says to a digest; false when a position is past the names.
    fileprivate func count(
        into facts: inout ResultFacts,
        _ digest: inout Digest,
        _ names: [String]
    ) -> Bool {
        switch status {
        case .ok: facts.priced += 1
        case .expired: facts.expired += 1
        default: facts.failed += 1
        }
        digest.add(UInt64(UInt32(bitPattern: status.rawValue)))
        guard engine == 0 || Int(engine) < names.count else { return false }
        for metric in metrics {
            guard Int(metric.metric) < names.count,
                metric.factors.count == metric.factorValues.count
            else { return false }
            digest.add(names[Int(metric.metric)])
            digest.add(metric.value)
            digest.add(metric.baseValue ?? 0)
            for (factor, value) in zip(metric.factors, metric.factorValues) {
                guard Int(factor) < names.count else { return false }
                digest.add(UInt64(factor))
                digest.add(value)
            }
        }
        if let failure {
            digest.add(failure.code)
            digest.add(failure.field)
        }
        return true
    }
}
