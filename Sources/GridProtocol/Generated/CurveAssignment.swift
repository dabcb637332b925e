// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Which curve serves a currency or an index.
public struct CurveAssignment: Hashable, Sendable {
    /// The key.
    public var key: String
    /// The curve.
    public var curve: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        key: String = "",
        curve: String = ""
    ) {
        self.key = key
        self.curve = curve
    }
}

extension CurveAssignment: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.CurveAssignment"

    /// Makes an empty message.
    public init() {
        key = ""
        curve = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: key = try reader.string()
            case 18: curve = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(key, tag: 10)
        writer.string(curve, tag: 18)
    }
}
