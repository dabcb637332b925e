internal import Finance
internal import GridAPI
internal import GridProtocol
internal import Ledger
internal import Reports

extension BatchDescription {
    /// A batch by the ledger, and by the engines' heartbeats.
    ///
    /// - Parameters:
    ///   - index: the batch's position in its job.
    ///   - row: what the ledger has; nil when nothing came.
    ///   - working: the engine that has it in work, and since when, microseconds since 1970 UTC.
    init(index: Int, _ row: BatchRow?, working: (engine: String, since: Int64)?) {
        guard let result = row?.result else {
            self.init(
                index: index,
                trades: row?.trades,
                state: working != nil ? "inWork" : row == nil ? "unpublished" : "queued",
                engine: working?.engine,
                queuedAt: row?.queuedAt.map(ReportTime.text),
                takenAt: working.map { ReportTime.text($0.since) },
                batchRecord: row?.place.map(RecordPlaceDescription.init)
            )
            return
        }
        self.init(
            index: index,
            trades: row?.trades ?? result.trades,
            state: result.failed > 0 ? "error" : "done",
            engine: result.engine,
            attempt: result.attempt,
            queuedAt: row?.queuedAt.map(ReportTime.text),
            takenAt: result.takenAt.map(ReportTime.text),
            pricedAt: result.pricedAt.map(ReportTime.text),
            joinedAt: ReportTime.text(result.joinedAt),
            priced: result.priced,
            failed: result.failed,
            expired: result.expired,
            record: result.place.map(RecordPlaceDescription.init),
            batchRecord: row?.place.map(RecordPlaceDescription.init)
        )
    }
}

extension JobProof {
    /// What the ledger knows of a job's completeness.
    ///
    /// `reason`: why it is not proven complete; nil when it is.
    init(
        _ progress: JobProgress,
        _ record: JobRecord,
        _ proof: CompletenessProof?,
        losses: [RecordLoss],
        reason: String?
    ) {
        let matches = proof.map { proof in
            proof.unequalBatch == nil && proof.trades == progress.trades
                && proof.hash == record.tradeIdsHash
        }
        self.init(
            trades: progress.trades,
            results: progress.priced + progress.expired,
            errors: progress.failed,
            expired: progress.expired,
            missing: progress.missing,
            tradeIdsHash: record.tradeIdsHash.hexadecimal,
            joinedHash: proof?.hash.hexadecimal,
            matches: matches,
            duplicates: progress.duplicates,
            conflicts: progress.conflicts,
            late: progress.late,
            strays: progress.strays,
            losses: losses.filter { $0.noticedAt >= progress.submittedAt }.map { loss in
                Loss(
                    topic: loss.source.topic,
                    partition: Int(loss.source.partition),
                    first: loss.offsets.lowerBound,
                    next: loss.offsets.upperBound,
                    noticedAt: ReportTime.text(loss.noticedAt)
                )
            },
            sentence: reason
                ?? "each of the \(progress.trades) trades has its result or its error, and their "
                + "ids are those of the job's record"
        )
    }
}

extension JobRecordDescription {
    /// A job's record.
    init(_ record: JobRecord) {
        let id = record.jobID
        self.init(
            id: id,
            state: record.state == .cancelled
                ? "cancelled" : record.state == .submitting ? "submitting" : "submitted",
            hold: record.hold == .paused
                ? "paused" : record.hold == .resumed ? "resumed" : "none",
            priority: record.priority.normalized.name,
            trades: Int(record.tradeCount),
            batches: Int(record.batchCount),
            tradeIdsHash: record.tradeIdsHash.hexadecimal,
            contentHash: record.contentHash.hexadecimal,
            snapshot: JobStatus.Snapshot(id: record.snapshotID, name: record.snapshotName),
            valuationDate: CalendarDate(daysSince1970: record.valuationDay).description,
            baseCurrency: record.baseCurrency,
            metrics: record.metrics,
            submittedAt: ReportTime.text(record.submittedAt),
            deadline: record.deadline > 0 ? ReportTime.text(record.deadline) : nil,
            portfolio: record.portfolioName,
            submitter: record.submitter,
            version: record.version,
            commands: [
                "eodservice status \(id)", "eodservice report \(id)", "eodservice cancel \(id)",
            ]
        )
    }
}
