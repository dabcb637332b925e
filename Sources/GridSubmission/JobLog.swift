public import GridProtocol
public import KafkaClient

/// Searches jobs in the topics, so that submitting needs no other service.
public struct JobLog: Sendable {
    private let configuration: KafkaConfiguration
    private let topics: Topics

    /// Makes a reader of the topics.
    public init(configuration: KafkaConfiguration, topics: Topics) {
        self.configuration = configuration
        self.topics = topics
    }

    /// Returns the newest record of a job; nil when there is none.
    public func record(of jobID: JobID) async throws(SubmissionError) -> JobRecord? {
        var newest: JobRecord?
        let key = Array(jobID.rawValue.utf8)
        try await scan(topics.jobs) { record in
            guard record.key == key else { return }
            newest = record.value.flatMap { try? JobRecord.decode($0) }
        }
        return newest
    }

    /// Returns the newest record of every job, oldest job first.
    public func records() async throws(SubmissionError) -> [JobRecord] {
        var newest: [String: JobRecord] = [:]
        try await scan(topics.jobs) { record in
            guard let key = record.key else { return }
            newest[String(decoding: key, as: UTF8.self)] = record.value.flatMap {
                try? JobRecord.decode($0)
            }
        }
        return newest.values.sorted { ($0.submittedAt, $0.jobID) < ($1.submittedAt, $1.jobID) }
    }

    /// Returns the indexes of a job's batches that are in a topic.
    public func batches(of jobID: JobID, in topic: String) async throws(SubmissionError) -> Set<Int>
    {
        var indexes = Set<Int>()
        let prefix = "\(jobID)/"
        try await scan(topic) { record in
            guard let key = record.key else { return }
            let text = String(decoding: key, as: UTF8.self)
            guard text.hasPrefix(prefix), let index = Int(text.dropFirst(prefix.count)) else {
                return
            }
            indexes.insert(index)
        }
        return indexes
    }

    /// Returns the value of the newest snapshot record of an id; nil when there is none.
    public func snapshotBytes(of id: SnapshotID) async throws(SubmissionError) -> [UInt8]? {
        var newest: [UInt8]?
        let key = RecordKey.snapshot(id)
        try await scan(topics.market) { record in
            if record.key == key { newest = record.value }
        }
        return newest
    }

    /// Returns the number of a topic's partitions.
    public func partitionCount(of topic: String) async throws(SubmissionError) -> Int {
        try await TopicScan(configuration: configuration).partitionCount(of: topic)
    }

    // MARK: Private

    private func scan(
        _ topic: String,
        _ take: (ConsumedRecord) -> Void
    ) async throws(SubmissionError) {
        try await TopicScan(configuration: configuration).records(of: topic, take)
    }
}
