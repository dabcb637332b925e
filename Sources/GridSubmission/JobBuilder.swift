public import Finance
internal import GridProtocol

/// Makes a job of trades that come one after the other, so that not all of them are in memory.
public final class JobBuilder {
    private var request: JobRequest
    private let snapshotBytes: [UInt8]
    private let spool: BatchSpool
    private let trades = SHA256()
    private let content = ContentHash()
    private var cut: BatchCut
    private var open: [Trade] = []
    private var batches: [Range<Int>] = []
    private var count = 0
    private var failure: SubmissionError?

    /// Begins a job without trades.
    ///
    /// - Parameters:
    ///   - request: the request; its trades are ignored.
    ///   - memoryLimit: the bytes of batches kept in memory; the others go to a temporary file.
    /// - Throws: ``SubmissionError`` when there is no metric, or the snapshot is too large for a
    ///   record.
    public init(
        _ request: JobRequest,
        memoryLimit: Int = 16 << 20
    ) throws(SubmissionError) {
        guard !request.metrics.isEmpty else {
            throw SubmissionError(code: .invalid, reason: "no metric is requested")
        }
        snapshotBytes = MarketSnapshotRecord(request.snapshot).encoded()
        guard snapshotBytes.count <= Topics.maximumRecordBytes - 1_024 else {
            throw SubmissionError(
                code: .invalid,
                reason: "the snapshot has \(snapshotBytes.count) bytes; a record holds "
                    + "\(Topics.maximumRecordBytes - 1_024)"
            )
        }
        self.request = request
        spool = BatchSpool(memoryLimit: memoryLimit)
        cut = BatchPlanner(metrics: request.metrics, limits: request.limits).makeCut()
    }

    /// Adds the next trade; ``finish()`` throws for an invalid one.
    public func add(_ trade: Trade) {
        guard failure == nil else { return }
        if cut.closes(before: trade.product) { closeBatch() }
        open.append(trade)
        trades.update(trade.id.rawValue)
        trades.update("\n")
    }

    /// Ends the job.
    ///
    /// - Parameter portfolioName: what the portfolio is called, where that is known only now.
    /// - Returns: the job, ready to be published.
    /// - Throws: ``SubmissionError`` when there is no trade, or one cannot be queued.
    public func finish(
        portfolioName: String? = nil
    ) throws(SubmissionError) -> PlannedJob {
        if let portfolioName { request.portfolioName = portfolioName }
        closeBatch()
        if let failure { throw failure }
        guard count > 0 else {
            throw SubmissionError(code: .invalid, reason: "the portfolio has no trade")
        }
        return PlannedJob(
            request: request,
            tradeCount: count,
            snapshotBytes: snapshotBytes,
            batches: batches,
            tradeIDsHash: trades.digest(),
            content: content.digest(),
            predictedMicroseconds: cut.predictedMicroseconds,
            spool: spool
        )
    }

    // MARK: Private

    private func closeBatch() {
        guard failure == nil, !open.isEmpty else { return }
        let headers = TradeHeaders(open)
        var batch = Batch()
        batch.tradeCount = UInt32(open.count)
        batch.names = headers.names
        batch.headers = headers.headers
        do throws(WireError) {
            batch.payload = try PricingBatch(trades: open, metrics: request.metrics).encoded()
        } catch {
            failure = SubmissionError(code: .invalid, reason: error.reason)
            return
        }
        content.add(batch)
        spool.append(batch.encoded())
        batches.append(count..<count + open.count)
        count += open.count
        open.removeAll(keepingCapacity: true)
    }
}
