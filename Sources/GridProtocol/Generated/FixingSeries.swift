// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Published fixings of one index.
public struct FixingSeries: Hashable, Sendable {
    /// The index.
    public var index: String
    /// The days, counted from 1970-01-01.
    public var days: [Int32]
    /// The values.
    public var values: [Double]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        index: String = "",
        days: [Int32] = [],
        values: [Double] = []
    ) {
        self.index = index
        self.days = days
        self.values = values
    }
}

extension FixingSeries: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.FixingSeries"

    /// Makes an empty message.
    public init() {
        index = ""
        days = []
        values = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: index = try reader.string()
            case 18: try reader.sint32s(packedInto: &days)
            case 16: days.append(try reader.sint32())
            case 26: try reader.doubles(packedInto: &values)
            case 25: values.append(try reader.double())
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(index, tag: 10)
        writer.sint32s(packed: days, tag: 18)
        writer.doubles(packed: values, tag: 26)
    }
}
