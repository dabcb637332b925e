internal import Finance
internal import Glibc
internal import GridProtocol
internal import Operations
internal import Synchronization

/// A pricer's reply to a piece of work.
enum PricerAnswer: Sendable {
    /// An encoded `PricedBatch`.
    case priced([UInt8])
    /// The pricer refused the work as a whole.
    case refused(FailureReason)
    /// The pricer died, or was killed because it sent no valid reply.
    case lost(FailureReason, signal: Int32)
}

/// How a pricer is started.
public struct PricerConfiguration: Sendable {
    /// The program that implements the pricer's frames.
    public var path: String
    /// Its arguments.
    public var arguments: [String]
    /// The memory that a pricer may have, bytes; 0 for no limit.
    ///
    /// The system refuses it more data memory, and it is killed when its resident memory is above
    /// this. Between two batches it is replaced when it uses half of this.
    public var memoryLimit: Int
    /// How many snapshots a pricer keeps.
    public var snapshots: Int
    /// How long a pricer may take to send its hello.
    public var startLimit: Duration

    /// Makes a configuration.
    public init(
        path: String,
        arguments: [String] = [],
        memoryLimit: Int = 1 << 30,
        snapshots: Int = 4,
        startLimit: Duration = .seconds(20)
    ) {
        self.path = path
        self.arguments = arguments
        self.memoryLimit = memoryLimit
        self.snapshots = snapshots
        self.startLimit = startLimit
    }
}

