internal import Finance
internal import Glibc
internal import GridProtocol
internal import Synchronization

/// What a pricer made of a piece of work.
enum PricerAnswer: Sendable {
    /// An encoded `PricedBatch`.
    case priced([UInt8])
    /// The pricer refused the work as a whole.
    case refused(FailureReason)
    /// The pricer died over it.
    case died(ChildExit)
    /// The pricer did not answer in time and was killed.
    case timedOut(Duration)
}

/// What a pricer is started with.
public struct PricerConfiguration: Sendable {
    /// The program that speaks the pricer's frames.
    public var path: String
    /// Its arguments.
    public var arguments: [String]
    /// Above this resident size a pricer is replaced between two batches; bytes.
    public var residentLimit: Int
    /// How many snapshots a pricer keeps.
    public var snapshots: Int
    /// How long a pricer may take to say that it is ready.
    public var startLimit: Duration

    /// Makes a configuration.
    public init(
        path: String,
        arguments: [String] = [],
        residentLimit: Int = 1 << 30,
        snapshots: Int = 4,
        startLimit: Duration = .seconds(20)
    ) {
        self.path = path
        self.arguments = arguments
        self.residentLimit = residentLimit
        self.snapshots = snapshots
        self.startLimit = startLimit
    }
}

/// A pricer process, started when it is needed and again when it died.
///
/// The actor has a thread of its own and blocks it while the pricer works. The thread lives as long
/// as the actor: Linux sends a child its parent-death signal when the thread that made it ends.
actor Pricer {
    nonisolated let executor = ThreadExecutor()
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    private let configuration: PricerConfiguration
    /// The process that runs, for ``kill()``; 0 while none does.
    private let running = Atomic<Int32>(0)
    private var child: ChildProcess?
    private var parser = FrameParser()
    private var chunk: [UInt8] = []
    private var loaded: [String] = []
    private(set) var hello = PricerHello()
    private(set) var starts = 0

    init(configuration: PricerConfiguration) {
        self.configuration = configuration
    }

    deinit {
        _ = child?.end(grace: .zero)
        executor.stop()
    }

    /// The process id; nil while none runs.
    var pid: Int32? { child?.pid }

    /// Starts the process and waits until it is ready.
    func start() throws(EngineError) {
        guard child == nil else { return }
        let started = try ChildProcess(
            path: configuration.path,
            arguments: configuration.arguments
        )
        child = started
        running.store(started.pid, ordering: .sequentiallyConsistent)
        parser = FrameParser()
        loaded = []
        starts += 1
        let deadline = ContinuousClock.now + configuration.startLimit
        guard case .success(let frame) = receive(before: deadline),
            let reply = try? PricerReply.decode(frame), case .hello(let hello)? = reply.reply
        else {
            let exit = end(grace: .zero)
            throw EngineError(
                "\(configuration.path) is not ready after \(configuration.startLimit): "
                    + exit.description
            )
        }
        self.hello = hello
    }

    /// Prices a part of a batch.
    ///
    /// - Parameters:
    ///   - snapshotID: the snapshot that the batch is priced on; sent to the pricer when new to it.
    ///   - snapshot: its bytes.
    ///   - payload: an encoded `PricingBatch`.
    ///   - range: the positions of the trades to price.
    ///   - limit: how long the pricer may take.
    /// - Returns: results, or how the pricer failed.
    /// - Throws: ``EngineError`` when no pricer can be started.
    func price(
        snapshotID: String,
        snapshot: [UInt8],
        payload: ArraySlice<UInt8>,
        range: Range<Int>,
        limit: Duration
    ) throws(EngineError) -> PricerAnswer {
        try start()
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
                return .died(end(grace: .zero))
            }
            switch reply.reply {
            case .priced(let bytes)?: return .priced(bytes)
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
            default: return .died(end(grace: .zero))
            }
        }
    }

    /// Ends the process when it has grown past its limit; call it between two batches.
    func retireIfGrown() -> Bool {
        guard let child, child.residentBytes > configuration.residentLimit else { return false }
        _ = end(grace: .seconds(1))
        return true
    }

    /// Kills the process even while the actor waits for it.
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

    private struct Problem: Error {
        var transfer: ChildProcess.Transfer
    }

    private func send(
        _ frame: [UInt8],
        before deadline: ContinuousClock.Instant,
        limit: Duration
    ) -> PricerAnswer? {
        guard let child else { return .died(ChildExit(signal: 0, code: 0)) }
        let transfer = child.write(frame, before: deadline)
        return transfer == .done ? nil : settle(Problem(transfer: transfer), limit: limit)
    }

    private func receive(before deadline: ContinuousClock.Instant) -> Result<[UInt8], Problem> {
        guard let child else { return .failure(Problem(transfer: .closed)) }
        while true {
            do {
                if let frame = try parser.next() { return .success(frame) }
            } catch {
                return .failure(Problem(transfer: .closed))
            }
            let transfer = child.read(into: &chunk, before: deadline)
            guard transfer == .done else { return .failure(Problem(transfer: transfer)) }
            parser.append(chunk)
        }
    }

    private func settle(_ problem: Problem, limit: Duration) -> PricerAnswer {
        switch problem.transfer {
        case .timedOut:
            _ = end(grace: .zero)
            return .timedOut(limit)
        case .closed, .done:
            return .died(end(grace: .milliseconds(500)))
        }
    }

    private func end(grace: Duration) -> ChildExit {
        guard let ended = child else { return ChildExit(signal: 0, code: 0) }
        child = nil
        running.store(0, ordering: .sequentiallyConsistent)
        loaded = []
        return ended.end(grace: grace)
    }
}
