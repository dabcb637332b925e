internal import Finance
public import GridAPI
internal import GridProtocol
public import Ledger

extension TradeDetail {
    /// All that the ledger has of a trade.
    ///
    /// - Parameters:
    ///   - index: of the trade's job.
    ///   - position: the trade's in the index.
    ///   - progress: of the job.
    ///   - ledgerPath: the ledger's file.
    /// - Throws: ``AggregationError`` when the ledger cannot be read.
    public init(
        _ index: TradeIndex,
        _ position: Int,
        of progress: JobProgress,
        ledgerPath: String
    ) throws(AggregationError) {
        self.init(
            row: index.row(position),
            snapshot: JobStatus.Snapshot(id: progress.snapshotID, name: progress.snapshotName)
        )
        let reader = try LedgerReader(path: ledgerPath)
        let place = index.place(of: position)
        let number = UInt32(clamping: index.batch(of: position))
        var facts: BatchRow?
        for row in try reader.batches(of: progress.job, in: Int(number)..<Int(number) + 1) {
            facts = row
        }
        batchRecord = facts?.place.map(RecordPlaceDescription.init)
        record = facts?.result?.place.map(RecordPlaceDescription.init)
        var detail = self
        try reader.forEachBatch(of: progress.job, in: number...number) {
            (row) throws(AggregationError) in
            let absence = MissingTradeReason(progress, waiting: nil)
            let batch = try ReportBatch(row, absence: absence)
            var here = 0
            try batch.forEachTrade { (header, priced, part) throws(AggregationError) in
                defer { here += 1 }
                guard here == place else { return }
                detail.add(ReportTrade(batch, header, priced, part: part))
            }
        }
        self = detail
    }

    // MARK: Private

    private mutating func add(_ trade: ReportTrade) {
        nettingSet = trade.nettingSet
        failure = trade.failure.map {
            Failure(code: $0.code.rawValue, field: $0.field, message: $0.message)
        }
        guard let result = trade.batch.result else { return }
        method = trade.engine
        attempt = Int(result.attempt)
        engine = result.engineID
        queuedAt = ReportTime.text(result.queuedAt)
        takenAt = ReportTime.text(result.takenAt)
        pricedAt = ReportTime.text(result.pricedAt)
        joinedAt = ReportTime.text(trade.batch.joinedAt)
        guard let priced = trade.priced else { return }
        cpuMicroseconds = priced.cpuMicroseconds
        let part = trade.batch.parts[trade.part]
        versions = Versions(
            engine: result.engineVersion,
            pricer: part.pricerVersion,
            library: part.libraryVersion
        )
        guard trade.outcome == .ok else { return }
        let names = trade.batch.metrics[trade.part]
        metrics = priced.metrics.compactMap { metric in
            guard let name = names[Int(metric.metric)] else { return nil }
            return Metric(
                name: name.name,
                value: metric.value,
                baseValue: metric.baseValue,
                unit: name.unit?.rawValue ?? "",
                factors: zip(metric.factors, metric.factorValues).map { factor, value in
                    Factor(name: names[Int(factor)]?.name ?? "", value: value)
                }
            )
        }
    }
}

extension RecordPlaceDescription {
    package init(_ place: RecordPlace) {
        self.init(topic: place.topic, partition: Int(place.partition), offset: place.offset)
    }
}
