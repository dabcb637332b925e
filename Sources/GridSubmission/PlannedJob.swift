internal import Finance
public import GridProtocol

/// A job cut into batches whose bytes are made when they are asked for, so that a large portfolio
/// is in memory once.
public struct PlannedJob: Sendable {
    /// What was asked for.
    public let request: JobRequest
    /// The id of the snapshot.
    public let snapshotID: SnapshotID
    /// The snapshot's canonical bytes.
    public let snapshotBytes: [UInt8]
    /// The positions of each batch's trades.
    public let batches: [Range<Int>]
    /// The hash of the trade ids in order.
    public let tradeIDsHash: [UInt8]
    /// The hash of all that results depend on: trades, snapshot, metrics and how they are cut.
    public let contentHash: [UInt8]

    /// Plans a job.
    ///
    /// - Throws: ``SubmissionError`` when there is no trade or metric, or the snapshot is too large
    ///   for a record.
    public init(_ request: JobRequest) throws(SubmissionError) {
        guard !request.trades.isEmpty else {
            throw SubmissionError(code: .invalid, reason: "the portfolio has no trade")
        }
        guard !request.metrics.isEmpty else {
            throw SubmissionError(code: .invalid, reason: "no metric is asked for")
        }
        self.request = request
        snapshotBytes = MarketSnapshotRecord(request.snapshot).encoded()
        guard snapshotBytes.count <= Topics.maximumRecordBytes - 1_024 else {
            throw SubmissionError(
                code: .invalid,
                reason: "the snapshot has \(snapshotBytes.count) bytes; a record holds "
                    + "\(Topics.maximumRecordBytes - 1_024)"
            )
        }
        snapshotID = SnapshotID(canonicalBytes: snapshotBytes)
        batches = BatchPlanner(metrics: request.metrics, limits: request.limits)
            .plan(request.trades)
        tradeIDsHash = GridProtocol.tradeIDsHash(request.trades.map(\.id))
        let hash = ContentHash()
        for range in batches {
            hash.add(try Self.content(of: range, request))
        }
        contentHash = SHA256.digest(of: Array(snapshotID.rawValue.utf8) + hash.digest())
    }

    /// The job's record in a state.
    public func record(state: JobState, submittedAt: Int64) -> JobRecord {
        var record = JobRecord()
        record.jobID = request.jobID.rawValue
        record.state = state
        record.tradeCount = UInt32(request.trades.count)
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
        var batch = try Self.content(of: batches[position], request)
        batch.jobID = request.jobID.rawValue
        batch.index = UInt32(position)
        batch.snapshotID = snapshotID.rawValue
        batch.queuedAt = queuedAt
        batch.deadline = deadline(submittedAt: submittedAt)
        return batch
    }

    // MARK: Private

    private func deadline(submittedAt: Int64) -> Int64 {
        guard let limit = request.timeLimit else { return 0 }
        return submittedAt + limit.components.seconds * 1_000_000
            + limit.components.attoseconds / 1_000_000_000_000
    }

    private static func content(
        of range: Range<Int>,
        _ request: JobRequest
    ) throws(SubmissionError) -> Batch {
        let trades = Array(request.trades[range])
        let headers = TradeHeaders(trades)
        var batch = Batch()
        batch.tradeCount = UInt32(trades.count)
        batch.names = headers.names
        batch.headers = headers.headers
        do {
            batch.payload = try PricingBatch(trades: trades, metrics: request.metrics).encoded()
        } catch {
            throw SubmissionError(code: .invalid, reason: error.reason)
        }
        return batch
    }
}
