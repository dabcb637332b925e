internal import Finance
public import GridProtocol

/// A job of the failed trades of another job, with its own report.
///
/// The first result of a batch counts, so a report with an error stays as it was written; the
/// results of a corrected engine are in this job's report.
public struct RedrivenJob: SubmittableJob {
    /// What is priced again.
    public let request: RedriveRequest
    /// The job's id.
    public let jobID: JobID
    /// The snapshot's canonical bytes, as the first job was priced on.
    public let snapshotBytes: [UInt8]
    /// The hash of all that results depend on.
    public let contentHash: [UInt8]
    private let snapshot: MarketSnapshotRecord
    private let tradeIDsHash: [UInt8]
    private let timeLimit: Duration?
    private let submitter: String

    /// Makes a job.
    ///
    /// - Parameters:
    ///   - request: what is priced again.
    ///   - jobID: the id; default: the request's.
    ///   - snapshotBytes: what the market topic has under the request's snapshot id.
    ///   - timeLimit: how long the job may take from its submission; nil for no limit.
    ///   - submitter: the submitter, for people.
    /// - Throws: ``SubmissionError`` `invalid` when the bytes are not that snapshot.
    public init(
        _ request: RedriveRequest,
        jobID: JobID? = nil,
        snapshotBytes: [UInt8],
        timeLimit: Duration? = .seconds(12 * 3_600),
        submitter: String = ""
    ) throws(SubmissionError) {
        guard SnapshotID(canonicalBytes: snapshotBytes) == request.snapshotID else {
            throw SubmissionError(
                code: .invalid,
                reason: "the record \(request.snapshotID) of the market topic is not that snapshot"
            )
        }
        do throws(WireError) {
            snapshot = try MarketSnapshotRecord.decode(snapshotBytes)
            var ids: [TradeID] = []
            for batch in request.batches { ids += try batch.tradeIDs() }
            tradeIDsHash = GridProtocol.tradeIDsHash(ids)
        } catch {
            throw SubmissionError(code: .invalid, reason: error.description)
        }
        self.request = request
        self.jobID = jobID ?? request.defaultJobID
        self.snapshotBytes = snapshotBytes
        self.timeLimit = timeLimit
        self.submitter = submitter
        contentHash = request.contentHash
    }

    /// The id of the snapshot to price on.
    public var snapshotID: SnapshotID { request.snapshotID }
    /// Re-driven trades are not urgent: end of day.
    public var priority: JobPriority { .eod }
    /// How many batches the job has.
    public var batchCount: Int { request.batches.count }
    /// How many trades the job has.
    public var tradeCount: Int { request.batches.reduce(0) { $0 + $1.headers.count } }

    /// The job's record in a state.
    public func record(state: JobState, submittedAt: Int64) -> JobRecord {
        var record = JobRecord()
        record.jobID = jobID.rawValue
        record.state = state
        record.tradeCount = UInt32(tradeCount)
        record.batchCount = UInt32(batchCount)
        record.tradeIdsHash = tradeIDsHash
        record.snapshotID = snapshotID.rawValue
        record.snapshotName = snapshot.name
        record.valuationDay = snapshot.valuationDay
        record.baseCurrency = snapshot.baseCurrency
        record.metrics = request.metrics
        record.submittedAt = submittedAt
        record.deadline = deadline(submittedAt: submittedAt)
        record.portfolioName = "dead letters of \(request.sourceJobID)"
        record.submitter = submitter
        record.contentHash = contentHash
        record.priority = priority
        return record
    }

    /// The record of a batch.
    public func batch(
        _ position: Int,
        submittedAt: Int64,
        queuedAt: Int64
    ) throws(SubmissionError) -> Batch {
        var batch = request.batches[position]
        batch.jobID = jobID.rawValue
        batch.index = UInt32(position)
        batch.snapshotID = snapshotID.rawValue
        batch.queuedAt = queuedAt
        batch.deadline = deadline(submittedAt: submittedAt)
        return batch
    }

    // MARK: Private

    private func deadline(submittedAt: Int64) -> Int64 {
        guard let timeLimit else { return 0 }
        return submittedAt + Int64(timeLimit / .microseconds(1))
    }
}
