internal import KafkaClient

/// How often a submission whose transactions fail is retried, and after which pause.
struct SubmissionRetryPolicy {
    /// How many attempts have failed.
    private(set) var failures = 0
    /// Whether the last attempt ended because another submission took the job over.
    private(set) var wasTakenOver = false
    private var failuresInARow = 0
    private var takeovers = 0
    private var mostThere = 0
    private var progressAt: ContinuousClock.Instant

    private let limit: Duration
    private static let mostTakeovers = 3
    private static let longestPause = Duration.seconds(5)
    /// How long another submission that took the job over has to finish it.
    private static let truce = Duration.seconds(5)

    /// Errors that a retry cannot cure.
    private static let final: Set<KafkaError.Code> = [
        .authentication, .authorization, .configuration, .messageTooLarge, .unsupported,
        .unknownTopic, .unknownPartition,
    ]

    /// Starts the time that may pass without progress.
    ///
    /// - Parameters:
    ///   - now: when it starts.
    ///   - limit: how long attempts may fail without another batch being written.
    init(at now: ContinuousClock.Instant, limit: Duration = .seconds(120)) {
        progressAt = now
        self.limit = limit
    }

    /// Notes that an attempt failed.
    ///
    /// - Parameters:
    ///   - error: why the attempt failed.
    ///   - batchesThere: how many batches it knew to be there.
    ///   - now: when.
    /// - Returns: how long to wait before the next attempt.
    /// - Throws: ``SubmissionError`` when another attempt is useless.
    mutating func pause(
        after error: TransactionError,
        batchesThere: Int,
        at now: ContinuousClock.Instant
    ) throws(SubmissionError) -> Duration {
        failures += 1
        if batchesThere > mostThere {
            mostThere = batchesThere
            progressAt = now
            failuresInARow = 0
        }
        failuresInARow += 1
        wasTakenOver = error.cause.code == .fenced
        if wasTakenOver {
            takeovers += 1
            guard takeovers <= Self.mostTakeovers else {
                throw SubmissionError(
                    code: .kafka,
                    reason: "another program is submitting the same job; batches that both have "
                        + "queued count once; submit it again to resume"
                )
            }
            return Self.truce
        }
        guard !Self.final.contains(error.cause.code), progressAt + limit > now else {
            throw SubmissionError(
                code: .kafka,
                reason: "cannot queue batches: \(error.cause.reason); submit the job again to "
                    + "resume"
            )
        }
        return min(.milliseconds(100) * (1 << min(failuresInARow, 10)), Self.longestPause)
    }
}
