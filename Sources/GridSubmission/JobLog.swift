public import GridProtocol
public import KafkaClient

/// Looks jobs up in the topics themselves, so that submitting needs no other service.
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

    /// Returns the indexes of a job's batches that are in the topic.
    public func batches(of jobID: JobID) async throws(SubmissionError) -> Set<Int> {
        var indexes = Set<Int>()
        let prefix = "\(jobID)/"
        try await scan(topics.batches) { record in
            guard let key = record.key else { return }
            let text = String(decoding: key, as: UTF8.self)
            guard text.hasPrefix(prefix), let index = Int(text.dropFirst(prefix.count)) else {
                return
            }
            indexes.insert(index)
        }
        return indexes
    }

    /// Returns the number of a topic's partitions.
    public func partitionCount(of topic: String) async throws(SubmissionError) -> Int {
        do {
            let admin = try KafkaAdmin(configuration: configuration)
            let counts: [String: Int]
            do {
                counts = try await admin.partitionCounts(of: [topic], within: .seconds(10))
            } catch {
                await admin.close()
                throw error
            }
            await admin.close()
            guard let count = counts[topic], count > 0 else {
                throw SubmissionError(
                    code: .kafka,
                    reason: "the topic \(topic) does not exist at \(brokers)"
                )
            }
            return count
        } catch let error as KafkaError {
            throw SubmissionError(code: .kafka, reason: error.reason)
        } catch let error as SubmissionError {
            throw error
        } catch {
            throw SubmissionError(code: .kafka, reason: "\(error)")
        }
    }

    // MARK: Private

    private var brokers: String { configuration.bootstrapServers }

    /// Reads a topic from its beginning to where it ends now; gives up when nothing comes for 15 s.
    private func scan(
        _ topic: String,
        _ take: (ConsumedRecord) -> Void
    ) async throws(SubmissionError) {
        let partitions = try await partitionCount(of: topic)
        do throws(KafkaError) {
            let all = (0..<partitions).map { TopicPartition(topic: topic, partition: Int32($0)) }
            let reader = try KafkaReader(
                configuration: configuration,
                start: Dictionary(uniqueKeysWithValues: all.map { ($0, StartOffset.beginning) })
            )
            do throws(KafkaError) {
                try await read(reader, take)
            } catch {
                await reader.close()
                throw error
            }
            await reader.close()
        } catch {
            throw SubmissionError(code: .kafka, reason: "cannot read \(topic): \(error.reason)")
        }
    }

    private func read(
        _ reader: KafkaReader,
        _ take: (ConsumedRecord) -> Void
    ) async throws(KafkaError) {
        var open = try await reader.endOffsets().filter { $0.value.high > $0.value.low }
            .mapValues(\.high)
        var silent = 0
        while !open.isEmpty {
            let records = try await reader.nextBatch(maximum: 1_000, within: .seconds(1))
            silent = records.isEmpty ? silent + 1 : 0
            guard silent < 15 else {
                throw KafkaError(
                    code: .timedOut,
                    reason: "nothing came for 15 s with records outstanding"
                )
            }
            for record in records { take(record) }
            // Positions pass the markers of transactions and what compaction removed.
            let positions = reader.positions
            open = open.filter { partition, end in (positions[partition] ?? 0) < end }
        }
    }
}
