// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A yield curve.
public struct CurveRecord: Hashable, Sendable {
    /// The id.
    public var id: String
    /// The currency.
    public var currency: String
    /// The value type.
    public var valueType: String
    /// The day count.
    public var dayCount: String
    /// The interpolation.
    public var interpolation: String
    /// The extrapolation.
    public var extrapolation: String
    /// The days, counted from 1970-01-01.
    public var days: [Int32]
    /// The values.
    public var values: [Double]
    /// Empty, or one for each node.
    public var labels: [String]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        id: String = "",
        currency: String = "",
        valueType: String = "",
        dayCount: String = "",
        interpolation: String = "",
        extrapolation: String = "",
        days: [Int32] = [],
        values: [Double] = [],
        labels: [String] = []
    ) {
        self.id = id
        self.currency = currency
        self.valueType = valueType
        self.dayCount = dayCount
        self.interpolation = interpolation
        self.extrapolation = extrapolation
        self.days = days
        self.values = values
        self.labels = labels
    }
}

extension CurveRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.CurveRecord"

    /// Makes an empty message.
    public init() {
        id = ""
        currency = ""
        valueType = ""
        dayCount = ""
        interpolation = ""
        extrapolation = ""
        days = []
        values = []
        labels = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: id = try reader.string()
            case 18: currency = try reader.string()
            case 26: valueType = try reader.string()
            case 34: dayCount = try reader.string()
            case 42: interpolation = try reader.string()
            case 50: extrapolation = try reader.string()
            case 58: try reader.sint32s(packedInto: &days)
            case 56: days.append(try reader.sint32())
            case 66: try reader.doubles(packedInto: &values)
            case 65: values.append(try reader.double())
            case 74: try reader.element(of: &labels)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(id, tag: 10)
        writer.string(currency, tag: 18)
        writer.string(valueType, tag: 26)
        writer.string(dayCount, tag: 34)
        writer.string(interpolation, tag: 42)
        writer.string(extrapolation, tag: 50)
        writer.sint32s(packed: days, tag: 58)
        writer.doubles(packed: values, tag: 66)
        for value in labels { writer.string(value, tag: 74, always: true) }
    }
}
