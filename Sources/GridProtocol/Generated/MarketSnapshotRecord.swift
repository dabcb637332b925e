// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Everything observed on a valuation date.
///
/// Topic `market`, key snapshot id, compacted.
public struct MarketSnapshotRecord: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The valuation day, counted from 1970-01-01.
    public var valuationDay: Int32
    /// The base currency.
    public var baseCurrency: String
    /// The curves.
    public var curves: [CurveRecord]
    /// The discount curves.
    public var discountCurves: [CurveAssignment]
    /// The forward curves.
    public var forwardCurves: [CurveAssignment]
    /// The exchange rates.
    public var exchangeRates: [ExchangeRateRecord]
    /// The equities.
    public var equities: [EquityRecord]
    /// The volatilities.
    public var volatilities: [VolatilityRecord]
    /// The fixings.
    public var fixings: [FixingSeries]

    /// Makes a message; what is not given has the protocol's default.
    public init(
        name: String = "",
        valuationDay: Int32 = 0,
        baseCurrency: String = "",
        curves: [CurveRecord] = [],
        discountCurves: [CurveAssignment] = [],
        forwardCurves: [CurveAssignment] = [],
        exchangeRates: [ExchangeRateRecord] = [],
        equities: [EquityRecord] = [],
        volatilities: [VolatilityRecord] = [],
        fixings: [FixingSeries] = []
    ) {
        self.name = name
        self.valuationDay = valuationDay
        self.baseCurrency = baseCurrency
        self.curves = curves
        self.discountCurves = discountCurves
        self.forwardCurves = forwardCurves
        self.exchangeRates = exchangeRates
        self.equities = equities
        self.volatilities = volatilities
        self.fixings = fixings
    }
}

extension MarketSnapshotRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.MarketSnapshotRecord"

    /// Makes an empty message.
    public init() {
        name = ""
        valuationDay = 0
        baseCurrency = ""
        curves = []
        discountCurves = []
        forwardCurves = []
        exchangeRates = []
        equities = []
        volatilities = []
        fixings = []
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: name = try reader.string()
            case 16: valuationDay = try reader.sint32()
            case 26: baseCurrency = try reader.string()
            case 34: try reader.element(of: &curves)
            case 42: try reader.element(of: &discountCurves)
            case 50: try reader.element(of: &forwardCurves)
            case 58: try reader.element(of: &exchangeRates)
            case 66: try reader.element(of: &equities)
            case 74: try reader.element(of: &volatilities)
            case 82: try reader.element(of: &fixings)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(name, tag: 10)
        writer.sint32(valuationDay, tag: 16)
        writer.string(baseCurrency, tag: 26)
        for value in curves { writer.message(value, tag: 34) }
        for value in discountCurves { writer.message(value, tag: 42) }
        for value in forwardCurves { writer.message(value, tag: 50) }
        for value in exchangeRates { writer.message(value, tag: 58) }
        for value in equities { writer.message(value, tag: 66) }
        for value in volatilities { writer.message(value, tag: 74) }
        for value in fixings { writer.message(value, tag: 82) }
    }
}
