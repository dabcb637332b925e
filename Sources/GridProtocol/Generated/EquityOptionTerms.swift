// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Terms of an equity option.
public struct EquityOptionTerms: Hashable, Sendable {
    /// The underlying, by its position in the list of names.
    public var underlying: UInt32
    /// The currency, by its position in the list of names.
    public var currency: UInt32
    /// Whether it is short.
    public var isShort: Bool
    /// Whether it is put.
    public var isPut: Bool
    /// Whether it is american.
    public var isAmerican: Bool
    /// The strike.
    public var strike: Double
    /// The expiry day, counted from 1970-01-01.
    public var expiryDay: Int32
    /// The quantity.
    public var quantity: Double
    /// 0 for the style's default, else position of the engine's name + 1.
    public var enginePlusOne: UInt32

    /// Makes a message; what is not given has the protocol's default.
    public init(
        underlying: UInt32 = 0,
        currency: UInt32 = 0,
        isShort: Bool = false,
        isPut: Bool = false,
        isAmerican: Bool = false,
        strike: Double = 0,
        expiryDay: Int32 = 0,
        quantity: Double = 0,
        enginePlusOne: UInt32 = 0
    ) {
        self.underlying = underlying
        self.currency = currency
        self.isShort = isShort
        self.isPut = isPut
        self.isAmerican = isAmerican
        self.strike = strike
        self.expiryDay = expiryDay
        self.quantity = quantity
        self.enginePlusOne = enginePlusOne
    }
}

extension EquityOptionTerms: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.EquityOptionTerms"

    /// Makes an empty message.
    public init() {
        underlying = 0
        currency = 0
        isShort = false
        isPut = false
        isAmerican = false
        strike = 0
        expiryDay = 0
        quantity = 0
        enginePlusOne = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: underlying = try reader.uint32()
            case 16: currency = try reader.uint32()
            case 24: isShort = try reader.bool()
            case 32: isPut = try reader.bool()
            case 40: isAmerican = try reader.bool()
            case 49: strike = try reader.double()
            case 56: expiryDay = try reader.sint32()
            case 65: quantity = try reader.double()
            case 72: enginePlusOne = try reader.uint32()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.uint32(underlying, tag: 8)
        writer.uint32(currency, tag: 16)
        writer.bool(isShort, tag: 24)
        writer.bool(isPut, tag: 32)
        writer.bool(isAmerican, tag: 40)
        writer.double(strike, tag: 49)
        writer.sint32(expiryDay, tag: 56)
        writer.double(quantity, tag: 65)
        writer.uint32(enginePlusOne, tag: 72)
    }
}
