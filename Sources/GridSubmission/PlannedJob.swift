internal import Finance
public import GridProtocol

/// A job split into batches, whose bytes are partly on disk: see ``JobBuilder``.
public struct PlannedJob: Sendable {
    /// The request; it may be without trades, as the batches have them.
    public private(set) var request: JobRequest
    /// How many trades the job has.
    public let tradeCount: Int
    /// The id of the snapshot.
    public let snapshotID: SnapshotID
    /// The snapshot's canonical bytes.
    public let snapshotBytes: [UInt8]
    /// The positions of each batch's trades.
    public let batches: [Range<Int>]
    /// The hash of the trade ids in order.
    public let tradeIDsHash: [UInt8]
    /// The hash of all that results depend on: trades, snapshot, metrics and the split into
    /// batches.
    public let contentHash: [UInt8]
    /// What pricing will take of a core, in microseconds, from measured costs.
    public let predictedMicroseconds: Double

    private let spool: BatchSpool

    /// Plans a job.
    ///
    /// - Throws: ``SubmissionError`` when there is no trade or metric, or the snapshot is too large
    ///   for a record.
    public init(_ request: JobRequest) throws(SubmissionError) {
        let builder = try JobBuilder(request)
        for trade in request.trades { builder.add(trade) }
        self = try builder.finish()
    }

    init(
        request: JobRequest,
        tradeCount: Int,
        snapshotBytes: [UInt8],
        batches: [Range<Int>],
        tradeIDsHash: [UInt8],
        content: [UInt8],
        predictedMicroseconds: Double,
        spool: BatchSpool
    ) {
        self.request = request
        self.tradeCount = tradeCount
        self.snapshotBytes = snapshotBytes
        self.batches = batches
        self.tradeIDsHash = tradeIDsHash
        self.predictedMicroseconds = predictedMicroseconds
        self.spool = spool
        snapshotID = SnapshotID(canonicalBytes: snapshotBytes)
        contentHash = SHA256.digest(of: Array(snapshotID.rawValue.utf8) + content)
    }

    /// The job's record in a state.
    public func record(state: JobState, submittedAt: Int64) -> JobRecord {
        var record = JobRecord()
        record.jobID = request.jobID.rawValue
        record.state = state
        record.tradeCount = UInt32(tradeCount)
        record.batchCount = UInt32(batches.count)
        record.tradeIdsHash = tradeIDsHash
        record.snapshotID = snapshotID.rawValue
        record.snapshotName = request.snapshot.name
        record.valuationDay = request.snapshot.valuationDate.daysSince1970
        record.baseCurrency = request.snapshot.baseCurrency.rawValue
        record.metrics = request.metrics.map(\.rawValue)
        record.submittedAt = submittedAt
        record.deadline = deadline(submittedAt: submittedAt)
        record.portfolioName = request.portfolioName
        record.submitter = request.submitter
        record.contentHash = contentHash
        record.priority = request.priority
        return record
    }

    /// The record of a batch.
    public func batch(
        _ position: Int,
        submittedAt: Int64,
        queuedAt: Int64
    ) throws(SubmissionError) -> Batch {
        var batch = try content(position)
        batch.jobID = request.jobID.rawValue
        batch.index = UInt32(position)
        batch.snapshotID = snapshotID.rawValue
        batch.queuedAt = queuedAt
        batch.deadline = deadline(submittedAt: submittedAt)
        return batch
    }

    /// Returns the same job under another id.
    public func renamed(_ id: JobID) -> PlannedJob {
        var job = self
        job.request.jobID = id
        return job
    }

    // MARK: Private

    private func deadline(submittedAt: Int64) -> Int64 {
        guard let limit = request.timeLimit else { return 0 }
        return submittedAt + limit.components.seconds * 1_000_000
            + limit.components.attoseconds / 1_000_000_000_000
    }

    /// A batch with the fields that depend on its trades only.
    private func content(_ position: Int) throws(SubmissionError) -> Batch {
        let bytes = try spool.bytes(position)
        do throws(WireError) {
            return try Batch.decode(bytes)
        } catch {
            throw SubmissionError(code: .invalid, reason: error.reason)
        }
    }
}
