// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Topic `engines`, key engine id.
public struct Heartbeat: Hashable, Sendable {
    /// The engine id.
    public var engineID: String
    /// The host.
    public var host: String
    /// When it was started, microseconds since 1970-01-01 UTC.
    public var startedAt: Int64
    /// When it happened, microseconds since 1970-01-01 UTC.
    public var at: Int64
    /// The version.
    public var version: String
    /// Pricer processes.
    public var pricers: UInt32
    /// Pricers that are at work.
    public var busyPricers: UInt32
    /// Since the engine started.
    public var batchesPriced: UInt64
    /// Since the engine started.
    public var tradesPriced: UInt64
    /// Since the engine started.
    public var pricerRestarts: UInt64
    /// Partitions of `batches` that the engine owns.
    public var partitions: [Int32]
    /// The engine is stopping and takes no more batches.
    public var draining: Bool
    /// The engine has stopped; its last heartbeat.
    public var stopped: Bool

    /// Makes a message; what is not given has the protocol's default.
    public init(
        engineID: String = "",
        host: String = "",
        startedAt: Int64 = 0,
        at: Int64 = 0,
        version: String = "",
        pricers: UInt32 = 0,
        busyPricers: UInt32 = 0,
        batchesPriced: UInt64 = 0,
        tradesPriced: UInt64 = 0,
        pricerRestarts: UInt64 = 0,
        partitions: [Int32] = [],
        draining: Bool = false,
        stopped: Bool = false
    ) {
        self.engineID = engineID
        self.host = host
        self.startedAt = startedAt
        self.at = at
        self.version = version
        self.pricers = pricers
        self.busyPricers = busyPricers
        self.batchesPriced = batchesPriced
        self.tradesPriced = tradesPriced
        self.pricerRestarts = pricerRestarts
        self.partitions = partitions
        self.draining = draining
        self.stopped = stopped
    }
}

extension Heartbeat: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.Heartbeat"

    /// Makes an empty message.
    public init() {
        engineID = ""
        host = ""
        startedAt = 0
        at = 0
        version = ""
        pricers = 0
        busyPricers = 0
        batchesPriced = 0
        tradesPriced = 0
        pricerRestarts = 0
        partitions = []
        draining = false
        stopped = false
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: engineID = try reader.string()
            case 18: host = try reader.string()
            case 24: startedAt = try reader.int64()
            case 32: at = try reader.int64()
            case 42: version = try reader.string()
            case 48: pricers = try reader.uint32()
            case 56: busyPricers = try reader.uint32()
            case 64: batchesPriced = try reader.uint64()
            case 72: tradesPriced = try reader.uint64()
            case 80: pricerRestarts = try reader.uint64()
            case 90: try reader.int32s(packedInto: &partitions)
            case 88: partitions.append(try reader.int32())
            case 96: draining = try reader.bool()
            case 104: stopped = try reader.bool()
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(engineID, tag: 10)
        writer.string(host, tag: 18)
        writer.int64(startedAt, tag: 24)
        writer.int64(at, tag: 32)
        writer.string(version, tag: 42)
        writer.uint32(pricers, tag: 48)
        writer.uint32(busyPricers, tag: 56)
        writer.uint64(batchesPriced, tag: 64)
        writer.uint64(tradesPriced, tag: 72)
        writer.uint64(pricerRestarts, tag: 80)
        writer.int32s(packed: partitions, tag: 90)
        writer.bool(draining, tag: 96)
        writer.bool(stopped, tag: 104)
    }
}
