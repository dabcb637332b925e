// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What an engine hands to a pricer without decoding it.
public struct PricingBatch: Hashable, Sendable {
    /// Names that trades refer to by position.
    public var names: [String]
    /// Metrics by name, in the order of results.
    public var metrics: [String]
    /// In portfolio order, at most 100.
    public var trades: [PricingTrade]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        names: [String] = [],
        metrics: [String] = [],
        trades: [PricingTrade] = []
    ) {
        self.names = names
        self.metrics = metrics
        self.trades = trades
    }
}

extension PricingBatch: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricingBatch"

    /// Makes an empty message.
    public init() {
        names = []
        metrics = []
        trades = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: try reader.element(of: &names)
            case 18: try reader.element(of: &metrics)
            case 26: try reader.element(of: &trades)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        for value in names { writer.string(value, tag: 10, always: true) }
        for value in metrics { writer.string(value, tag: 18, always: true) }
        for value in trades { writer.message(value, tag: 26) }
    }
}
