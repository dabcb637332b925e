internal import Finance
internal import GridAPI
internal import GridProtocol
internal import Ledger
internal import Reports

extension JobProgress {
    /// The job as lists show it.
    ///
    /// - Parameters:
    ///   - record: the job's.
    ///   - reason: why it is not complete; nil when it is.
    ///   - rate: trades per second of the last minute.
    /// - Returns: the row.
    func row(
        of record: JobRecord,
        waitingFor reason: String?,
        tradesPerSecond rate: Double
    ) -> JobRow {
        JobRow(
            id: job.rawValue,
            state: phase.rawValue,
            priority: priority.name,
            portfolio: portfolioName,
            submitter: submitter,
            snapshot: JobStatus.Snapshot(id: snapshotID, name: snapshotName),
            valuationDate: CalendarDate(daysSince1970: record.valuationDay).description,
            baseCurrency: record.baseCurrency,
            metrics: record.metrics,
            trades: trades,
            done: done,
            failed: failed,
            expired: expired,
            missing: missing,
            batches: batches,
            batchesPublished: batchesPublished,
            batchesDone: batchesJoined,
            submittedAt: ReportTime.text(submittedAt),
            deadline: deadline > 0 ? ReportTime.text(deadline) : nil,
            endedAt: endedAt.map(ReportTime.text),
            lastResultAt: lastResultAt > 0 ? ReportTime.text(lastResultAt) : nil,
            seconds: seconds,
            tradesPerSecond: rate,
            isFinal: isFinal,
            waitingFor: reason
        )
    }
}

extension GridPulse {
    /// What is left to do, and how far the ledger has read.
    init(_ view: LedgerView, _ liveState: LiveGridState, at time: Int64) {
        let backlog = view.ledger.backlog
        func seconds(since start: Int64) -> Double {
            (Double(max(0, time - start)) / 1e6).rounded()
        }
        self.init(
            waiting: Waiting(
                trades: backlog.trades,
                batches: backlog.batches,
                seconds: backlog.oldestSubmission.map(seconds)
            ),
            jobs: Dictionary(uniqueKeysWithValues: backlog.jobs.map { ($0.rawValue, $1) }),
            ledger: Ledger(
                trouble: liveState.trouble,
                readTo: view.time > 0 ? ReportTime.text(view.time) : nil,
                lagSeconds: view.time > 0 ? seconds(since: view.time) : nil
            )
        )
    }
}
