// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Topics `batches`, `batches.intraday` and, of paused jobs, `batches.parked`; key (job id, index).
public struct Batch: Hashable, Sendable {
    /// The job id.
    public var jobID: String
    /// The batch's position in its job, from 0.
    public var index: UInt32
    /// The trade count.
    public var tradeCount: UInt32
    /// The snapshot id.
    public var snapshotID: String
    /// When it was queued, microseconds since 1970-01-01 UTC.
    public var queuedAt: Int64
    /// The deadline.
    public var deadline: Int64
    /// A PricingBatch; engines pass it on as it is.
    public var payload: [UInt8]
    /// Names that trade headers refer to by position.
    public var names: [String]
    /// The headers.
    public var headers: [TradeHeader]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        jobID: String = "",
        index: UInt32 = 0,
        tradeCount: UInt32 = 0,
        snapshotID: String = "",
        queuedAt: Int64 = 0,
        deadline: Int64 = 0,
        payload: [UInt8] = [],
        names: [String] = [],
        headers: [TradeHeader] = []
    ) {
        self.jobID = jobID
        self.index = index
        self.tradeCount = tradeCount
        self.snapshotID = snapshotID
        self.queuedAt = queuedAt
        self.deadline = deadline
        self.payload = payload
        self.names = names
        self.headers = headers
    }
}

extension Batch: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.Batch"

    /// Makes an empty message.
    public init() {
        jobID = ""
        index = 0
        tradeCount = 0
        snapshotID = ""
        queuedAt = 0
        deadline = 0
        payload = []
        names = []
        headers = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: jobID = try reader.string()
            case 16: index = try reader.uint32()
            case 24: tradeCount = try reader.uint32()
            case 34: snapshotID = try reader.string()
            case 40: queuedAt = try reader.int64()
            case 48: deadline = try reader.int64()
            case 58: payload = try reader.bytes()
            case 66: try reader.element(of: &names)
            case 74: try reader.element(of: &headers)
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
        writer.int64(queuedAt, tag: 40)
        writer.int64(deadline, tag: 48)
        writer.bytes(payload, tag: 58)
        for value in names { writer.string(value, tag: 66, always: true) }
        for value in headers { writer.message(value, tag: 74) }
    }
}
