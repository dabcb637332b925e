internal import GridTopics
internal import KafkaClient
internal import Operations
internal import Synchronization

/// Writes results and commits offsets in transactions: exactly once.
///
/// Results that are ready go at once while nothing else is in work; under load they wait for each
/// other, for a short time or until they are many. One transaction is under way at a time. Where
/// partitions end with commit markers or aborted records, a transaction without results commits their
/// ends, so that an idle group has no lag.
final class ExactlyOnceDelivery: ResultDelivery {
    /// The records of one batch, and who waits for them.
    struct Parcel: Sendable {
        var records: [ProducedRecord]
        var origin: ConsumedRecord
        var waiter: CheckedContinuation<Result<Bool, EngineError>, Never>
    }

    struct State {
        var plan = TransactionPlan<Parcel>()
        var readySince: ContinuousClock.Instant
        var isStarted = false
        /// Since when ends of partitions are to be committed.
        var endsSince: ContinuousClock.Instant?
        var failure: EngineError?
        var roomWaiter: CheckedContinuation<Void, Never>?
    }

    let consumer: any TransactionalSource
    let connection: TransactionConnection
    let logger: Logger
    private let limits: TransactionLimits
    private let reduction: OversizeResultSplitter
    private let clock: EngineClock
    private let signal: DeliverySignal
    private let state: Mutex<State>

    init(
        consumer: any TransactionalSource,
        connection: TransactionConnection,
        limits: TransactionLimits,
        reduction: OversizeResultSplitter,
        clock: EngineClock = .system,
        logger: Logger
    ) {
        self.consumer = consumer
        self.connection = connection
        self.limits = limits
        self.reduction = reduction
        self.clock = clock
        self.logger = logger
        signal = DeliverySignal(clock: clock)
        state = Mutex(State(readySince: clock.now()))
    }

    /// How many results wait, or are in the transaction under way.
    var heldCount: Int { state.withLock { $0.plan.heldCount } }

    var isReady: Bool { state.withLock { $0.isStarted && $0.failure == nil } }

    func start() async throws(EngineError) {
        try await connection.open()
        consumer.onUncommittedEnds { self.signal.raise() }
        state.withLock { $0.isStarted = true }
    }

    func close() async {
        await connection.close()
    }

    // MARK: - For the batches

    func waitForRoom() async {
        await withCheckedContinuation { continuation in
            let hasRoom = state.withLock { state in
                if state.plan.heldCount < limits.held || state.failure != nil { return true }
                state.roomWaiter = continuation
                return false
            }
            if hasRoom { continuation.resume() }
        }
    }

    func take(_ record: ConsumedRecord) -> Bool {
        let (isTaken, dropped) = state.withLock { state in
            let dropped = state.plan.enter(record.generation)
            let isTaken = state.plan.take(
                record.offset,
                of: record.topicPartition,
                generation: record.generation
            )
            return (isTaken, dropped)
        }
        answer(dropped, false)
        return isTaken
    }

    func deliver(
        _ records: [ProducedRecord],
        finishing record: ConsumedRecord
    ) async throws(EngineError) -> Bool {
        let result = await withCheckedContinuation { continuation in
            var parcel = Parcel(records: records, origin: record, waiter: continuation)
            fit(&parcel)
            hold(parcel, of: record)
        }
        return try result.get()
    }

    func abandon(_ record: ConsumedRecord) {
        let dropped = state.withLock { $0.plan.seal(record.generation) }
        answer(dropped, false)
        signal.raise()
    }

    private func hold(_ parcel: Parcel, of record: ConsumedRecord) {
        let (refusal, dropped): (Result<Bool, EngineError>?, [Parcel]) = state.withLock { state in
            if let failure = state.failure { return (.failure(failure), []) }
            let wasReady = state.plan.readyCount > 0
            guard consumer.finish(record),
                state.plan.finish(
                    record.offset,
                    of: record.topicPartition,
                    generation: record.generation,
                    payload: parcel
                )
            else { return (.success(false), state.plan.seal(record.generation)) }
            if !wasReady { state.readySince = clock.now() }
            return (nil, [])
        }
        if let refusal { parcel.waiter.resume(returning: refusal) }
        answer(dropped, false)
        signal.raise()
    }

    // MARK: - The transactions

