internal import GridTopics
internal import KafkaClient
internal import Operations

/// How a transaction ended.
enum CommitResult: Hashable, Sendable {
    case committed
    /// It was aborted and may be tried again.
    case aborted
    /// It was aborted: the records at these positions are larger than their topics allow.
    case tooLarge(Set<Int>)
}

/// The producer of an engine's transactions; replaced when it is of no more use.
///
/// Every transaction ends as committed or aborted, and its caller learns which: where a commit's
/// answer is lost, the group's offsets tell, which are part of the transaction.
actor TransactionConnection {
    /// Makes a producer that has taken the transactional id over; one that writes each record in a
    /// request of its own, if so asked.
    typealias MakeSink =
        @Sendable (_ isOneByOne: Bool) async throws(TransactionError) -> any TransactionalSink

    private let makeSink: MakeSink
    private let evidence: any TransactionEvidence
    private let group: String
    private let placeholder: @Sendable () -> OffsetPlaceholder
    private let clock: EngineClock
    private let logger: Logger
    private var producer: (any TransactionalSink)?
    /// How the last transaction ended, unless all that it touched is known to know of it.
    private var last: TransactionOutcome?
    /// When a producer that was replaced last lost a connection, or a broker seemed to be missing.
    private var brokerMissedAt: ContinuousClock.Instant?
    private var recovery = PartitionRecovery()
    private var failures = 0
    /// Whether every record goes in a request of its own: a topic refuses a request as a whole.
    private var isOneByOne = false
    private var fencings: [ContinuousClock.Instant] = []

    /// How long Kafka may be unavailable before the engine ends.
    private static let patience = Duration.seconds(120)
    /// How long the next transaction is waited for before one without content takes its place.
    private static let linger = Duration.seconds(1)
    private static let longestPause = Duration.seconds(2)
    private static let mostFailures = 40
    /// How often within how long another may take the id over: a transaction that takes too long
    /// is fenced as well, but two engines with one id do it to each other for ever.
    private static let mostFencings = 3
    private static let fencingMemory = Duration.seconds(600)

    /// Makes a connection; nothing is opened yet.
    ///
    /// - Parameters:
    ///   - makeSink: makes its producers, one after the other, with the same transactional id.
    ///   - evidence: where it shows how a transaction ended whose commit was not answered.
    ///   - group: the group whose offsets are committed.
    ///   - placeholder: an offset of the group that transactions are begun with.
    ///   - clock: the time it goes by.
    ///   - logger: is told of transactions that fail.
    init(
        makeSink: @escaping MakeSink,
        evidence: any TransactionEvidence,
        group: String,
        placeholder: @escaping @Sendable () -> OffsetPlaceholder,
        clock: EngineClock = .system,
        logger: Logger
    ) {
        self.makeSink = makeSink
        self.evidence = evidence
        self.group = group
        self.placeholder = placeholder
        self.clock = clock
        self.logger = logger
    }

    /// Takes over the transactional id and ends what an earlier engine with it left open.
    func open() async throws(EngineError) {
        _ = try await connect()
    }

    /// Frees the producer; a transaction whose end may not be known everywhere is told once more.
    func close() async {
        if let producer, let last {
            do throws(TransactionError) {
                if !isUncertain(last), try await begin(after: last, by: producer) {
                    try await producer.end(isCommitted: true)
                } else {
                    _ = try await reassertOutcome(last, by: producer)
                }
            } catch {
                logger.info("cannot confirm a transaction", [.error: error.description])
            }
        }
        await dropProducer()
    }

    /// Sees to it that all know of the last transaction, if no other follows.
    ///
    /// - Returns: when to look again; `nil` if there is no need.
    func reassertOutcome() async throws(EngineError) -> ContinuousClock.Instant? {
        try await reassertIfUncertain()
        guard let last else { return nil }
        let due = last.ended + Self.linger
        guard due <= clock.now() else { return due }
        let producer = try await begin()
        do throws(TransactionError) {
            try await producer.end(isCommitted: true)
        } catch {
            try await recover(from: error)
        }
        return nil
    }

    /// Writes records and commits offsets together.
    ///
    /// - Returns: how that ended.
    func transact(
        _ records: [ProducedRecord],
        offsets: GroupTransaction
    ) async throws(EngineError) -> CommitResult {
        let producer = try await begin()
        let began = clock.now()
        var isUnanswered = false
        func note(isCommitted: Bool) {
            last = TransactionOutcome(
                producer.progress.touched,
                isCommitted: isCommitted,
                began: began,
                ended: clock.now()
            )
        }
        do throws(TransactionError) {
            try await producer.write(records, offsets)
            isUnanswered = true
            try await producer.end(isCommitted: true)
            failures = 0
            note(isCommitted: true)
            noteAnswers()
            return .committed
        } catch {
            let tooLarge = producer.progress.tooLarge
            try await recover(from: error)
            note(isCommitted: false)
            if error.cause.code == .messageTooLarge {
                // No commit was asked for yet.
                return try await outcome(tooLarge)
            }
        }
        if isUnanswered {
            if try await isCommitted(offsets, records: producer.progress.firstOffsets) {
                logger.info("a commit without an answer was carried out")
                note(isCommitted: true)
                noteAnswers()
                return .committed
            }
            logger.info("a commit without an answer was aborted")
        }
        try await pause()
        return .aborted
    }

    // MARK: - Private

    /// Begins a transaction when all that the last one touched knows of it: what does not know
    /// would take the end of this one for that of the last.
    private func begin() async throws(EngineError) -> any TransactionalSink {
        while true {
            try await reassertIfUncertain()
            let producer = try await connect()
            do throws(TransactionError) {
                guard let last else {
                    try await producer.begin(after: nil)
                    return producer
                }
                if try await begin(after: last, by: producer) {
                    self.last = nil
                    return producer
                }
            } catch {
                try await recover(from: error)
                try await pause()
            }
        }
    }

    /// Begins a transaction after the last.
    ///
    /// - Returns: `false` if not all may know of that one: it is to be confirmed, and this one is
    ///   over.
    /// - Throws: ``TransactionError``; then as well.
    private func begin(
        after last: TransactionOutcome,
        by producer: any TransactionalSink
    ) async throws(TransactionError) -> Bool {
        do throws(TransactionError) {
            try await producer.begin(
                after: TransactionFence(group: group, placeholder: placeholder())
            )
        } catch {
            brokerMissedAt = clock.now()
            throw error
        }
        if last.isLate(at: clock.now()) { brokerMissedAt = clock.now() }
        guard isUncertain(last) else { return true }
        try await producer.end(isCommitted: last.isCommitted)
        return false
    }

    /// Confirms the last transaction if somebody may have missed how it ended.
    private func reassertIfUncertain() async throws(EngineError) {
        while let outcome = last, isUncertain(outcome) {
            if let due = recovery.confirmation(of: outcome) {
                try await sleep(clock.now().duration(to: due))
            }
            let producer = try await connect()
            do throws(TransactionError) {
                last = try await reassertOutcome(outcome, by: producer)
                noteAnswers()
                logger.info("confirmed a transaction, as a broker may have missed its end")
                failures = 0
            } catch {
                try await recover(from: error)
                try await pause()
            }
        }
    }

    /// Confirms a transaction once the group has a coordinator that answers: a confirmation that
    /// runs out of time may end the other way.
    private func reassertOutcome(
        _ outcome: TransactionOutcome,
        by producer: any TransactionalSink
    ) async throws(TransactionError) -> TransactionOutcome {
        do throws(KafkaError) {
            _ = try await evidence.committedOffset(of: unused)
        } catch {
            throw TransactionError(.tryAgain, error)
        }
        return try await producer.reassertOutcome(outcome, placeholder: placeholder())
    }

    private func isUncertain(_ outcome: TransactionOutcome) -> Bool {
        outcome.isUncertain(brokerMissedAt: missed) || recovery.confirmation(of: outcome) != nil
    }

    /// When a broker was last missed, by this producer or those before it.
    private var missed: ContinuousClock.Instant? {
        [brokerMissedAt, producer?.progress.connectionLostAt].compactMap { $0 }.max()
    }

    /// Notes that all answered which the last transaction touched.
    private func noteAnswers() {
        guard let last else { return }
        recovery.note(last, brokerMissedAt: missed)
    }

    private func dropProducer() async {
        guard let dropped = producer else { return }
        brokerMissedAt = missed
        producer = nil
        await dropped.close()
    }

    /// Tells which records are too large, once each of them goes alone.
    private func outcome(_ tooLarge: Set<Int>) async throws(EngineError) -> CommitResult {
        guard !isOneByOne else {
            guard tooLarge.isEmpty else {
                failures = 0
                return .tooLarge(tooLarge)
            }
            try await pause()
            return .aborted
        }
        isOneByOne = true
        await dropProducer()
        return .aborted
    }

    /// Ends the transaction: by an abort, or by a new producer with the same id.
    private func recover(from error: TransactionError) async throws(EngineError) {
        failures += 1
        logger.info("a transaction failed", [.error: error.description])
        let now = clock.now()
        if error.cause.code == .fenced { fencings.append(now) }
        fencings.removeAll { $0 + Self.fencingMemory < now }
        guard fencings.count <= Self.mostFencings else {
            throw EngineError(error.cause, context: "another engine works with the id of this one")
        }
        guard failures <= Self.mostFailures else {
            throw EngineError(error.cause, context: "no transaction succeeds")
        }
        // Only an administrator changes that, and the open transaction is Kafka's to end.
        if error.cause.code == .authorization { throw EngineError(error.cause) }
        if error.remedy == .abort, let producer {
            do throws(TransactionError) {
                return try await producer.end(isCommitted: false)
            } catch {
                logger.info("an abort failed", [.error: error.description])
            }
        }
        await dropProducer()
        _ = try await connect()
    }

    /// Returns the producer, making one if there is none; waits for Kafka with a limit.
    private func connect() async throws(EngineError) -> any TransactionalSink {
        if let producer { return producer }
        let deadline = clock.now() + Self.patience
        while true {
            do throws(TransactionError) {
                let made = try await makeSink(isOneByOne)
                producer = made
                return made
            } catch {
                guard error.cause.code != .unsupported else {
                    throw EngineError(
                        "exactly-once delivery needs a Kafka with transactions"
                            + " (\(error.cause.reason)); use --delivery at-least-once"
                    )
                }
                guard error.remedy == .tryAgain, clock.now() < deadline else {
                    throw EngineError(error.cause)
                }
                logger.info("no transactions yet", [.error: error.description])
            }
            try await sleep(.seconds(1))
        }
    }

    /// Asks the group for what the transaction would have committed, and if it does not know, the
    /// partitions of its records.
    ///
    /// There is no transaction open any more, so the answer is final.
    private func isCommitted(
        _ offsets: GroupTransaction,
        records: [TopicPartition: Int64]
    ) async throws(EngineError) -> Bool {
        guard let (partition, offset) = offsets.offsets.first else { return false }
        let deadline = clock.now() + Self.patience
        var isServed = false
        while true {
            do throws(KafkaError) {
                return try await evidence.committedOffset(of: partition).map { $0 >= offset }
                    ?? false
            } catch {
                guard clock.now() < deadline else {
                    throw EngineError(error, context: "cannot learn what was committed")
                }
                logger.info("the group's offsets are not known yet", [.error: error.reason])
            }
            // A group that answers, but not for this offset, was not told how the transaction ended.
            let wasServed = isServed
            isServed = await isGroupServed()
            let shown = await evidence.visibility(of: records)
            if shown == .committed || shown == .aborted
                || (shown == .undecided && wasServed && isServed)
            {
                // Some partition was not told. Where none was, it may end either way.
                brokerMissedAt = clock.now()
                return shown == .committed
            }
            try await sleep(.milliseconds(500))
        }
    }

    /// Whether the group answers; that it has committed nothing is an answer.
    private func isGroupServed() async -> Bool {
        do throws(KafkaError) {
            _ = try await evidence.committedOffset(of: unused)
            return true
        } catch {
            return false
        }
    }

    /// A partition whose offset nobody commits.
    private var unused: TopicPartition {
        TopicPartition(topic: placeholder().partition.topic, partition: .max)
    }

    private func pause() async throws(EngineError) {
        try await sleep(min(.milliseconds(25) * (1 << min(failures, 10)), Self.longestPause))
    }

    private func sleep(_ duration: Duration) async throws(EngineError) {
        do {
            try await clock.sleep(for: duration)
        } catch {
            throw EngineError("stopped while a transaction was to be tried again")
        }
    }
}
