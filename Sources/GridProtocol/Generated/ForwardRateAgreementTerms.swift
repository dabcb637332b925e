// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Terms of a forward rate agreement.
public struct ForwardRateAgreementTerms: Hashable, Sendable {
    /// Whether it is short.
    public var isShort: Bool
    /// The notional.
    public var notional: Double
    /// The rate.
    public var rate: Double
    /// The index, by its position in the list of names.
    public var index: UInt32
    /// The start day, counted from 1970-01-01.
    public var startDay: Int32
    /// The end day, counted from 1970-01-01.
    public var endDay: Int32

    /// Makes a message; what is not given has the protocol's default.
    public init(
        isShort: Bool = false,
        notional: Double = 0,
        rate: Double = 0,
        index: UInt32 = 0,
        startDay: Int32 = 0,
        endDay: Int32 = 0
    ) {
        self.isShort = isShort
        self.notional = notional
        self.rate = rate
        self.index = index
        self.startDay = startDay
        self.endDay = endDay
    }
}

extension ForwardRateAgreementTerms: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.ForwardRateAgreementTerms"

    /// Makes an empty message.
    public init() {
        isShort = false
        notional = 0
        rate = 0
        index = 0
        startDay = 0
        endDay = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: isShort = try reader.bool()
            case 17: notional = try reader.double()
            case 25: rate = try reader.double()
            case 32: index = try reader.uint32()
            case 40: startDay = try reader.sint32()
            case 48: endDay = try reader.sint32()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.bool(isShort, tag: 8)
        writer.double(notional, tag: 17)
        writer.double(rate, tag: 25)
        writer.uint32(index, tag: 32)
        writer.sint32(startDay, tag: 40)
        writer.sint32(endDay, tag: 48)
    }
}
