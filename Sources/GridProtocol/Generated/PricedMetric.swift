// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// One metric of one trade.
public struct PricedMetric: Hashable, Sendable {
    /// The metric, by its position in the list of names.
    public var metric: UInt32
    /// The value.
    public var value: Double
    /// The value in the snapshot's base currency, for metrics that are amounts.
    public var baseValue: Double?
    /// Names of the parts of the metric, by position.
    public var factors: [UInt32]
    /// Their values, one for each name.
    public var factorValues: [Double]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        metric: UInt32 = 0,
        value: Double = 0,
        baseValue: Double? = nil,
        factors: [UInt32] = [],
        factorValues: [Double] = []
    ) {
        self.metric = metric
        self.value = value
        self.baseValue = baseValue
        self.factors = factors
        self.factorValues = factorValues
    }
}

extension PricedMetric: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricedMetric"

    /// Makes an empty message.
    public init() {
        metric = 0
        value = 0
        baseValue = nil
        factors = []
        factorValues = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: metric = try reader.uint32()
            case 17: value = try reader.double()
            case 25: baseValue = try reader.double()
            case 34: try reader.uint32s(packedInto: &factors)
            case 32: factors.append(try reader.uint32())
            case 42: try reader.doubles(packedInto: &factorValues)
            case 41: factorValues.append(try reader.double())
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.uint32(metric, tag: 8)
        writer.double(value, tag: 17)
        if let baseValue { writer.double(baseValue, tag: 25, always: true) }
        writer.uint32s(packed: factors, tag: 34)
        writer.doubles(packed: factorValues, tag: 42)
    }
}
