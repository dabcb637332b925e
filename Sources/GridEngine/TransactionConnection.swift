internal import KafkaClient
internal import Operations

/// How a transaction ended.
enum CommitResult: Hashable, Sendable {
    case committed
    /// It left no trace and may be tried again.
    case aborted
    /// It left no trace: the records at these positions are larger than their topics allow.
    case tooLarge(Set<Int>)
}

/// The producer of an engine's transactions; replaced when it is of no more use.
///
/// Every transaction ends as committed or aborted, and its caller learns which: where a commit's
/// answer is lost, the group's offsets tell, which are part of the transaction.
actor TransactionConnection {
    private let configuration: KafkaConfiguration
    private let transactionalID: String
    private let group: String
    private let topics: [String]
    private let placeholder: @Sendable () -> OffsetPlaceholder
    private let logger: Logger
    private var producer: TransactionalProducer?
    /// How the last transaction ended, unless all that it touched is known to know of it.
    private var last: TransactionOutcome?
    /// When a producer that was replaced last lost a connection, or a broker seemed to be missing.
    private var brokerMissedAt: ContinuousClock.Instant?
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

    init(
        configuration: KafkaConfiguration,
        transactionalID: String,
        group: String,
        topics: [String],
        placeholder: @escaping @Sendable () -> OffsetPlaceholder,
        logger: Logger
    ) {
        self.configuration = configuration
        self.transactionalID = transactionalID
        self.group = group
        self.topics = topics
        self.placeholder = placeholder
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
                if !isDoubtful(last), try await begin(after: last, by: producer) {
                    try await producer.commit()
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
        guard due <= .now else { return due }
        let producer = try await begin()
        do throws(TransactionError) {
            try await producer.commit()
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
        let began = ContinuousClock.now
        var isInDoubt = false
        func note(isCommitted: Bool) {
            last = TransactionOutcome(
                producer.trace,
                isCommitted: isCommitted,
                began: began,
                ended: .now
            )
        }
        do throws(TransactionError) {
            try await producer.send(records)
            try await producer.sendOffsets(offsets)
            try await producer.awaitDelivery()
            isInDoubt = true
            try await producer.commit()
            failures = 0
            note(isCommitted: true)
            return .committed
        } catch {
            let tooLarge = producer.tooLarge
            try await recover(from: error)
            note(isCommitted: false)
            if error.cause.code == .messageTooLarge {
                // No commit was asked for yet.
                return try await outcome(tooLarge)
            }
        }
        if isInDoubt {
            if try await isCommitted(offsets, records: producer.firstOffsets) {
                logger.info("a commit without an answer was carried out")
                note(isCommitted: true)
                return .committed
            }
            logger.info("a commit without an answer left no trace")
        }
        try await pause()
        return .aborted
    }

    // MARK: - Private

    /// Begins a transaction when all that the last one touched knows of it: what does not know
    /// would take the end of this one for that of the last.
    private func begin() async throws(EngineError) -> TransactionalProducer {
        while true {
            try await reassertIfUncertain()
            let producer = try await connect()
            do throws(TransactionError) {
                guard let last else {
                    try await producer.begin()
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
        by producer: TransactionalProducer
    ) async throws(TransactionError) -> Bool {
        do throws(TransactionError) {
            try await producer.beginFenced(group: group, placeholder: placeholder())
        } catch {
            brokerMissedAt = .now
            throw error
        }
        if last.isLate(at: .now) { brokerMissedAt = .now }
        guard isDoubtful(last) else { return true }
        if last.isCommitted {
            try await producer.commit()
        } else {
            try await producer.abort()
        }
        return false
    }

    /// Confirms the last transaction if somebody may have missed how it ended.
    private func reassertIfUncertain() async throws(EngineError) {
        while let ending = last, isDoubtful(ending) {
            let producer = try await connect()
            do throws(TransactionError) {
                last = try await reassertOutcome(ending, by: producer)
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
        _ ending: TransactionOutcome,
        by producer: TransactionalProducer
    ) async throws(TransactionError) -> TransactionOutcome {
        do throws(KafkaError) {
            _ = try await committed(unused)
        } catch {
            throw TransactionError(.tryAgain, error)
        }
        return try await producer.reassertOutcome(ending, placeholder: placeholder())
    }

    private func isDoubtful(_ ending: TransactionOutcome) -> Bool {
        let missed = [brokerMissedAt, producer?.connectionLostAt].compactMap { $0 }.max()
        return ending.isDoubtful(brokerMissedAt: missed)
    }

    private func dropProducer() async {
        guard let dropped = producer.take() else { return }
        brokerMissedAt = [brokerMissedAt, dropped.connectionLostAt].compactMap { $0 }.max()
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
        let now = ContinuousClock.now
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
                return try await producer.abort()
            } catch {
                logger.info("an abort failed", [.error: error.description])
            }
        }
        await dropProducer()
        _ = try await connect()
    }

    /// Returns the producer, making one if there is none; waits for Kafka with a limit.
    private func connect() async throws(EngineError) -> TransactionalProducer {
        if let producer { return producer }
        let deadline = ContinuousClock.now + Self.patience
        while true {
            let made: TransactionalProducer
            do throws(KafkaError) {
                made = try TransactionalProducer(
                    configuration: isOneByOne ? configuration.sendingOneByOne : configuration,
                    transactionalID: transactionalID
                )
            } catch {
                throw EngineError(error)
            }
            do throws(TransactionError) {
                try await made.start()
                try await made.prepare(topics: topics)
                producer = made
                return made
            } catch {
                await made.close()
                guard error.cause.code != .unsupported else {
                    throw EngineError(
                        "exactly-once delivery needs a Kafka with transactions"
                            + " (\(error.cause.reason)); use --delivery at-least-once"
                    )
                }
                guard error.remedy == .tryAgain, ContinuousClock.now < deadline else {
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
        let deadline = ContinuousClock.now + Self.patience
        var isServed = false
        while true {
            do throws(KafkaError) {
                return try await committed(partition).map { $0 >= offset } ?? false
            } catch {
                guard ContinuousClock.now < deadline else {
                    throw EngineError(error, context: "cannot learn what was committed")
                }
                logger.info("the group's offsets are not known yet", [.error: error.reason])
            }
            // A group that answers, but not for this offset, was not told how the transaction ended.
            let wasServed = isServed
            isServed = (try? await committed(unused)) != nil
            let shown = await TransactionOutcomeProbe(configuration, of: records).look()
            if shown == .committed || shown == .aborted
                || (shown == .undecided && wasServed && isServed)
            {
                // Some partition was not told. Where none was, it may end either way.
                brokerMissedAt = .now
                return shown == .committed
            }
            try await sleep(.milliseconds(500))
        }
    }

    /// A partition whose offset nobody commits.
    private var unused: TopicPartition {
        TopicPartition(topic: placeholder().partition.topic, partition: .max)
    }

    /// Asks the group for an offset.
    private func committed(_ partition: TopicPartition) async throws(KafkaError) -> Int64? {
        let admin = try KafkaAdmin(configuration: configuration)
        let answer = await Self.committed(of: group, partition, by: admin)
        await admin.close()
        return try answer.get()[partition]
    }

    private static func committed(
        of group: String,
        _ partition: TopicPartition,
        by admin: KafkaAdmin
    ) async -> Result<[TopicPartition: Int64], KafkaError> {
        do throws(KafkaError) {
            return .success(try await admin.committedOffsets(of: group, in: [partition]))
        } catch {
            return .failure(error)
        }
    }

    private func pause() async throws(EngineError) {
        try await sleep(min(.milliseconds(25) * (1 << min(failures, 10)), Self.longestPause))
    }

    private func sleep(_ duration: Duration) async throws(EngineError) {
        do {
            try await Task.sleep(for: duration)
        } catch {
            throw EngineError("stopped while a transaction was to be tried again")
        }
    }
}

extension KafkaConfiguration {
    /// The same with a request for each record, so that a record is refused for its own size only.
    var sendingOneByOne: KafkaConfiguration {
        var configuration = self
        configuration.properties["batch.num.messages"] = "1"
        return configuration
    }
}
