import Glibc
import Synchronization
import Testing

@testable import Operations

/// What services did, in order.
private final class Journal: Sendable {
    private let lines = Mutex<[String]>([])

    func add(_ line: String) { lines.withLock { $0.append(line) } }
    var all: [String] { lines.withLock { $0 } }
}

private struct Failure: Error, Equatable {}

/// Ends when it is asked to, or at once with an error.
private final class Worker: GracefulService {
    let name: String
    let journal: Journal
    let started = ShutdownSignal()
    private let stop = ShutdownSignal()
    private let fails: Bool
    private let returns: Bool

    init(_ name: String, _ journal: Journal, fails: Bool = false, returns: Bool = false) {
        self.name = name
        self.journal = journal
        self.fails = fails
        self.returns = returns
    }

    func run() async throws {
        started.trigger()
        if fails { throw Failure() }
        if returns { return }
        await stop.wait()
        journal.add(Task.isCancelled ? "\(name) cancelled" : "\(name) ended")
    }

    func shutdown() async {
        journal.add("\(name) stopping")
        stop.trigger()
    }
}

/// Ignores shutdowns; ends when it is cancelled, or not even then until it is let go.
private final class Stubborn: GracefulService {
    private let untilReleased: ShutdownSignal?

    init(untilReleased: ShutdownSignal? = nil) {
        self.untilReleased = untilReleased
    }

    func run() async throws {
        if let untilReleased {
            // A continuation knows nothing of cancellation.
            while !untilReleased.isTriggered { await Task.yield() }
        } else {
            try await Task.sleep(for: .seconds(3600))
        }
    }

    func shutdown() async {}
}

