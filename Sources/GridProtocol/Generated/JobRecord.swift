// Generated from Schema/grid.proto by scripts/generate-protocol; do not edit.

/// Topic `jobs`, key job id, compacted: the newest record of a job counts.
public struct JobRecord: Hashable, Sendable {
    /// The job id.
    public var jobID: String
    /// The state.
    public var state: JobState
    /// The trade count.
    public var tradeCount: UInt32
    /// The batch count.
    public var batchCount: UInt32
    /// SHA-256 over the trade ids in portfolio order, each followed by a line feed.
    public var tradeIdsHash: [UInt8]
    /// The snapshot id.
    public var snapshotID: String
    /// The snapshot name.
    public var snapshotName: String
    /// The valuation day, counted from 1970-01-01.
    public var valuationDay: Int32
    /// The base currency.
    public var baseCurrency: String
    /// The metrics.
    public var metrics: [String]
    /// When it was submitted, microseconds since 1970-01-01 UTC.
    public var submittedAt: Int64
    /// No results are waited for after it; 0 for none.
    public var deadline: Int64
    /// The portfolio name.
    public var portfolioName: String
    /// The submitter.
    public var submitter: String
    /// The version.
    public var version: String
    /// SHA-256 over the payloads and trade headers of all batches: the same job id with other
    /// trades is refused.
    public var contentHash: [UInt8]
    /// Set by pause and resume; the state stays submitted.
    public var hold: JobHold
    /// The priority.
    public var priority: JobPriority

    /// Makes a message; what is not given has the protocol's default.
    public init(
        jobID: String = "",
        state: JobState = .unspecified,
        tradeCount: UInt32 = 0,
        batchCount: UInt32 = 0,
        tradeIdsHash: [UInt8] = [],
        snapshotID: String = "",
        snapshotName: String = "",
        valuationDay: Int32 = 0,
        baseCurrency: String = "",
        metrics: [String] = [],
        submittedAt: Int64 = 0,
        deadline: Int64 = 0,
        portfolioName: String = "",
        submitter: String = "",
        version: String = "",
        contentHash: [UInt8] = [],
        hold: JobHold = .unspecified,
        priority: JobPriority = .unspecified
    ) {
        self.jobID = jobID
        self.state = state
        self.tradeCount = tradeCount
        self.batchCount = batchCount
        self.tradeIdsHash = tradeIdsHash
        self.snapshotID = snapshotID
        self.snapshotName = snapshotName
        self.valuationDay = valuationDay
        self.baseCurrency = baseCurrency
        self.metrics = metrics
        self.submittedAt = submittedAt
        self.deadline = deadline
        self.portfolioName = portfolioName
        self.submitter = submitter
        self.version = version
        self.contentHash = contentHash
        self.hold = hold
        self.priority = priority
    }
}

extension JobRecord: WireMessage {
    /// The message's name in the schema.
    public static let schemaName = "valgrid.v1.JobRecord"

    /// Makes an empty message.
    public init() {
        jobID = ""
        state = .unspecified
        tradeCount = 0
        batchCount = 0
        tradeIdsHash = []
        snapshotID = ""
        snapshotName = ""
        valuationDay = 0
        baseCurrency = ""
        metrics = []
        submittedAt = 0
        deadline = 0
        portfolioName = ""
        submitter = ""
        version = ""
        contentHash = []
        hold = .unspecified
        priority = .unspecified
    }

    /// Reads the fields up to the end of the message, over those that are set.
    public mutating func decodeFields(from reader: inout WireReader) throws(WireError) {
        while let tag = try reader.nextTag() {
            switch tag {
            case 10: jobID = try reader.string()
            case 16: state = JobState(rawValue: try reader.int32())
            case 24: tradeCount = try reader.uint32()
            case 32: batchCount = try reader.uint32()
            case 42: tradeIdsHash = try reader.bytes()
            case 50: snapshotID = try reader.string()
            case 58: snapshotName = try reader.string()
            case 64: valuationDay = try reader.sint32()
            case 74: baseCurrency = try reader.string()
            case 82: try reader.element(of: &metrics)
            case 88: submittedAt = try reader.int64()
            case 96: deadline = try reader.int64()
            case 106: portfolioName = try reader.string()
            case 114: submitter = try reader.string()
            case 122: version = try reader.string()
            case 130: contentHash = try reader.bytes()
            case 136: hold = JobHold(rawValue: try reader.int32())
            case 144: priority = JobPriority(rawValue: try reader.int32())
            default: try reader.skip(tag)
            }
        }
    }

    /// Writes the fields that are set, in the order of their numbers.
    public func encodeFields(to writer: inout WireWriter) {
        writer.string(jobID, tag: 10)
        writer.int32(state.rawValue, tag: 16)
        writer.uint32(tradeCount, tag: 24)
        writer.uint32(batchCount, tag: 32)
        writer.bytes(tradeIdsHash, tag: 42)
        writer.string(snapshotID, tag: 50)
        writer.string(snapshotName, tag: 58)
        writer.sint32(valuationDay, tag: 64)
        writer.string(baseCurrency, tag: 74)
        for value in metrics { writer.string(value, tag: 82, always: true) }
        writer.int64(submittedAt, tag: 88)
        writer.int64(deadline, tag: 96)
        writer.string(portfolioName, tag: 106)
        writer.string(submitter, tag: 114)
        writer.string(version, tag: 122)
        writer.bytes(contentHash, tag: 130)
        writer.int32(hold.rawValue, tag: 136)
        writer.int32(priority.rawValue, tag: 144)
    }
}
