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
    /// The engine's process.
    public var pid: UInt32
    /// Of the library that pricers price with, as they say it.
    public var libraryVersion: String
    /// How long it is to the next heartbeat.
    public var intervalMillis: UInt32
    /// How results reach Kafka: exactly-once, at-least-once.
    public var delivery: String
    /// What pricers are at, the oldest first, at most 24.
    public var work: [EngineWork]
    /// Over the last ten seconds or so.
    public var batchesPerSecond: Double
    /// Over the last ten seconds or so.
    public var tradesPerSecond: Double
    /// Memory of the engine's process.
    public var residentBytes: UInt64
    /// Memory of its pricers together.
    public var pricerResidentBytes: UInt64

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
        stopped: Bool = false,
        pid: UInt32 = 0,
        libraryVersion: String = "",
        intervalMillis: UInt32 = 0,
        delivery: String = "",
        work: [EngineWork] = [],
        batchesPerSecond: Double = 0,
        tradesPerSecond: Double = 0,
        residentBytes: UInt64 = 0,
        pricerResidentBytes: UInt64 = 0
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
        self.pid = pid
        self.libraryVersion = libraryVersion
        self.intervalMillis = intervalMillis
        self.delivery = delivery
        self.work = work
        self.batchesPerSecond = batchesPerSecond
        self.tradesPerSecond = tradesPerSecond
        self.residentBytes = residentBytes
        self.pricerResidentBytes = pricerResidentBytes
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
        pid = 0
        libraryVersion = ""
        intervalMillis = 0
        delivery = ""
        work = []
        batchesPerSecond = 0
        tradesPerSecond = 0
        residentBytes = 0
        pricerResidentBytes = 0
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
            case 112: pid = try reader.uint32()
            case 122: libraryVersion = try reader.string()
            case 128: intervalMillis = try reader.uint32()
            case 138: delivery = try reader.string()
            case 146: try reader.element(of: &work)
            case 153: batchesPerSecond = try reader.double()
            case 161: tradesPerSecond = try reader.double()
            case 168: residentBytes = try reader.uint64()
            case 176: pricerResidentBytes = try reader.uint64()
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
        writer.uint32(pid, tag: 112)
        writer.string(libraryVersion, tag: 122)
        writer.uint32(intervalMillis, tag: 128)
        writer.string(delivery, tag: 138)
        for value in work { writer.message(value, tag: 146) }
        writer.double(batchesPerSecond, tag: 153)
        writer.double(tradesPerSecond, tag: 161)
        writer.uint64(residentBytes, tag: 168)
        writer.uint64(pricerResidentBytes, tag: 176)
    }
}
