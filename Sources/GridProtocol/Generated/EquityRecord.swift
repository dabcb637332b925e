// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// A share or an equity index.
public struct EquityRecord: Hashable, Sendable {
    /// The id.
    public var id: String
    /// The currency.
    public var currency: String
    /// The spot.
    public var spot: Double
    /// The dividend curve.
    public var dividendCurve: String
    /// The funding curve.
    public var fundingCurve: String
    /// The volatility.
    public var volatility: String

    /// Makes a message; what is not given has the protocol's default.
    public init(
        id: String = "",
        currency: String = "",
        spot: Double = 0,
        dividendCurve: String = "",
        fundingCurve: String = "",
        volatility: String = ""
    ) {
        self.id = id
        self.currency = currency
        self.spot = spot
        self.dividendCurve = dividendCurve
        self.fundingCurve = fundingCurve
        self.volatility = volatility
    }
}

extension EquityRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.EquityRecord"

    /// Makes an empty message.
    public init() {
        id = ""
        currency = ""
        spot = 0
        dividendCurve = ""
        fundingCurve = ""
        volatility = ""
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: id = try reader.string()
            case 18: currency = try reader.string()
            case 25: spot = try reader.double()
            case 34: dividendCurve = try reader.string()
            case 42: fundingCurve = try reader.string()
            case 50: volatility = try reader.string()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(id, tag: 10)
        writer.string(currency, tag: 18)
        writer.double(spot, tag: 25)
        writer.string(dividendCurve, tag: 34)
        writer.string(fundingCurve, tag: 42)
        writer.string(volatility, tag: 50)
    }
}
