// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What a pricer says of itself.
public struct PricerHello: Hashable, Sendable {
    /// The pricer version.
    public var pricerVersion: String
    /// The library version.
    public var libraryVersion: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        pricerVersion: String = "",
        libraryVersion: String = ""
    ) {
        self.pricerVersion = pricerVersion
        self.libraryVersion = libraryVersion
    }
}

extension PricerHello: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricerHello"

    /// Makes an empty message.
    public init() {
        pricerVersion = ""
        libraryVersion = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: pricerVersion = try reader.string()
            case 18: libraryVersion = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(pricerVersion, tag: 10)
        writer.string(libraryVersion, tag: 18)
    }
}
