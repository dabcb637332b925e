internal import Finance
internal import Foundation
internal import GridAPI
internal import GridProtocol
internal import GridSubmission
internal import Operations

/// Submits jobs, each once however often it is asked for at the same time.
final class SubmissionDesk: Sendable {
    /// What an order came to.
    struct Receipt: Sendable {
        var id: JobID
        /// Whether the job was there already.
        var isReplay: Bool
    }

    private struct Running {
        var content: [UInt8]
        var result: Result<Receipt, Problem>?
        var waiting = 0
    }

    /// After this time a submission goes on by itself.
    private static let patience: TimeInterval = 20
    private static let mostQueued = 1_000

    private let grid: any GridAccess
    private let logger: Logger
    private let condition = NSCondition()
    /// Guarded by `condition`: submissions that go on, by job.
    nonisolated(unsafe) private var running: [JobID: Running] = [:]
    /// Guarded by `condition`: what was queued last, for those who ask before the aggregator knows it.
    nonisolated(unsafe) private var queued: [JobID: JobRow] = [:]
    /// Guarded by `condition`: the content of orders by their key.
    nonisolated(unsafe) private var keys: [String: [UInt8]] = [:]

    init(grid: any GridAccess, logger: Logger) {
        self.grid = grid
        self.logger = logger
    }

    /// Submits a job, or waits for the same one that is being submitted.
    ///
    /// - Parameters:
    ///   - job: the job.
    ///   - key: names the order for its sender, who may send it again; nil for none.
    ///   - user: who sends it.
    /// - Returns: the job's id, once Kafka has begun to take it.
    /// - Throws: ``Problem`` when the job's id or the key stands for another job, or Kafka refuses.
    func submit(_ job: PlannedJob, key: String?, user: String) throws(Problem) -> Receipt {
        let id = job.jobID
        condition.lock()
        defer { condition.unlock() }
        if let key {
            let name = "\(user)\n\(key)"
            guard keys[name] == nil || keys[name] == job.contentHash else {
                throw Problem(409, "key_reused", "the Idempotency-Key was used for another job")
            }
            if keys.count > 10_000 { keys = [:] }
            keys[name] = job.contentHash
        }
        let isFirst = running[id] == nil
        if isFirst {
            running[id] = Running(content: job.contentHash)
            let started = startNewThread { self.run(job) }
            guard started else {
                running[id] = nil
                throw Problem(503, "broker_away", "the system gives no thread", retryAfter: 5)
            }
        } else if running[id]?.content != job.contentHash {
            throw Problem(409, "job_exists", "job \(id) is being submitted with other trades")
        }
        running[id]?.waiting += 1
        defer {
            running[id]?.waiting -= 1
            if running[id]?.waiting == 0, running[id]?.result != nil { running[id] = nil }
        }
        let end = Date().addingTimeInterval(Self.patience)
        while running[id]?.result == nil {
            guard condition.wait(until: end) else {
                return Receipt(id: id, isReplay: !isFirst)
            }
        }
        guard var receipt = try running[id]?.result?.get() else {
            throw Problem(503, "broker_away", "the submission was lost sight of", retryAfter: 5)
        }
        if !isFirst { receipt.isReplay = true }
        return receipt
    }

    /// A job that was queued here and may not be known to the aggregator yet; nil for others.
    func queuedRow(_ id: String) -> JobRow? {
        guard let id = JobID(rawValue: id) else { return nil }
        condition.lock()
        defer { condition.unlock() }
        return queued[id]
    }

    private func run(_ job: PlannedJob) {
        let result: Result<Receipt, Problem>
        do throws(Problem) {
            let outcome = try grid.submit(job)
            result = .success(Receipt(id: job.jobID, isReplay: outcome == .alreadySubmitted))
        } catch {
            logger.warning(
                "a submission failed",
                [.jobID: job.jobID.rawValue, .error: error.detail]
            )
            result = .failure(error)
        }
        condition.lock()
        if case .success = result {
            if queued.count >= Self.mostQueued { queued = [:] }
            queued[job.jobID] = JobRow(queued: job)
        }
        running[job.jobID]?.result = result
        if running[job.jobID]?.waiting == 0 { running[job.jobID] = nil }
        condition.broadcast()
        condition.unlock()
    }
}

extension JobRow {
    /// A job that has just been queued: nothing of it is done.
    fileprivate init(queued job: PlannedJob) {
        let record = job.record(state: .submitting, submittedAt: Timestamp.now)
        self.init(
            id: job.jobID.rawValue,
            state: JobPhase.submitting.rawValue,
            priority: job.priority.name,
            portfolio: record.portfolioName,
            submitter: record.submitter,
            snapshot: JobStatus.Snapshot(id: job.snapshotID.rawValue, name: record.snapshotName),
            valuationDate: "\(job.request.snapshot.valuationDate)",
            baseCurrency: record.baseCurrency,
            metrics: record.metrics,
            trades: job.tradeCount,
            done: 0,
            failed: 0,
            expired: 0,
            missing: 0,
            batches: job.batches.count,
            batchesPublished: 0,
            batchesDone: 0,
            submittedAt: Timestamp.iso8601(record.submittedAt),
            deadline: record.deadline > 0 ? Timestamp.iso8601(record.deadline) : nil,
            endedAt: nil,
            lastResultAt: nil,
            seconds: 0,
            tradesPerSecond: 0,
            isFinal: false,
            waitingFor: "the aggregator has not read its record yet",
            total: nil,
            forecast: nil
        )
    }
}
