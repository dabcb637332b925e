internal import Finance
internal import GridProtocol
internal import Ledger

/// Why trades of a report have neither result nor error.
///
/// For a job that has ended it uses only the records of the topics, so that a
/// rebuilt ledger gives the same reason.
struct MissingTradeReason: Sendable {
    private let progress: JobProgress
    private let waiting: String?

    /// - Parameters:
    ///   - progress: the progress of the job.
    ///   - waiting: what a job that has not ended waits for.
    init(_ progress: JobProgress, waiting: String?) {
        self.progress = progress
        self.waiting = progress.isFinal ? nil : waiting
    }

    /// Why the trades of a batch that is in the ledger are missing.
    ///
    /// - Parameter queuedAt: when the batch was queued, microseconds since 1970 UTC.
    /// - Returns: the reason of each of its trades.
    func batch(queuedAt: Int64) -> FailureReason {
        let end = progress.endedAt.map { ReportTime.text($0) } ?? ""
        let start: String
        switch progress.phase {
        case .expired: start = "no result arrived before the job's deadline, \(end)"
        case .cancelled: start = "the job was cancelled before a result arrived, at \(end)"
        case .paused: start = "the job is paused, and no result has arrived yet"
        default: start = "no result has arrived yet"
        }
        guard progress.isFinal else {
            guard let waiting else { return reason(start) }
            return reason("\(start): \(waiting)")
        }
        var message = start
        if RecordTime.isSound(queuedAt), queuedAt > 0 {
            message += "; the batch was queued at \(ReportTime.text(queuedAt))"
        }
        if progress.batchesJoined == 0 {
            message += "; no engine delivered any result of the job"
        } else {
            message += "; the job's last result came at \(ReportTime.text(progress.lastResultAt))"
        }
        return reason(message)
    }

    /// Why the trades of a batch that is not in the ledger are missing.
    var unpublished: FailureReason {
        guard progress.isFinal else {
            let why = waiting.map { ": \($0)" } ?? ""
            return reason("the batch has not been read yet; its trades are not known\(why)")
        }
        return reason(
            "the batch was not published, or retention removed it before it was read; "
                + "its trades are not known"
        )
    }

    private func reason(_ message: String) -> FailureReason {
        FailureReason(code: .missing, message: message)
    }
}
