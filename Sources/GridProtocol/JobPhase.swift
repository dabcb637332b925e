/// The state of a job, as reports and programs show it.
///
/// It follows from the job's record, its deadline and the results that were joined; the record
/// itself knows only ``JobState``. Raw values are the spellings of reports.
public enum JobPhase: String, Sendable, CaseIterable {
    /// Batches are still being written.
    case submitting = "submitting"
    /// All batches are written, and results are missing.
    case running = "running"
    /// The job is paused: no further batch is priced until it is resumed.
    case paused = "paused"
    /// Every trade has a result, and none is an error.
    case complete = "complete"
    /// Every trade has a result or an error.
    case completeWithErrors = "complete with errors"
    /// The job was cancelled.
    case cancelled = "cancelled"
    /// The deadline passed while results were missing.
    case expired = "expired"

    /// Whether nothing will change any more.
    public var isFinal: Bool {
        switch self {
        case .submitting, .running, .paused: false
        case .complete, .completeWithErrors, .cancelled, .expired: true
        }
    }

    /// Whether every trade of the job has its result or its error.
    public var hasAllTrades: Bool {
        self == .complete || self == .completeWithErrors
    }
}

extension JobPhase: CustomStringConvertible {
    /// The spelling of reports.
    public var description: String { rawValue }
}
