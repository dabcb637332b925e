internal import GridProtocol
internal import GridTopics
internal import KafkaClient

/// Makes the records of a job's batches, each for its partition.
struct BatchRecords: Sendable {
    let topic: String
    let job: any SubmittableJob
    let submittedAt: Int64
    private let spread: PartitionSpread

    init(topic: String, partitions: Int, job: any SubmittableJob, submittedAt: Int64) {
        self.topic = topic
        self.job = job
        self.submittedAt = submittedAt
        spread = PartitionSpread(
            partitions: partitions,
            seed: Int(SHA256.digest(of: Array(job.jobID.rawValue.utf8))[0])
        )
    }

    /// Returns the record of a batch, queued now.
    func record(_ position: Int) throws(SubmissionError) -> ProducedRecord {
        let batch = try job.batch(position, submittedAt: submittedAt, queuedAt: WireClock.now())
        return ProducedRecord(
            topic: topic,
            partition: spread.partition(of: position),
            key: RecordKey.batch(job.jobID, index: position),
            message: batch,
            jobID: batch.jobID,
            batchIndex: batch.index
        )
    }
}
