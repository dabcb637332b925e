internal import Finance
internal import GridProtocol
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Prices one batch after the other, also if trades crash or hang their pricers.
final class SupervisedPricing: Sendable {
    /// The outcome of a batch.
    struct Outcome: Sendable {
        /// Its parts, with results or reasons.
        var supervision: BatchBisection
        /// One for each trade that killed its pricer.
        var letters: [DeadLetter]
    }

    private let configuration: EngineConfiguration
    private let pool: PricerPool
    private let snapshots: SnapshotFetcher
    private let jobs: JobFollower
    private let counters: EngineCounters
    private let inFlight: InFlightBatches
    private let logger: Logger
    private let isStopping = Atomic<Bool>(false)

    init(
        configuration: EngineConfiguration,
        pool: PricerPool,
        snapshots: SnapshotFetcher,
        jobs: JobFollower,
        counters: EngineCounters,
        inFlight: InFlightBatches,
        logger: Logger
    ) {
        self.configuration = configuration
        self.pool = pool
        self.snapshots = snapshots
        self.jobs = jobs
        self.counters = counters
        self.inFlight = inFlight
        self.logger = logger
    }

    /// Prices no further part; a part that is being priced throws when its pricer is killed.
    func returnToGroup() {
        isStopping.store(true, ordering: .sequentiallyConsistent)
    }

    /// Prices a batch part by part until every trade has a result or a reason.
    ///
    /// - Parameters:
    ///   - envelope: the batch.
    ///   - record: where it was read; dead letters say so.
    ///   - lease: the caller's pricer, for the whole batch.
    /// - Returns: one part or more, in the batch's order.
    /// - Throws: ``HandedBack`` when the engine must stop, ``JobCancelled`` when the batch is
    ///   wanted no longer, ``EngineError`` without a pricer.
    func price(
        _ envelope: BatchEnvelope,
        of record: ConsumedRecord,
        with lease: PricerLease
    ) async throws -> Outcome {
        let entry = inFlight.begin(envelope)
        defer { inFlight.end(entry) }
        var supervision = BatchBisection(
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
                        + "\(HumanText.duration(configuration.snapshotLimit))"
                )
            )
            return Outcome(supervision: supervision, letters: letters)
        }
        var start = ContinuousClock.now
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
                    message: "the batch was abandoned after \(HumanText.duration(patience)) with"
                        + " pricers lost"
                )
                for position in supervision.abandon(because: reason) {
                    letters.append(letter(position, reason, 0))
                }
                break
            }
            guard let pricer = lease.pricer else { throw HandedBack() }
            let answer = try await answer(for: work, of: envelope, on: snapshot, by: pricer)
            let reason: FailureReason
            let signal: Int32
            switch answer {
            case .priced(let bytes):
                supervision.succeeded(with: bytes)
                continue
            case .refused(let refusal):
                supervision.abandon(because: refusal)
                continue
            case .lost(let cause, let number): (reason, signal) = (cause, number)
            }
            try stopUnlessWanted(envelope)
            counters.restartedPricer()
            logger.info("pricer lost", Self.facts(of: envelope, adding: [.error: reason.message]))
            if let guilty = supervision.failed(with: reason) {
                letters.append(letter(guilty, reason, signal))
            }
            guard supervision.next != nil else { continue }
            // Time without a pricer does not count against the batch.
            let lost = ContinuousClock.now
            await pool.beginRecovery(lease)
            start += lost.duration(to: .now)
        }
        if let pricer = lease.pricer, await pricer.retireIfGrown() {
            counters.restartedPricer()
            logger.info("pricer replaced because of its memory use", Self.facts(of: envelope))
        }
        return Outcome(supervision: supervision, letters: letters)
    }

    /// The facts of a batch in log lines.
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

    /// How long it may take to replace a lost pricer.
    private static let firstPause = Duration.milliseconds(100)
    private static let longestPause = Duration.seconds(5)

    /// Asks the pricer; waits, with a limit, while it cannot be restarted.
    private func answer(
        for work: BatchBisection.Work,
        of envelope: BatchEnvelope,
        on snapshot: [UInt8],
        by pricer: Pricer
    ) async throws -> PricerAnswer {
        let abandon = ContinuousClock.now + configuration.restartLimit
        var pause = Self.firstPause
        while true {
            let failure: EngineError
            do throws(EngineError) {
                return try await pricer.price(
                    snapshotID: envelope.snapshotID,
                    snapshot: snapshot,
                    payload: envelope.payload,
                    range: work.range,
                    limit: configuration.limits.limit(for: work.range.count),
                    facts: Self.facts(of: envelope)
                )
            } catch {
                failure = error
            }
            try stopUnlessWanted(envelope)
            guard ContinuousClock.now + pause < abandon else { throw failure }
            logger.info(
                "a pricer cannot be started, trying again",
                Self.facts(of: envelope, adding: [.error: failure.reason])
            )
            try await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private var isHandingBack: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

    private func isWanted(_ envelope: BatchEnvelope) -> Bool {
        !isHandingBack && jobs.standing(of: envelope.jobID) != .cancelled
    }

    private func stopUnlessWanted(_ envelope: BatchEnvelope) throws {
        if isHandingBack { throw HandedBack() }
        if !isWanted(envelope) { throw JobCancelled() }
    }
}
