// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Topic `results`, key job id.
public struct BatchResult: Hashable, Sendable {
    /// The job id.
    public var jobID: String
    /// The batch's position in its job, from 0.
    public var index: UInt32
    /// The trade count.
    public var tradeCount: UInt32
    /// The snapshot id.
    public var snapshotID: String
    /// The engine id.
    public var engineID: String
    /// 1 for the first try; counts every hand-over of the batch or a part of it to a pricer.
    public var attempt: UInt32
    /// When it was queued, microseconds since 1970-01-01 UTC.
    public var queuedAt: Int64
    /// When it was taken, microseconds since 1970-01-01 UTC.
    public var takenAt: Int64
    /// When it was priced, microseconds since 1970-01-01 UTC.
    public var pricedAt: Int64
    /// The engine version.
    public var engineVersion: String
    /// PricedBatch records whose trades, one after the other, are the batch's; as pricers wrote
    /// them.
    public var parts: [[UInt8]]
    /// Set without parts: why none of the batch's trades has a value.
    public var failure: Failure?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        jobID: String = "",
        index: UInt32 = 0,
        tradeCount: UInt32 = 0,
        snapshotID: String = "",
        engineID: String = "",
        attempt: UInt32 = 0,
        queuedAt: Int64 = 0,
        takenAt: Int64 = 0,
        pricedAt: Int64 = 0,
        engineVersion: String = "",
        parts: [[UInt8]] = [],
        failure: Failure? = nil
    ) {
        self.jobID = jobID
        self.index = index
        self.tradeCount = tradeCount
        self.snapshotID = snapshotID
        self.engineID = engineID
        self.attempt = attempt
        self.queuedAt = queuedAt
        self.takenAt = takenAt
        self.pricedAt = pricedAt
        self.engineVersion = engineVersion
        self.parts = parts
        self.failure = failure
    }
}

extension BatchResult: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.BatchResult"

    /// Makes an empty message.
    public init() {
        jobID = ""
        index = 0
        tradeCount = 0
        snapshotID = ""
        engineID = ""
        attempt = 0
        queuedAt = 0
        takenAt = 0
        pricedAt = 0
        engineVersion = ""
        parts = []
        failure = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: jobID = try reader.string()
            case 16: index = try reader.uint32()
            case 24: tradeCount = try reader.uint32()
            case 34: snapshotID = try reader.string()
            case 42: engineID = try reader.string()
            case 48: attempt = try reader.uint32()
            case 56: queuedAt = try reader.int64()
            case 64: takenAt = try reader.int64()
            case 72: pricedAt = try reader.int64()
            case 82: engineVersion = try reader.string()
            case 90: try reader.element(of: &parts)
            case 98: try reader.message(&failure)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(jobID, tag: 10)
        writer.uint32(index, tag: 16)
        writer.uint32(tradeCount, tag: 24)
        writer.string(snapshotID, tag: 34)
        writer.string(engineID, tag: 42)
        writer.uint32(attempt, tag: 48)
        writer.int64(queuedAt, tag: 56)
        writer.int64(takenAt, tag: 64)
        writer.int64(pricedAt, tag: 72)
        writer.string(engineVersion, tag: 82)
        for value in parts { writer.bytes(value, tag: 90, always: true) }
        if let failure { writer.message(failure, tag: 98) }
    }
}