@Suite(.timeLimit(.minutes(1))) struct ServiceGroupTests {
    private func group(
        _ members: [ServiceGroup.Member],
        grace: Duration = .seconds(30),
        cancellation: Duration = .seconds(30),
        exit: @escaping @Sendable (Int32) -> Void = { _ in }
    ) -> ServiceGroup {
        ServiceGroup(
            members: members,
            logger: .silent,
            signals: [],
            gracePeriod: grace,
            cancellationPeriod: cancellation,
            exit: exit
        )
    }

    @Test func shutsDownBackwardsEachAfterTheOther() async throws {
        let journal = Journal()
        let workers = ["producer", "consumer", "worker"].map { Worker($0, journal) }
        let group = group(workers.map { .init($0) })
        async let running: Void = group.run()
        for worker in workers { await worker.started.wait() }
        group.received(SIGTERM)
        try await running
        #expect(
            journal.all == [
                "worker stopping", "worker ended", "consumer stopping", "consumer ended",
                "producer stopping", "producer ended",
            ]
        )
    }

    @Test func aSignalOfTheSystemShutsDown() async throws {
        let journal = Journal()
        let worker = Worker("a", journal)
        let group = ServiceGroup(services: [worker], logger: .silent, signals: [SIGUSR1])
        async let running: Void = group.run()
        await worker.started.wait()
        kill(getpid(), SIGUSR1)
        try await running
        #expect(journal.all == ["a stopping", "a ended"])
    }

    @Test func aFailureShutsTheOthersDownAndIsThrown() async {
        let journal = Journal()
        let group = group([
            .init(Worker("a", journal)), .init(Worker("b", journal, fails: true)),
            .init(Worker("c", journal)),
        ])
        await #expect(throws: Failure()) { try await group.run() }
        #expect(journal.all == ["c stopping", "c ended", "a stopping", "a ended"])
    }

    @Test func anUnexpectedReturnIsAFailure() async {
        let journal = Journal()
        let group = group([
            .init(Worker("a", journal)), .init(Worker("b", journal, returns: true), name: "b"),
        ])
        let error = await thrown(ServiceGroupError.self) { try await group.run() }
        #expect(error?.code == .returnedUnexpectedly)
        #expect(error?.reason == "b ended although it should run")
        #expect(journal.all == ["a stopping", "a ended"])
    }

    @Test func theReturnOfAMemberThatEndsTheGroupIsNone() async throws {
        let journal = Journal()
        let group = group([
            .init(Worker("a", journal)),
            .init(Worker("job", journal, returns: true), endsGroup: true),
        ])
        try await group.run()
        #expect(journal.all == ["a stopping", "a ended"])
    }

    @Test func cancelsWhenThePeriodOfGraceIsOver() async {
        let journal = Journal()
        let group = group(
            [.init(Worker("a", journal)), .init(Stubborn(), name: "s")],
            grace: .milliseconds(20)
        )
        group.triggerShutdown()
        let error = await thrown(ServiceGroupError.self) { try await group.run() }
        #expect(error?.code == .graceExceeded)
        #expect(error?.reason.contains("s") == true)
    }

    @Test func exitsWhenCancelledServicesDoNotReturn() async {
        let released = ShutdownSignal()
        let code = Mutex<Int32?>(nil)
        let group = group(
            [.init(Stubborn(untilReleased: released))],
            grace: .milliseconds(10),
            cancellation: .milliseconds(10),
            exit: {
                let status = $0
                code.withLock { $0 = status }
                released.trigger()
            }
        )
        group.triggerShutdown()
        await #expect(throws: ServiceGroupError.self) { try await group.run() }
        #expect(code.withLock { $0 } == 1)
    }

    @Test func aServiceThatKnowsNoShutdownIsCancelledAtItsTurn() async throws {
        struct Sleeper: Service {
            func run() async throws { try await Task.sleep(for: .seconds(3600)) }
        }
        let journal = Journal()
        let group = group([.init(Worker("a", journal)), .init(Sleeper())])
        group.triggerShutdown()
        try await group.run()
        #expect(journal.all == ["a stopping", "a ended"])
    }

    @Test func aSecondSignalExitsAtOnce() {
        let code = Mutex<Int32?>(nil)
        let group = group(
            [],
            exit: {
                let status = $0
                code.withLock { $0 = status }
            }
        )
        group.received(SIGTERM)
        #expect(code.withLock { $0 } == nil)
        group.received(SIGINT)
        #expect(code.withLock { $0 } == 130)
    }

    @Test func cancellingTheGroupEndsItsServices() async {
        let journal = Journal()
        let worker = Worker("a", journal)
        let group = group([.init(worker)])
        let task = Task { try await group.run() }
        await worker.started.wait()
        task.cancel()
        _ = await task.result
        #expect(journal.all.contains { $0 == "a cancelled" || $0 == "a ended" })
    }
}

@Suite(.timeLimit(.minutes(1))) struct ProcessSignalsTests {
    @Test func aSignalReachesTheHandler() async {
        let arrived = ShutdownSignal()
        ProcessSignals.watch([SIGUSR2]) { if $0 == SIGUSR2 { arrived.trigger() } }
        kill(getpid(), SIGUSR2)
        await arrived.wait()
        ProcessSignals.unwatch([SIGUSR2])
        #expect(ProcessSignals.name(of: SIGTERM) == "SIGTERM")
        #expect(ProcessSignals.name(of: 40) == "signal 40")
    }
}

@Suite(.timeLimit(.minutes(1))) struct ShutdownSignalTests {
    @Test func wakesAllWhoWaitAndStaysTriggered() async {
        let signal = ShutdownSignal()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<10 { group.addTask { await signal.wait() } }
            group.addTask { signal.trigger() }
        }
        await signal.wait()
        signal.trigger()
        #expect(signal.isTriggered)
    }

    @Test func aCancelledTaskWaitsNoMore() async {
        let signal = ShutdownSignal()
        let task = Task { await signal.wait() }
        task.cancel()
        await task.value
        #expect(!signal.isTriggered)
    }

    @Test func waitsNoLongerThanAsked() async {
        #expect(await !ShutdownSignal().wait(atMost: .milliseconds(5)))
        let signal = ShutdownSignal()
        signal.trigger()
        #expect(await signal.wait(atMost: .seconds(60)))
    }
}