/// A pricer process, started when it is needed and restarted when it died.
///
/// The actor has a thread of its own and blocks it while the pricer works. The thread lives as long
/// as the actor: Linux sends a child its parent-death signal when the thread that made it ends.
actor Pricer {
    nonisolated let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// How often in a row a process may be killed before it is ready.
    private static let mostStarts = 3

    private let configuration: PricerConfiguration
    private let logger: Logger
    /// The process that runs, for ``kill()``; 0 while none does.
    private let running = Atomic<Int32>(0)
    private var child: ChildProcess?
    private var parser = FrameParser()
    private var chunk: [UInt8] = []
    private var loaded: [String] = []
    /// The highest resident memory that was measured.
    private var seenBytes = 0
    private(set) var hello = PricerHello()
    private(set) var starts = 0
    /// What the process does, in the lines of what it writes to standard error.
    private var facts: [LogKey: String] = [:]

    init(configuration: PricerConfiguration, logger: Logger = .silent) {
        self.configuration = configuration
        self.logger = logger
    }

    deinit {
        _ = child?.end(grace: .zero)
        executor.stop()
    }

    /// The process id; nil while none runs.
    var pid: Int32? { child?.pid }

    /// Starts the process and waits until it is ready.
    ///
    /// If it is killed meanwhile, it is started again.
    func start() throws(EngineError) {
        guard child == nil else { return }
        var attempt = 1
        while let exit = try launch() {
            guard exit.signal != 0, attempt < Self.mostStarts else {
                throw EngineError(
                    "\(configuration.path) ended before it was ready: \(exit.description)"
                )
            }
            attempt += 1
        }
    }

    /// Prices a part of a batch.
    ///
    /// - Parameters:
    ///   - snapshotID: the snapshot of the batch; sent to the pricer if the pricer does not have
    ///     it.
    ///   - snapshot: its bytes.
    ///   - payload: an encoded `PricingBatch`.
    ///   - range: the positions of the trades to price.
    ///   - limit: how long the pricer may take.
    ///   - facts: of the batch, for the lines of what the pricer writes to standard error.
    /// - Returns: results, or how the pricer failed.
    /// - Throws: ``EngineError`` when no pricer can be started.
    func price(
        snapshotID: String,
        snapshot: [UInt8],
        payload: ArraySlice<UInt8>,
        range: Range<Int>,
        limit: Duration,
        facts: [LogKey: String] = [:]
    ) throws(EngineError) -> PricerAnswer {
        if let child { logErrors(of: child) }
        self.facts = facts
        // It died meanwhile, or sent a frame that would be taken for the reply to this work.
        if isOutOfStep { _ = end(grace: .zero) }
        try start()
        guard !isOutOfStep else { return misbehaved("it sent a frame without a request") }
        let deadline = ContinuousClock.now + limit
        if !loaded.contains(snapshotID) {
            let frame = PricerFrames.snapshot(id: snapshotID, bytes: snapshot)
            if let answer = send(frame, before: deadline, limit: limit) { return answer }
            loaded.append(snapshotID)
            if loaded.count > configuration.snapshots { loaded.removeFirst() }
        }
        let frame = PricerFrames.work(
            snapshotID: snapshotID,
            payload: payload,
            first: range.lowerBound,
            count: range.count
        )
        if let answer = send(frame, before: deadline, limit: limit) { return answer }
        switch receive(before: deadline) {
        case .failure(let problem): return settle(problem, limit: limit)
        case .success(let frame):
            guard let reply = try? PricerReply.decode(frame) else {
                return misbehaved("its reply cannot be decoded")
            }
            switch reply.reply {
            case .priced(let bytes)?:
                let count = (try? PricedBatch.tradeCount(of: bytes)) ?? 0
                guard count == range.count else {
                    return misbehaved("it returned \(count) results for \(range.count) trades")
                }
                return .priced(bytes)
            case .refused(let failure)?:
                loaded = []
                _ = end(grace: .seconds(1))
                return .refused(
                    FailureReason(
                        code: .init(rawValue: failure.code),
                        field: failure.field,
                        message: failure.message
                    )
                )
            default: return misbehaved("it did not answer with a batch")
            }
        }
    }

    /// Ends the process if its memory is above the limit; call it between two batches.
    func retireIfGrown() -> Bool {
        guard let child, configuration.memoryLimit > 0,
            child.residentBytes > configuration.memoryLimit / 2
        else { return false }
        _ = end(grace: .seconds(1))
        return true
    }

    /// Kills the process, even while the actor waits for it.
    nonisolated func kill() {
        let pid = running.load(ordering: .sequentiallyConsistent)
        if pid > 0 { Glibc.kill(pid, SIGKILL) }
    }

    /// The resident memory of the process in bytes, even while it works; 0 while none runs.
    nonisolated var residentBytes: Int {
        let pid = running.load(ordering: .sequentiallyConsistent)
        return pid > 0 ? ProcessMemory.residentBytes(of: pid) : 0
    }

    /// Ends the process.
    func stop() {
        _ = end(grace: .seconds(2))
    }

    // MARK: Private

    private enum Problem: Error {
        case closed
        case timedOut
        case tooLarge
        case unreadable(String)
    }

    /// How often the memory of a working pricer is measured.
    private static let look = Duration.milliseconds(50)

    /// Whether there are bytes, or an end of the stream, although nothing was requested.
    private var isOutOfStep: Bool { parser.pendingBytes > 0 || child?.hasInput == true }

    private func send(
        _ frame: [UInt8],
        before deadline: ContinuousClock.Instant,
        limit: Duration
    ) -> PricerAnswer? {
        guard let child else { return settle(.closed, limit: limit) }
        switch child.write(frame, before: deadline) {
        case .done: return nil
        case .closed: return settle(.closed, limit: limit)
        case .timedOut: return settle(.timedOut, limit: limit)
        }
    }

    /// Starts the process once; returns its exit if it ended before it was ready.
    private func launch() throws(EngineError) -> ChildExit? {
        let started = try ChildProcess(
            path: configuration.path,
            arguments: configuration.arguments,
            memoryLimit: configuration.memoryLimit
        )
        child = started
        running.store(started.pid, ordering: .sequentiallyConsistent)
        parser = FrameParser()
        loaded = []
        starts += 1
        seenBytes = 0
        switch receive(before: .now + configuration.startLimit) {
        case .success(let frame):
            if let reply = try? PricerReply.decode(frame), case .hello(let hello)? = reply.reply {
                self.hello = hello
                return nil
            }
        case .failure(.closed): return end(grace: .seconds(1))
        case .failure(.timedOut):
            _ = end(grace: .zero)
            throw EngineError(
                "\(configuration.path) is not ready after "
                    + HumanText.duration(configuration.startLimit)
            )
        case .failure: break
        }
        _ = end(grace: .zero)
        throw EngineError("\(configuration.path) does not start with a pricer's hello")
    }

    private func receive(before deadline: ContinuousClock.Instant) -> Result<[UInt8], Problem> {
        guard let child else { return .failure(.closed) }
        defer { logErrors(of: child) }
        while true {
            do {
                if let frame = try parser.next() { return .success(frame) }
            } catch {
                return .failure(.unreadable(error.reason))
            }
            let now = ContinuousClock.now
            guard now < deadline else { return .failure(.timedOut) }
            switch child.read(into: &chunk, before: min(deadline, now + Self.look)) {
            case .done: parser.append(chunk)
            case .closed: return .failure(.closed)
            case .timedOut:
                logErrors(of: child)
                if isTooLarge(child) { return .failure(.tooLarge) }
            }
        }
    }

    /// Logs what a process wrote to standard error; as a warning, which programs show that a person
    /// watches.
    private func logErrors(of process: ChildProcess) {
        let lines = process.takeErrorLines()
        var facts = facts
        facts[.pricerPID] = String(process.pid)
        for text in lines.texts {
            facts[.output] = text
            logger.warning("a pricer wrote to standard error", facts)
        }
        guard lines.dropped > 0 else { return }
        facts[.output] = nil
        facts[.count] = String(lines.dropped)
        logger.warning("lines of a pricer's standard error were dropped", facts)
    }

    private func isTooLarge(_ child: ChildProcess) -> Bool {
        seenBytes = max(seenBytes, child.residentBytes)
        return configuration.memoryLimit > 0 && seenBytes > configuration.memoryLimit
    }

    /// Ends a pricer that did not reply, and returns why.
    private func settle(_ problem: Problem, limit: Duration) -> PricerAnswer {
        switch problem {
        case .unreadable(let words): return misbehaved(words)
        case .tooLarge:
            _ = end(grace: .zero)
            return .lost(outOfMemory(), signal: SIGKILL)
        case .timedOut:
            _ = end(grace: .zero)
            let reason = FailureReason(
                code: .pricerTimedOut,
                message: "the pricer did not answer within \(HumanText.duration(limit))"
            )
            return .lost(reason, signal: 0)
        case .closed:
            let exit = end(grace: .milliseconds(500))
            guard !isOutOfMemory(exit) else { return .lost(outOfMemory(), signal: exit.signal) }
            let reason = FailureReason(
                code: .pricerCrashed,
                message: "the pricer \(exit.description)"
            )
            return .lost(reason, signal: exit.signal)
        }
    }

    /// Whether a pricer died with more than half of its memory limit: the refused
    /// allocation may have been large, and only touched pages count as resident.
    private func isOutOfMemory(_ exit: ChildExit) -> Bool {
        configuration.memoryLimit > 0 && (exit.signal != 0 || exit.code != 0)
            && max(exit.peakBytes, seenBytes) > configuration.memoryLimit / 2
    }

    private func outOfMemory() -> FailureReason {
        FailureReason(
            code: .pricerOutOfMemory,
            message: "the pricer needed more than \(configuration.memoryLimit >> 20) MiB of memory"
        )
    }

    private func misbehaved(_ words: String) -> PricerAnswer {
        _ = end(grace: .zero)
        return .lost(
            FailureReason(
                code: .pricerAnswerInvalid,
                message: "the pricer sent an invalid reply: \(words)"
            ),
            signal: 0
        )
    }

    private func end(grace: Duration) -> ChildExit {
        guard let ended = child else { return ChildExit(signal: 0, code: 0) }
        child = nil
        running.store(0, ordering: .sequentiallyConsistent)
        loaded = []
        let exit = ended.end(grace: grace)
        logErrors(of: ended)
        return exit
    }
}
