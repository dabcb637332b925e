internal import Finance
internal import GridProtocol
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Prices one batch after the other, whatever its trades do to their pricers.
final class BatchPricing: Sendable {
    /// What became of a batch.
    struct Outcome: Sendable {
        /// Its parts, with results or reasons.
        var supervision: BatchSupervision
        /// One for each trade that its pricer did not survive.
        var letters: [DeadLetter]
    }

    private let configuration: EngineConfiguration
    private let snapshots: SnapshotReader
    private let jobs: JobFollower
    private let counters: EngineCounters
    private let board: WorkBoard
    private let logger: Logger
    private let isStopping = Atomic<Bool>(false)

    init(
        configuration: EngineConfiguration,
        snapshots: SnapshotReader,
        jobs: JobFollower,
        counters: EngineCounters,
        board: WorkBoard,
        logger: Logger
    ) {
        self.configuration = configuration
        self.snapshots = snapshots
        self.jobs = jobs
        self.counters = counters
        self.board = board
        self.logger = logger
    }

    /// Lets no further part be priced; what is at work throws when its pricer is killed.
    func handBack() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
    }

    /// Prices a batch part by part until every trade has a result or a reason.
    ///
    /// - Parameters:
    ///   - envelope: the batch.
    ///   - record: where it was read; dead letters say so.
    ///   - pricer: the caller's, for the whole batch.
    /// - Returns: one part or more, in the batch's order.
    /// - Throws: ``HandedBack`` when the engine must stop, ``JobCancelled`` when the batch is wanted
    ///   no longer, ``EngineError`` without a pricer.
    func price(
        _ envelope: BatchEnvelope,
        of record: ConsumedRecord,
        with pricer: Pricer
    ) async throws -> Outcome {
        let entry = board.begin(envelope)
        defer { board.end(entry) }
        var supervision = BatchSupervision(
            tradeCount: Int(envelope.tradeCount),
            limits: configuration.limits
        )
        var letters: [DeadLetter] = []
        func letter(_ position: Int, _ reason: FailureReason, _ signal: Int32) -> DeadLetter {
            DeadLetter(
                record: record,
                envelope: envelope,
                position: position,
                reason: reason,
                signal: signal,
                attempt: supervision.attempts,
                engineID: configuration.engineID
            )
        }
        guard
            let snapshot = await snapshots.bytes(
                of: envelope.snapshotID,
                within: configuration.snapshotLimit,
                while: { self.isWanted(envelope) }
            )
        else {
            try stopUnlessWanted(envelope)
            supervision.abandon(
                because: FailureReason(
                    code: .missingSnapshot,
                    message: "the snapshot \(envelope.snapshotID) did not arrive within "
                        + "\(configuration.snapshotLimit)"
                )
            )
            return Outcome(supervision: supervision, letters: letters)
        }
        let start = ContinuousClock.now
        let patience =
            configuration.limits.limit(for: Int(envelope.tradeCount)) * 10
            + .seconds(60)
        while let work = supervision.next {
            try stopUnlessWanted(envelope)
            if envelope.deadline > 0, WireClock.now() > envelope.deadline {
                supervision.abandon(
                    because: FailureReason(
                        code: .missing,
                        message: "the job's deadline passed while its batch was priced"
                    )
                )
                break
            }
            if start.duration(to: .now) > patience {
                let reason = FailureReason(
                    code: .pricerTimedOut,
                    message: "the batch was given up after \(patience) with pricers lost"
                )
                for position in supervision.abandon(because: reason) {
                    letters.append(letter(position, reason, 0))
                }
                break
            }
            let answer = try await pricer.price(
                snapshotID: envelope.snapshotID,
                snapshot: snapshot,
                payload: envelope.payload,
                range: work.range,
                limit: configuration.limits.limit(for: work.range.count)
            )
            var reason: FailureReason
            var signal: Int32 = 0
            switch answer {
            case .priced(let bytes):
                supervision.succeeded(with: bytes)
                continue
            case .refused(let refusal):
                supervision.abandon(because: refusal)
                continue
            case .died(let exit):
                signal = exit.signal
                reason = FailureReason(
                    code: .pricerCrashed,
                    message: "the pricer \(exit.description)"
                )
            case .timedOut(let limit):
                reason = FailureReason(
                    code: .pricerTimedOut,
                    message: "the pricer gave no answer within \(limit)"
                )
            }
            try stopUnlessWanted(envelope)
            counters.restartedPricer()
            logger.info("pricer lost", Self.facts(of: envelope, adding: [.error: reason.message]))
            guard let guilty = supervision.failed(with: reason) else { continue }
            letters.append(letter(guilty, reason, signal))
        }
        if await pricer.retireIfGrown() {
            counters.restartedPricer()
            logger.info("pricer replaced because of its size", Self.facts(of: envelope))
        }
        return Outcome(supervision: supervision, letters: letters)
    }

    /// What log lines say of a batch.
    static func facts(
        of envelope: BatchEnvelope,
        adding more: [LogKey: String] = [:]
    ) -> [LogKey: String] {
        var facts = more
        facts[.jobID] = envelope.jobID
        facts[.batchIndex] = String(envelope.index)
        return facts
    }

    // MARK: Private

    private var isHandingBack: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

    private func isWanted(_ envelope: BatchEnvelope) -> Bool {
        !isHandingBack && jobs.standing(of: envelope.jobID) != .cancelled
    }

    private func stopUnlessWanted(_ envelope: BatchEnvelope) throws {
        if isHandingBack { throw HandedBack() }
        if !isWanted(envelope) { throw JobCancelled() }
    }
}
