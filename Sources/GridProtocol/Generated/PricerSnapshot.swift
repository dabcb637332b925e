// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A snapshot for a pricer to keep.
public struct PricerSnapshot: Hashable, Sendable {
    /// The snapshot id.
    public var snapshotID: String
    /// A MarketSnapshotRecord.
    public var snapshot: [UInt8]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        snapshotID: String = "",
        snapshot: [UInt8] = []
    ) {
        self.snapshotID = snapshotID
        self.snapshot = snapshot
    }
}

extension PricerSnapshot: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricerSnapshot"

    /// Makes an empty message.
    public init() {
        snapshotID = ""
        snapshot = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: snapshotID = try reader.string()
            case 18: snapshot = try reader.bytes()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(snapshotID, tag: 10)
        writer.bytes(snapshot, tag: 18)
    }
}
