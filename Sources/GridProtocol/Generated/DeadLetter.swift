// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Topic `deadletter`.
public struct DeadLetter: Hashable, Sendable {
    /// The topic.
    public var topic: String
    /// The partition.
    public var partition: Int32
    /// The offset.
    public var offset: Int64
    /// A failure code: undecodable, pricer_crashed, pricer_timed_out, ...
    public var cause: String
    /// The message.
    public var message: String
    /// The job id.
    public var jobID: String
    /// The batch index.
    public var batchIndex: UInt32
    /// The trade id.
    public var tradeID: String
    /// The signal that ended the pricer; 0 for none.
    public var signal: Int32
    /// The attempt.
    public var attempt: UInt32
    /// The engine id.
    public var engineID: String
    /// When it happened, microseconds since 1970-01-01 UTC.
    public var at: Int64
    /// The record or the part of it that is to blame.
    public var bytes: [UInt8]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        topic: String = "",
        partition: Int32 = 0,
        offset: Int64 = 0,
        cause: String = "",
        message: String = "",
        jobID: String = "",
        batchIndex: UInt32 = 0,
        tradeID: String = "",
        signal: Int32 = 0,
        attempt: UInt32 = 0,
        engineID: String = "",
        at: Int64 = 0,
        bytes: [UInt8] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.cause = cause
        self.message = message
        self.jobID = jobID
        self.batchIndex = batchIndex
        self.tradeID = tradeID
        self.signal = signal
        self.attempt = attempt
        self.engineID = engineID
        self.at = at
        self.bytes = bytes
    }
}

extension DeadLetter: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.DeadLetter"

    /// Makes an empty message.
    public init() {
        topic = ""
        partition = 0
        offset = 0
        cause = ""
        message = ""
        jobID = ""
        batchIndex = 0
        tradeID = ""
        signal = 0
        attempt = 0
        engineID = ""
        at = 0
        bytes = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: topic = try reader.string()
            case 16: partition = try reader.int32()
            case 24: offset = try reader.int64()
            case 34: cause = try reader.string()
            case 42: message = try reader.string()
            case 50: jobID = try reader.string()
            case 56: batchIndex = try reader.uint32()
            case 66: tradeID = try reader.string()
            case 72: signal = try reader.int32()
            case 80: attempt = try reader.uint32()
            case 90: engineID = try reader.string()
            case 96: at = try reader.int64()
            case 106: bytes = try reader.bytes()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(topic, tag: 10)
        writer.int32(partition, tag: 16)
        writer.int64(offset, tag: 24)
        writer.string(cause, tag: 34)
        writer.string(message, tag: 42)
        writer.string(jobID, tag: 50)
        writer.uint32(batchIndex, tag: 56)
        writer.string(tradeID, tag: 66)
        writer.int32(signal, tag: 72)
        writer.uint32(attempt, tag: 80)
        writer.string(engineID, tag: 90)
        writer.int64(at, tag: 96)
        writer.bytes(bytes, tag: 106)
    }
}
