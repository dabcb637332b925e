/// What an engine needs of a ``Batch``; its payload stays encoded, its trade headers are skipped.
public struct BatchEnvelope: Hashable, Sendable {
    /// The most trades that an engine takes as one batch.
    public static let maximumTrades: UInt32 = 1_000

    /// The job's id.
    public var jobID: String
    /// The batch's position in its job, from 0.
    public var index: UInt32
    /// How many trades the payload holds.
    public var tradeCount: UInt32
    /// The id of the snapshot to price on.
    public var snapshotID: String
    /// When the batch was queued, microseconds since 1970-01-01 UTC.
    public var queuedAt: Int64
    /// The deadline, microseconds since 1970-01-01 UTC; 0 for none.
    public var deadline: Int64
    /// A ``PricingBatch``; it shares the record's storage.
    public var payload: ArraySlice<UInt8>

    /// Returns the envelope of an encoded ``Batch``.
    public static func decode(
        _ bytes: [UInt8],
        limits: WireLimits = WireLimits()
    ) throws(WireError) -> BatchEnvelope {
        try bytes.withUnsafeBytes { buffer -> Result<BatchEnvelope, WireError> in
            do throws(WireError) {
                var reader = try WireReader(buffer, limits: limits)
                return .success(try BatchEnvelope(from: &reader, of: bytes))
            } catch {
                return .failure(error)
            }
        }.get()
    }

    private init(from reader: inout WireReader, of bytes: [UInt8]) throws(WireError) {
        var batch = Batch()
        var payloadRange = 0..<0
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: batch.jobID = try reader.string()
            case 16: batch.index = try reader.uint32()
            case 24: batch.tradeCount = try reader.uint32()
            case 34: batch.snapshotID = try reader.string()
            case 40: batch.queuedAt = try reader.int64()
            case 48: batch.deadline = try reader.int64()
            case 58: payloadRange = try reader.lengthPrefixed()
            default: try reader.skip(tag)
            }
        }
        guard (1...Self.maximumTrades).contains(batch.tradeCount) else {
            throw WireError.invalid(
                "the batch has \(batch.tradeCount) trades; expected 1...\(Self.maximumTrades)"
            )
        }
        jobID = batch.jobID
        index = batch.index
        tradeCount = batch.tradeCount
        snapshotID = batch.snapshotID
        queuedAt = batch.queuedAt
        deadline = batch.deadline
        payload = bytes[payloadRange]
    }
}

extension PricedBatch {
    /// Returns how many trades an encoded ``PricedBatch`` holds, without decoding them.
    public static func tradeCount(of bytes: [UInt8]) throws(WireError) -> Int {
        try bytes.withUnsafeBytes { buffer -> Result<Int, WireError> in
            do throws(WireError) {
                var reader = try WireReader(buffer, limits: WireLimits())
                var count = 0
                while let tag = try reader.nextTag() {
                    if tag == 10 { count += 1 }
                    try reader.skip(tag)
                }
                return .success(count)
            } catch {
                return .failure(error)
            }
        }.get()
    }
    /// A trade without a value, by its position.
    public struct FailedTrade: Hashable, Sendable {
        /// Its place in the batch, from 0.
        public var position: Int
        /// Why it has none.
        public var failure: Failure
    }

    /// Returns how many trades an encoded ``PricedBatch`` holds, and which failed, in order; values
    /// are not decoded.
    public static func outline(
        of bytes: [UInt8]
    ) throws(WireError) -> (trades: Int, failures: [FailedTrade]) {
        try bytes.withUnsafeBytes { buffer -> Result<(Int, [FailedTrade]), WireError> in
            do throws(WireError) {
                var reader = try WireReader(buffer, limits: WireLimits())
                var count = 0
                var failures: [FailedTrade] = []
                while let tag = try reader.nextTag() {
                    guard tag == 10 else {
                        try reader.skip(tag)
                        continue
                    }
                    // A trade that begins with its status needs no look at the rest unless it
                    // failed.
                    var ahead = reader
                    let range = try ahead.lengthPrefixed()
                    let status =
                        range.count > 1 && buffer[range.lowerBound] == 8
                        ? Int32(buffer[range.lowerBound + 1]) : TradeStatus.error.rawValue
                    if status == TradeStatus.error.rawValue {
                        var trade = PricedTrade()
                        try reader.message(&trade)
                        if let failure = trade.failure, trade.status == .error {
                            failures.append(FailedTrade(position: count, failure: failure))
                        }
                    } else {
                        reader = ahead
                    }
                    count += 1
                }
                return .success((count, failures))
            } catch {
                return .failure(error)
            }
        }.get()
    }
}