    func run() async throws {
        do {
            while !Task.isCancelled {
                guard let due = nextDue() else {
                    let due = [try await connection.reassertOutcome(), try await commitEndsIfDue()]
                    await signal.wait(until: due.compactMap(\.self).min())
                    continue
                }
                guard due <= clock.now() else {
                    await signal.wait(until: due)
                    continue
                }
                let next = state.withLock { $0.plan.next(maximum: limits.batches) }
                if let next { try await carryOut(next) }
            }
            fail(EngineError("the engine has stopped"))
        } catch {
            fail(EngineError(stopping: error))
            throw error
        }
    }

    private func nextDue() -> ContinuousClock.Instant? {
        let isIdle = consumer.isIdle
        return state.withLock { state in
            guard state.plan.readyCount > 0 else { return nil }
            let isDue = isIdle || state.plan.readyCount >= limits.batches || state.plan.isSealed
            return isDue ? clock.now() : state.readySince + limits.linger
        }
    }

    private func carryOut(_ planned: TransactionPlan<Parcel>.Transaction) async throws {
        guard
            let offsets = consumer.beginTransaction(
                planned.offsets,
                generation: planned.generation
            )
        else {
            // The group has gone on: whatever is left of this generation comes again elsewhere.
            let dropped = state.withLock { state in
                let rest = state.plan.enter(planned.generation + 1)
                return rest + state.plan.aborted()
            }
            logger.debug("dropped batches that were reassigned", [:])
            return answer(dropped, false)
        }
        let outcome = try await transact(planned.entries.flatMap(\.payload.records), offsets)
        let isCommitted = outcome == .committed
        if case .tooLarge(let positions) = outcome { reduce(positions, of: planned) }
        let ended = state.withLock { state in
            state.readySince = clock.now()
            return isCommitted ? state.plan.committed() : state.plan.aborted()
        }
        answer(ended, isCommitted)
    }

    /// Commits the ends of partitions once they have waited; returns when they will have.
    private func commitEndsIfDue() async throws -> ContinuousClock.Instant? {
        let hasEnds = consumer.hasUncommittedEnds
        let due = state.withLock { state -> ContinuousClock.Instant? in
            state.endsSince = hasEnds ? state.endsSince ?? clock.now() : nil
            return state.endsSince.map { $0 + limits.endsLinger }
        }
        guard let due, due <= clock.now() else { return due }
        state.withLock { $0.endsSince = nil }
        let generation = consumer.generation
        if let offsets = consumer.beginTransaction([:], generation: generation) {
            _ = try await transact([], offsets)
        }
        // What was aborted, or has come since, waits again.
        return clock.now()
    }

    private func transact(
        _ records: [ProducedRecord],
        _ offsets: GroupTransaction
    ) async throws -> CommitResult {
        do {
            let outcome = try await connection.transact(records, offsets: offsets)
            consumer.endTransaction(offsets, isCommitted: outcome == .committed)
            return outcome
        } catch {
            consumer.endTransaction(offsets, isCommitted: false)
            throw error
        }
    }

    // MARK: - Private

    /// Puts smaller records in the place of those at `positions` among all of a transaction, and of
    /// others that are too large as well.
    private func reduce(_ positions: Set<Int>, of planned: TransactionPlan<Parcel>.Transaction) {
        let records = planned.entries.flatMap(\.payload.records)
        for position in positions where position < records.count {
            reduction.note(refusalOf: records[position])
        }
        state.withLock { $0.plan.reviseInFlight { parcel in fit(&parcel) } }
    }

    private func fit(_ parcel: inout Parcel) {
        parcel.records = parcel.records.flatMap { reduction.fitting($0, of: parcel.origin) }
    }

    private func answer(_ parcels: [Parcel], _ isDelivered: Bool) {
        for parcel in parcels { parcel.waiter.resume(returning: .success(isDelivered)) }
        let room = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard state.plan.heldCount < limits.held else { return nil }
            return state.roomWaiter.take()
        }
        room?.resume()
    }

    private func fail(_ error: EngineError) {
        let (parcels, room) = state.withLock { state in
            state.failure = error
            return (state.plan.abandon(), state.roomWaiter.take())
        }
        for parcel in parcels { parcel.waiter.resume(returning: .failure(error)) }
        room?.resume()
    }
}

/// The bounds of transactions.
struct TransactionLimits: Hashable, Sendable {
    /// How many batches go together at most.
    var batches = 32
    /// How long a result waits for others while more are in work.
    var linger = Duration.milliseconds(50)
    /// How long ends of partitions wait for each other, and for a transaction with results.
    var endsLinger = Duration.milliseconds(500)
    /// How many results may be held back, or under way.
    var held = 256
}
