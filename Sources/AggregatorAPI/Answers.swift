internal import GridAPI
internal import GridProtocol
internal import HTTP
internal import Ledger
internal import Reports

/// A value as a JSON answer.
func answer(_ value: some Encodable, status: Int = 200) -> HTTPResponse {
    do throws(APIJSON.Problem) {
        return .json(try APIJSON.encoded(value), status: status)
    } catch {
        return .failure("the answer cannot be written: \(error)", status: 500)
    }
}

extension JobProgress {
    /// How the job stands, as `GET /jobs/ID` answers it.
    ///
    /// `reason`: why the job is not complete; nil when it is.
    func status(waitingFor reason: String?) -> JobStatus {
        JobStatus(
            job: job.rawValue,
            state: phase.rawValue,
            priority: priority.name,
            isFinal: isFinal,
            waitingFor: reason,
            portfolio: portfolioName,
            submitter: submitter,
            snapshot: JobStatus.Snapshot(id: snapshotID, name: snapshotName),
            trades: trades,
            done: done,
            results: priced + expired,
            failed: failed,
            expired: expired,
            missing: missing,
            batches: batches,
            batchesPublished: batchesPublished,
            batchesDone: batchesJoined,
            missingBatches: missingBatches.map { gap in
                gap.count == 1 ? "\(gap.lowerBound)" : "\(gap.lowerBound)-\(gap.upperBound - 1)"
            },
            submittedAt: ReportTime.text(submittedAt),
            deadline: deadline > 0 ? ReportTime.text(deadline) : nil,
            lastResultAt: lastResultAt > 0 ? ReportTime.text(lastResultAt) : nil,
            endedAt: endedAt.map(ReportTime.text),
            seconds: seconds,
            tradesPerSecond: tradesPerSecond,
            secondsLeft: secondsLeft,
            engines: engines,
            duplicates: duplicates,
            conflicts: conflicts,
            late: late,
            strays: strays
        )
    }
}

extension EngineStatus {
    /// The engine as `GET /engines` has it.
    var description: EngineDescription {
        let said = heartbeat
        return EngineDescription(
            engine: said.engineID,
            state: state.rawValue,
            secondsSinceHeartbeat: secondsSinceHeartbeat,
            lastHeartbeat: ReportTime.text(seenAt),
            host: said.host,
            pid: Int(said.pid),
            startedAt: ReportTime.text(said.startedAt),
            secondsUp: seconds(since: said.startedAt),
            version: said.version,
            library: said.libraryVersion,
            delivery: said.delivery,
            pricers: Int(said.pricers),
            busyPricers: Int(said.busyPricers),
            batchesPerSecond: said.batchesPerSecond,
            tradesPerSecond: said.tradesPerSecond,
            batchesPriced: Int(clamping: said.batchesPriced),
            tradesPriced: Int(clamping: said.tradesPriced),
            pricerRestarts: Int(clamping: said.pricerRestarts),
            residentBytes: Int(clamping: said.residentBytes),
            pricerResidentBytes: Int(clamping: said.pricerResidentBytes),
            partitions: said.partitions.map(Int.init),
            oldestWorkSince: said.work.first.map { ReportTime.text($0.since) },
            work: said.work.map { work in
                EngineDescription.Work(
                    job: work.jobID,
                    batch: Int(work.batchIndex),
                    since: ReportTime.text(work.since),
                    seconds: seconds(since: work.since)
                )
            }
        )
    }
}
