public import Finance
public import GridProtocol
public import KafkaClient

/// A snapshot in the market topic.
public struct StoredSnapshot: Hashable, Sendable {
    /// The hash of its canonical bytes.
    public var id: SnapshotID
    /// What the desk calls it.
    public var name: String
    /// The day that it is the market of.
    public var valuationDate: CalendarDate
    /// The currency of totals.
    public var baseCurrency: String
    /// Bytes of its record.
    public var bytes: Int
    /// When it was sent last, microseconds since 1970-01-01 UTC.
    public var sentAt: Int64
}

/// Reads the market topic.
public struct SnapshotLog: Sendable {
    private let scan: TopicScan
    private let jobs: JobLog
    private let topic: String

    /// Makes a reader of the topic.
    public init(configuration: KafkaConfiguration, topics: Topics) {
        scan = TopicScan(configuration: configuration)
        jobs = JobLog(configuration: configuration, topics: topics)
        topic = topics.market
    }

    /// Returns the snapshots that are there, the one that was sent last first; records that this
    /// version cannot read are left out.
    ///
    /// - Throws: ``SubmissionError`` `kafka`.
    public func snapshots() async throws(SubmissionError) -> [StoredSnapshot] {
        var newest: [[UInt8]: StoredSnapshot] = [:]
        try await scan.records(of: topic) { record in
            guard let key = record.key else { return }
            newest[key] = StoredSnapshot(record)
        }
        return newest.values.sorted { ($0.sentAt, $0.id.rawValue) > ($1.sentAt, $1.id.rawValue) }
    }

    /// Returns a snapshot; nil when it is not in its topic any more.
    ///
    /// - Throws: ``SubmissionError``: `invalid` when this version cannot read it, `kafka`.
    public func snapshot(_ id: SnapshotID) async throws(SubmissionError) -> MarketSnapshot? {
        guard let bytes = try await jobs.snapshotBytes(of: id) else { return nil }
        do throws(WireError) {
            return try MarketSnapshotRecord.decode(bytes).marketSnapshot()
        } catch {
            throw SubmissionError(
                code: .invalid,
                reason: "the snapshot \(id) cannot be read: \(error.reason)"
            )
        }
    }
}

extension StoredSnapshot {
    fileprivate init?(_ record: ConsumedRecord) {
        guard let value = record.value, let decoded = try? MarketSnapshotRecord.decode(value)
        else { return nil }
        self.init(
            id: SnapshotID(canonicalBytes: value),
            name: decoded.name,
            valuationDate: CalendarDate(daysSince1970: decoded.valuationDay),
            baseCurrency: decoded.baseCurrency,
            bytes: value.count,
            sentAt: record.timestampMillis * 1_000
        )
    }
}
