internal import Glibc
internal import Synchronization

/// Runs services together and shuts them down in order.
///
/// Dependencies come first: shutdown runs backwards, each service ending before the one before it is
/// asked to. It starts at the first signal, when a service fails or when one ends that should not.
/// A service that is no ``GracefulService`` is cancelled at its turn. When the period of grace is
/// over all are cancelled; when they do not return then, or at a second signal, the process exits.
public final class ServiceGroup: Sendable {
    /// What asks a process to end: SIGTERM from a supervisor, SIGINT and SIGQUIT from a keyboard,
    /// SIGHUP from a terminal that is closed.
    public static let terminationSignals: [Int32] = [SIGTERM, SIGINT, SIGQUIT, SIGHUP]

    private enum Event {
        case ended(Int, (any Error)?)
        case shutdownRequested
        case graceOver
        case other
    }

    private let members: [Member]
    private let logger: Logger
    private let signals: [Int32]
    private let gracePeriod: Duration
    private let cancellationPeriod: Duration
    private let exit: @Sendable (Int32) -> Void
    private let shutdown = ShutdownSignal()
    /// Triggered a member: its `run()` has returned.
    private let ended: [ShutdownSignal]
    /// Triggered a member: its `run()` is to be cancelled.
    private let cancelled: [ShutdownSignal]
    private let signalCount = Mutex(0)

    /// A group.
    ///
    /// - Parameters:
    ///   - members: dependencies first.
    ///   - logger: gets what happens to the group.
    ///   - signals: those that shut down; none for a group that only ``triggerShutdown()`` ends.
    ///   - gracePeriod: how long services may take to end in order.
    ///   - cancellationPeriod: how long they may take after having been cancelled.
    public convenience init(
        members: [Member],
        logger: Logger,
        signals: [Int32] = ServiceGroup.terminationSignals,
        gracePeriod: Duration = .seconds(20),
        cancellationPeriod: Duration = .seconds(5)
    ) {
        self.init(
            members: members,
            logger: logger,
            signals: signals,
            gracePeriod: gracePeriod,
            cancellationPeriod: cancellationPeriod,
            exit: { code in
                TemporaryDirectory.removeAll()
                Glibc._exit(code)
            }
        )
    }

    /// A group of services none of which may return before it is shut down.
    ///
    /// - Parameters:
    ///   - services: dependencies first.
    ///   - logger: gets what happens to the group.
    ///   - signals: those that shut down.
    ///   - gracePeriod: how long services may take to end in order.
    ///   - cancellationPeriod: how long they may take after having been cancelled.
    public convenience init(
        services: [any Service],
        logger: Logger,
        signals: [Int32] = ServiceGroup.terminationSignals,
        gracePeriod: Duration = .seconds(20),
        cancellationPeriod: Duration = .seconds(5)
    ) {
        self.init(
            members: services.map { Member($0) },
            logger: logger,
            signals: signals,
            gracePeriod: gracePeriod,
            cancellationPeriod: cancellationPeriod
        )
    }

    init(
        members: [Member],
        logger: Logger,
        signals: [Int32],
        gracePeriod: Duration,
        cancellationPeriod: Duration,
        exit: @escaping @Sendable (Int32) -> Void
    ) {
        self.members = members
        self.logger = logger
        self.signals = signals
        self.gracePeriod = gracePeriod
        self.cancellationPeriod = cancellationPeriod
        self.exit = exit
        ended = members.map { _ in ShutdownSignal() }
        cancelled = members.map { _ in ShutdownSignal() }
    }

    /// Does what the first signal does.
    public func triggerShutdown() {
        shutdown.trigger()
    }

    /// Runs the services until all have ended.
    ///
    /// - Throws: the first error of a service, or ``ServiceGroupError``.
    public func run() async throws {
        if !signals.isEmpty {
            ProcessSignals.watch(signals) { [self] in received($0) }
        }
        defer {
            if !signals.isEmpty { ProcessSignals.unwatch(signals) }
        }
        let failure = await withTaskGroup(of: Event.self) { group in
            await supervise(&group)
        }
        if let failure { throw failure }
    }

    /// Handles a signal: the first shuts down, the second exits with 128 and its number.
    func received(_ signal: Int32) {
        let count = signalCount.withLock {
            $0 += 1
            return $0
        }
        if count == 1 {
            logger.notice("shutting down", [.signal: ProcessSignals.name(of: signal)])
            shutdown.trigger()
        } else {
            logger.warning("exiting at once", [.signal: ProcessSignals.name(of: signal)])
            exit(128 + signal)
        }
    }

