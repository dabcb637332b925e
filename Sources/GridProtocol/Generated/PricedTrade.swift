// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// What pricing one trade gave.
public struct PricedTrade: Hashable, Sendable {
    /// The status.
    public var status: TradeStatus
    /// The engine, by its position in the list of names.
    public var engine: UInt32
    /// The cpu microseconds.
    public var cpuMicroseconds: Double
    /// The metrics.
    public var metrics: [PricedMetric]
    /// The failure.
    public var failure: Failure?

    /// Makes a message; what is not given has the protocol's default.
    public init(
        status: TradeStatus = .unspecified,
        engine: UInt32 = 0,
        cpuMicroseconds: Double = 0,
        metrics: [PricedMetric] = [],
        failure: Failure? = nil
    ) {
        self.status = status
        self.engine = engine
        self.cpuMicroseconds = cpuMicroseconds
        self.metrics = metrics
        self.failure = failure
    }
}

extension PricedTrade: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.PricedTrade"

    /// Makes an empty message.
    public init() {
        status = .unspecified
        engine = 0
        cpuMicroseconds = 0
        metrics = []
        failure = nil
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 8: status = TradeStatus(rawValue: try reader.int32())
            case 16: engine = try reader.uint32()
            case 25: cpuMicroseconds = try reader.double()
            case 34: try reader.element(of: &metrics)
            case 42: try reader.message(&failure)
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.int32(status.rawValue, tag: 8)
        writer.uint32(engine, tag: 16)
        writer.double(cpuMicroseconds, tag: 25)
        for value in metrics { writer.message(value, tag: 34) }
        if let failure { writer.message(failure, tag: 42) }
    }
}
