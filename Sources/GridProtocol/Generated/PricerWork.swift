// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A batch, or a part of one, for a pricer to price.
public struct PricerWork: Hashable, Sendable {
    /// The snapshot id.
    public var snapshotID: String
    /// A PricingBatch.
    public var payload: [UInt8]
    /// The trades of the batch to price, first ..< first + count; count 0 means all.
    public var first: UInt32
    /// The count.
    public var count: UInt32

    /// Makes a message; what is not given has the protocol's default.
    public init(
        snapshotID: String = "",
        payload: [UInt8] = [],
        first: UInt32 = 0,
        count: UInt32 = 0
    ) {
        self.snapshotID = snapshotID
        self.payload = payload
        self.first = first
        self.count = count
    }
}

extension PricerWork: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricerWork"

    /// Makes an empty message.
    public init() {
        snapshotID = ""
        payload = []
        first = 0
        count = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: snapshotID = try reader.string()
            case 18: payload = try reader.bytes()
            case 24: first = try reader.uint32()
            case 32: count = try reader.uint32()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(snapshotID, tag: 10)
        writer.bytes(payload, tag: 18)
        writer.uint32(first, tag: 24)
        writer.uint32(count, tag: 32)
    }
}
