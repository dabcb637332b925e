// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A lognormal volatility, one number for all strikes and expiries.
public struct VolatilityRecord: Hashable, Sendable {
    /// The id.
    public var id: String
    /// The value.
    public var value: Double
    /// The reference day, counted from 1970-01-01.
    public var referenceDay: Int32?
    /// The day count.
    public var dayCount: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        id: String = "",
        value: Double = 0,
        referenceDay: Int32? = nil,
        dayCount: String = ""
    ) {
        self.id = id
        self.value = value
        self.referenceDay = referenceDay
        self.dayCount = dayCount
    }
}

extension VolatilityRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.VolatilityRecord"

    /// Makes an empty message.
    public init() {
        id = ""
        value = 0
        referenceDay = nil
        dayCount = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: id = try reader.string()
            case 17: value = try reader.double()
            case 24: referenceDay = try reader.sint32()
            case 34: dayCount = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(id, tag: 10)
        writer.double(value, tag: 17)
        if let referenceDay { writer.sint32(referenceDay, tag: 24, always: true) }
        writer.string(dayCount, tag: 34)
    }
}
