// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A batch that an engine has in work.
public struct EngineWork: Hashable, Sendable {
    /// The job id.
    public var jobID: String
    /// The batch index.
    public var batchIndex: UInt32
    /// When the engine began with it.
    public var since: Int64

    /// Makes a message; what is not given has the protocol's default.
    public init(
        jobID: String = "",
        batchIndex: UInt32 = 0,
        since: Int64 = 0
    ) {
        self.jobID = jobID
        self.batchIndex = batchIndex
        self.since = since
    }
}

extension EngineWork: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.EngineWork"

    /// Makes an empty message.
    public init() {
        jobID = ""
        batchIndex = 0
        since = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: jobID = try reader.string()
            case 16: batchIndex = try reader.uint32()
            case 24: since = try reader.int64()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(jobID, tag: 10)
        writer.uint32(batchIndex, tag: 16)
        writer.int64(since, tag: 24)
    }
}
