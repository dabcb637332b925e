// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What a report says of a trade and pricing does not need.
public struct TradeHeader: Hashable, Sendable {
    /// The trade id.
    public var tradeID: String
    /// Position in the batch's `names`.
    public var type: UInt32
    /// The book, by its position in the list of names.
    public var book: UInt32
    /// The counterparty, by its position in the list of names.
    public var counterparty: UInt32
    /// The netting set, by its position in the list of names.
    public var nettingSet: UInt32
    /// The currency, by its position in the list of names.
    public var currency: UInt32
    /// The notional.
    public var notional: Double
    /// The maturity day, counted from 1970-01-01.
    public var maturityDay: Int32

    /// Makes a message; what is not given has the protocol's default.
    public init(
        tradeID: String = "",
        type: UInt32 = 0,
        book: UInt32 = 0,
        counterparty: UInt32 = 0,
        nettingSet: UInt32 = 0,
        currency: UInt32 = 0,
        notional: Double = 0,
        maturityDay: Int32 = 0
    ) {
        self.tradeID = tradeID
        self.type = type
        self.book = book
        self.counterparty = counterparty
        self.nettingSet = nettingSet
        self.currency = currency
        self.notional = notional
        self.maturityDay = maturityDay
    }
}

extension TradeHeader: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.TradeHeader"

    /// Makes an empty message.
    public init() {
        tradeID = ""
        type = 0
        book = 0
        counterparty = 0
        nettingSet = 0
        currency = 0
        notional = 0
        maturityDay = 0
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: tradeID = try reader.string()
            case 16: type = try reader.uint32()
            case 24: book = try reader.uint32()
            case 32: counterparty = try reader.uint32()
            case 40: nettingSet = try reader.uint32()
            case 48: currency = try reader.uint32()
            case 57: notional = try reader.double()
            case 64: maturityDay = try reader.sint32()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(tradeID, tag: 10)
        writer.uint32(type, tag: 16)
        writer.uint32(book, tag: 24)
        writer.uint32(counterparty, tag: 32)
        writer.uint32(nettingSet, tag: 40)
        writer.uint32(currency, tag: 48)
        writer.double(notional, tag: 57)
        writer.sint32(maturityDay, tag: 64)
    }
}