    // MARK: Supervision

    private func supervise(_ group: inout TaskGroup<Event>) async -> (any Error)? {
        for index in members.indices {
            group.addTask { .ended(index, await self.runMember(index)) }
        }
        group.addTask {
            await self.shutdown.wait()
            return .shutdownRequested
        }
        var failure: (any Error)?
        var running = members.count
        var isStopping = false
        while running > 0, let event = await group.next() {
            switch event {
            case .ended(let index, let error):
                running -= 1
                failure = failure ?? reason(index, error, isStopping: isStopping)
                ended[index].trigger()
                shutdown.trigger()
            case .shutdownRequested where !isStopping:
                isStopping = true
                group.addTask { await self.stopMembers() }
                group.addTask { await self.pause(self.gracePeriod, then: .graceOver) }
            case .graceOver where running > 0:
                failure = failure ?? graceError()
                group.addTask { await self.cancelMembers() }
            default:
                break
            }
        }
        group.cancelAll()
        return failure
    }

    /// The error a member's end means, logged; nil when it was to end.
    private func reason(_ index: Int, _ error: (any Error)?, isStopping: Bool) -> (any Error)? {
        let member = members[index]
        if let error {
            // A cancelled service throws as a rule; that is no news.
            if cancelled[index].isTriggered, error is CancellationError { return nil }
            logger.debug("service failed", [.service: member.name, .error: "\(error)"])
            return error
        }
        guard !isStopping, !shutdown.isTriggered, !member.endsGroup else { return nil }
        return ServiceGroupError(
            code: .returnedUnexpectedly,
            reason: "\(member.name) ended although it should run"
        )
    }

    /// Runs a member, in a task of its own that can be cancelled alone.
    private func runMember(_ index: Int) async -> (any Error)? {
        await withTaskGroup(of: (any Error)?.self) { group in
            group.addTask {
                do {
                    try await self.members[index].service.run()
                    return nil
                } catch {
                    return error
                }
            }
            let cancelled = cancelled[index]
            let ended = ended[index]
            return await withTaskCancellationHandler {
                await raceToEnd(&group, cancelled, ended)
            } onCancel: {
                cancelled.trigger()
            }
        }
    }

    private func raceToEnd(
        _ group: inout TaskGroup<(any Error)?>,
        _ cancelled: ShutdownSignal,
        _ ended: ShutdownSignal
    ) async -> (any Error)? {
        group.addTask {
            await cancelled.wait()
            return CancelMark()
        }
        var result: (any Error)?
        while let next = await group.next() {
            if next is CancelMark {
                group.cancelAll()
                continue
            }
            result = next
            group.cancelAll()
            ended.trigger()
        }
        return result
    }

    private func stopMembers() async -> Event {
        for index in members.indices.reversed() where !ended[index].isTriggered {
            logger.debug("stopping service", [.service: members[index].name])
            if let service = members[index].service as? any GracefulService {
                await service.shutdown()
            } else {
                cancelled[index].trigger()
            }
            await ended[index].wait()
            if Task.isCancelled { break }
        }
        return .other
    }

    private func graceError() -> ServiceGroupError {
        let late = members.indices.filter { !ended[$0].isTriggered }.map { members[$0].name }
        let names = late.joined(separator: ", ")
        return ServiceGroupError(
            code: .graceExceeded,
            reason: "cancelled after \(HumanText.duration(gracePeriod)): \(names)"
        )
    }

    private func cancelMembers() async -> Event {
        for signal in cancelled { signal.trigger() }
        let event = await pause(cancellationPeriod, then: .other)
        let late = members.indices.filter { !ended[$0].isTriggered }.map { members[$0].name }
        if !Task.isCancelled, !late.isEmpty {
            logger.error(
                "services do not end, exiting",
                [.service: late.joined(separator: ", ")]
            )
            exit(ExitCode.failure.rawValue)
        }
        return event
    }

    private func pause(_ time: Duration, then event: Event) async -> Event {
        try? await Task.sleep(for: time)
        return event
    }
}

/// Tells the end of waiting for a cancellation from a service's own error.
private struct CancelMark: Error {}
