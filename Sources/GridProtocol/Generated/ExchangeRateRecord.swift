// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// One unit of `base` costs `value` units of `quote`.
public struct ExchangeRateRecord: Hashable, Sendable {
    /// The base.
    public var base: String
    /// The quote.
    public var quote: String
    /// The value.
    public var value: Double

    /// Makes a message; what is not given has the protocol's default.
    public init(
        base: String = "",
        quote: String = "",
        value: Double = 0
    ) {
        self.base = base
        self.quote = quote
        self.value = value
    }
}

extension ExchangeRateRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.ExchangeRateRecord"

    /// Makes an empty message.
    public init() {
        base = ""
        quote = ""
        value = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: base = try reader.string()
            case 18: quote = try reader.string()
            case 25: value = try reader.double()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(base, tag: 10)
        writer.string(quote, tag: 18)
        writer.double(value, tag: 25)
    }
}
