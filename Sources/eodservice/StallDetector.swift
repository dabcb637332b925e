internal import GridAPI
internal import Operations

/// The line that `wait` shows of a job: its progress, or what it waits for when there is none.
struct StallDetector {
    private static let patience = Duration.seconds(3)

    /// The reason that was shown last.
    private(set) var reason: String?
    private var place: [Int] = []
    private var lastMoved: ContinuousClock.Instant

    init(at time: ContinuousClock.Instant) {
        lastMoved = time
    }

    /// Returns the line for a status.
    mutating func line(_ status: JobStatus, at time: ContinuousClock.Instant) -> String {
        let now = [status.batchesPublished, status.batchesDone, status.done]
        if now != place { lastMoved = time }
        place = now
        reason = status.isFinal ? nil : status.waitingFor.map(JSONWriter.escaped)
        guard let reason, lastMoved.duration(to: time) >= Self.patience else {
            return StatusCommand.line(status)
        }
        return "\(status.job)  \(status.done) of \(status.trades) trades: \(reason)"
    }
}
