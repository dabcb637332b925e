// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Terms of one leg of a swap.
public struct LegTerms: Hashable, Sendable {
    /// Whether it is paid.
    public var isPaid: Bool
    /// The currency, by its position in the list of names.
    public var currency: UInt32
    /// The notional.
    public var notional: Double
    /// The fixed rate, or the spread over the index.
    public var rate: Double
    /// Floating legs: position of the index's name.
    public var index: UInt32
    /// Floating legs: 0 for the index's own, else fixing days + 1.
    public var fixingDaysPlusOne: UInt32
    /// The day count, by its position in the list of names.
    public var dayCount: UInt32
    /// The payment convention, by its position in the list of names.
    public var paymentConvention: UInt32
    /// The start day, counted from 1970-01-01.
    public var startDay: Int32
    /// The end day, counted from 1970-01-01.
    public var endDay: Int32
    /// The frequency, by its position in the list of names.
    public var frequency: UInt32
    /// The calendar, by its position in the list of names.
    public var calendar: UInt32
    /// The convention, by its position in the list of names.
    public var convention: UInt32
    /// Whether dates are counted from the end of the schedule.
    public var rollsBackward: Bool
    /// Whether periods that start at a month's end also end at one.
    public var endOfMonth: Bool
    /// Floating legs: whether a period is forecast over its own days, as QuantLib's par coupon,
    /// rather than by the index's own rate.
    public var forecastsPeriod: Bool

    /// Makes a message; what is not given has the protocol's default.
    public init(
        isPaid: Bool = false,
        currency: UInt32 = 0,
        notional: Double = 0,
        rate: Double = 0,
        index: UInt32 = 0,
        fixingDaysPlusOne: UInt32 = 0,
        dayCount: UInt32 = 0,
        paymentConvention: UInt32 = 0,
        startDay: Int32 = 0,
        endDay: Int32 = 0,
        frequency: UInt32 = 0,
        calendar: UInt32 = 0,
        convention: UInt32 = 0,
        rollsBackward: Bool = false,
        endOfMonth: Bool = false,
        forecastsPeriod: Bool = false
    ) {
        self.isPaid = isPaid
        self.currency = currency
        self.notional = notional
        self.rate = rate
        self.index = index
        self.fixingDaysPlusOne = fixingDaysPlusOne
        self.dayCount = dayCount
        self.paymentConvention = paymentConvention
        self.startDay = startDay
        self.endDay = endDay
        self.frequency = frequency
        self.calendar = calendar
        self.convention = convention
        self.rollsBackward = rollsBackward
        self.endOfMonth = endOfMonth
        self.forecastsPeriod = forecastsPeriod
    }
}

extension LegTerms: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.LegTerms"

    /// Makes an empty message.
    public init() {
        isPaid = false
        currency = 0
        notional = 0
        rate = 0
        index = 0
        fixingDaysPlusOne = 0
        dayCount = 0
        paymentConvention = 0
        startDay = 0
        endDay = 0
        frequency = 0
        calendar = 0
        convention = 0
        rollsBackward = false
        endOfMonth = false
        forecastsPeriod = false
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: isPaid = try reader.bool()
            case 16: currency = try reader.uint32()
            case 25: notional = try reader.double()
            case 33: rate = try reader.double()
            case 40: index = try reader.uint32()
            case 48: fixingDaysPlusOne = try reader.uint32()
            case 56: dayCount = try reader.uint32()
            case 64: paymentConvention = try reader.uint32()
            case 72: startDay = try reader.sint32()
            case 80: endDay = try reader.sint32()
            case 88: frequency = try reader.uint32()
            case 96: calendar = try reader.uint32()
            case 104: convention = try reader.uint32()
            case 112: rollsBackward = try reader.bool()
            case 120: endOfMonth = try reader.bool()
            case 128: forecastsPeriod = try reader.bool()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.bool(isPaid, tag: 8)
        writer.uint32(currency, tag: 16)
        writer.double(notional, tag: 25)
        writer.double(rate, tag: 33)
        writer.uint32(index, tag: 40)
        writer.uint32(fixingDaysPlusOne, tag: 48)
        writer.uint32(dayCount, tag: 56)
        writer.uint32(paymentConvention, tag: 64)
        writer.sint32(startDay, tag: 72)
        writer.sint32(endDay, tag: 80)
        writer.uint32(frequency, tag: 88)
        writer.uint32(calendar, tag: 96)
        writer.uint32(convention, tag: 104)
        writer.bool(rollsBackward, tag: 112)
        writer.bool(endOfMonth, tag: 120)
        writer.bool(forecastsPeriod, tag: 128)
    }
}
