public import GridProtocol
public import KafkaClient

/// Reads what a trade was priced from: its batch, and the snapshot.
public struct TermsLog: Sendable {
    private let scan: TopicScan
    private let jobs: JobLog

    /// Makes a reader of the topics.
    public init(configuration: KafkaConfiguration, topics: Topics) {
        scan = TopicScan(configuration: configuration)
        jobs = JobLog(configuration: configuration, topics: topics)
    }

    /// The batch's record at a place; nil when retention has removed it.
    public func batch(
        in partition: Int32,
        of topic: String,
        at offset: Int64
    ) async throws(SubmissionError) -> [UInt8]? {
        try await scan.record(at: offset, in: partition, of: topic)?.value
    }

    /// The snapshot's record; nil when it is not in the market topic.
    public func snapshot(_ id: SnapshotID) async throws(SubmissionError) -> [UInt8]? {
        try await jobs.snapshotBytes(of: id)
    }
}
