// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What a pricer answers for a PricingBatch.
public struct PricedBatch: Hashable, Sendable {
    /// One for each trade, in order.
    public var trades: [PricedTrade]
    /// Names that trades refer to by position: engines, metrics, factors.
    public var names: [String]
    /// The pricer version.
    public var pricerVersion: String
    /// The library version.
    public var libraryVersion: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        trades: [PricedTrade] = [],
        names: [String] = [],
        pricerVersion: String = "",
        libraryVersion: String = ""
    ) {
        self.trades = trades
        self.names = names
        self.pricerVersion = pricerVersion
        self.libraryVersion = libraryVersion
    }
}

extension PricedBatch: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricedBatch"

    /// Makes an empty message.
    public init() {
        trades = []
        names = []
        pricerVersion = ""
        libraryVersion = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.element(of: &trades)
            case 18: try reader.element(of: &names)
            case 26: pricerVersion = try reader.string()
            case 34: libraryVersion = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        for value in trades { writer.message(value, tag: 10) }
        for value in names { writer.string(value, tag: 18, always: true) }
        writer.string(pricerVersion, tag: 26)
        writer.string(libraryVersion, tag: 34)
    }
}
