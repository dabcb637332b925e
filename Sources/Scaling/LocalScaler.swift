public import GridAPI
internal import Glibc
public import Operations
internal import Synchronization

/// Engines as processes of this machine: starts them, restarts those that fail, drains those that
/// are too many, and ends all of them when it is shut down.
///
/// The system kills the engines when this process is killed. What they print goes to files in the
/// directory, two of at most 16 MiB an engine.
public final class LocalScaler: Scaler, ClusterSource, GracefulService {
    /// The most engines of a machine.
    public static let mostEngines = 64

    /// What is started, and how many of it.
    public struct Configuration: Sendable {
        /// The path of `valengine`.
        public var program: String
        /// What an engine's id begins with; `-` and its number follow.
        public var idPrefix: String
        /// The arguments of the engine with this id.
        public var arguments: @Sendable (_ engineID: String) -> [String]
        /// The environment of engines, all of it.
        public var environment: [String: String]
        /// Where their logs go; it is made if it is missing.
        public var directory: String
        /// The machine's name.
        public var host: String
        /// Engines at the start.
        public var count: Int
        /// What operators may ask for.
        public var limits: ScaleLimits
        /// How long an engine may drain before it is killed: longer than its own limit.
        public var grace: Duration

        /// Makes a configuration.
        public init(
            program: String,
            idPrefix: String,
            arguments: @escaping @Sendable (_ engineID: String) -> [String],
            environment: [String: String],
            directory: String,
            host: String,
            count: Int,
            limits: ScaleLimits,
            grace: Duration = .seconds(60)
        ) {
            self.program = program
            self.idPrefix = idPrefix
            self.arguments = arguments
            self.environment = environment
            self.directory = directory
            self.host = host
            self.count = count
            self.limits = limits
            self.grace = grace
        }
    }

    struct State {
        var fleet: EngineFleet
        /// Start times by process, microseconds since 1970.
        var startedAt: [Int32: Int64] = [:]
        /// The newest last, at most 100.
        var events: [ClusterStatus.Event] = []
    }

    let configuration: Configuration
    let logger: Logger
    let state: Mutex<State>
    /// Tells the thread of ``run()`` that there is something to do.
    let bell: Bell

    /// A scaler; ``run()`` starts the engines.
    ///
    /// - Parameters:
    ///   - configuration: what is started; its count is at most ``mostEngines``.
    ///   - logger: gets a line for each engine that starts or ends.
    /// - Throws: ``ScalingError`` when the system gives no descriptors.
    public init(configuration: Configuration, logger: Logger) throws(ScalingError) {
        self.configuration = configuration
        self.logger = logger
        bell = try Bell()
        var fleet = EngineFleet(grace: configuration.grace)
        fleet.ask(for: min(max(0, configuration.count), Self.mostEngines), at: .now)
        state = Mutex(State(fleet: fleet))
    }

    /// Keeps the engines running; returns when it was shut down and every engine has ended.
    ///
    /// - Throws: `FileError` when the directory cannot be made.
    public func run() async throws {
        try makeDirectory(configuration.directory)
        await onNewThread { self.supervise() }
    }

    /// Has every engine drain, and ``run()`` return.
    public func shutdown() async {
        state.withLock { $0.fleet.stop(at: .now) }
        bell.ring()
    }

    // MARK: Scaler

    /// The engines of this machine.
    public func scale() -> ScaleStatus {
        let fleet = state.withLock { $0.fleet }
        return ScaleStatus(
            kind: "local",
            count: fleet.members.count { !$0.isLeaving && $0.pid != nil },
            desired: fleet.desired,
            limits: configuration.limits.status,
            draining: fleet.draining,
            etag: Self.etag(fleet.desired),
            asOf: Timestamp.iso8601(Timestamp.now),
            reason: failureReason(fleet)
        )
    }

    /// Starts engines, or has the youngest drain.
    public func change(
        to request: ScaleRequest,
        ifMatch etag: String?,
        beyond: Bool
    ) async throws(ScalingError) -> ScaleChange {
        guard case .count(let count) = try configuration.limits.change(of: request, beyond: beyond)
        else {
            throw ScalingError(
                .notPossible,
                "no autoscaler sets the number of local engines: give a count"
            )
        }
        guard count <= Self.mostEngines else {
            throw ScalingError(
                .outOfBounds,
                "count \(count): a machine runs at most \(Self.mostEngines) engines"
            )
        }
        let before = try state.withLock { state throws(ScalingError) in
            guard !state.fleet.isStopped else {
                throw ScalingError(.notPossible, "the grid is being stopped")
            }
            let before = state.fleet.desired
            guard etag == nil || etag == Self.etag(before) else {
                throw ScalingError(
                    .changedMeanwhile,
                    "somebody has set \(Self.engines(before)) meanwhile: look again"
                )
            }
            state.fleet.ask(for: count, at: .now)
            return before
        }
        bell.ring()
        logger.notice("number of engines set", [.count: String(count)])
        return ScaleChange(
            what: "local engines",
            before: Self.engines(before),
            after: Self.engines(count)
        )
    }

    /// Ends an engine of this machine; another starts with its id.
    public func endEngine(
        _ id: String,
        how: EngineEnding.How
    ) async throws(ScalingError) -> ScaleChange {
        guard let number = number(ofEngine: id) else {
            throw ScalingError(.notOurs, "engine \(id) was not started from here")
        }
        let hasProcess = state.withLock { state in
            state.fleet.end(number, atOnce: how == .now, at: .now)
        }
        guard hasProcess else {
            throw ScalingError(.notPossible, "engine \(id) has no process at the moment")
        }
        bell.ring()
        return ScaleChange(
            what: "engine \(id)",
            before: "runs",
            after: how == .drain ? "drains, then starts again" : "killed, starts again"
        )
    }

    // MARK: ClusterSource

    /// This machine, with an engine a pod.
    public func cluster() -> ClusterStatus {
        let (fleet, startedAt, events) = state.withLock { ($0.fleet, $0.startedAt, $0.events) }
        let pods = fleet.members.map { member in
            pod(of: member, startedAt: member.pid.flatMap { startedAt[$0] })
        }
        return ClusterStatus(
            kind: "local",
            nodes: [
                ClusterStatus.Node(
                    name: configuration.host,
                    ready: true,
                    pods: pods.map(\.name)
                )
            ],
            pods: pods,
            events: events.reversed(),
            asOf: Timestamp.iso8601(Timestamp.now)
        )
    }

    /// The end of what an engine printed.
    public func log(
        ofPod pod: String,
        tail: Int,
        previous: Bool
    ) async throws(ScalingError) -> [UInt8] {
        guard let number = number(ofEngine: pod) else {
            throw ScalingError(.unknownPod, "there is no engine \(pod) on this machine")
        }
        let path = logPath(of: number)
        let lines = min(max(1, tail), LogBounds.lines)
        guard
            let text = EngineLog.tail(
                of: previous ? EngineLog.previous(of: path) : path,
                lines: lines,
                bytes: LogBounds.bytes
            )
        else {
            throw ScalingError(
                .unknownPod,
                previous
                    ? "engine \(pod) has no log from before its last start"
                    : "engine \(pod) has not printed anything"
            )
        }
        return text
    }

    // MARK: Private

    private static func etag(_ desired: Int) -> String { "local-\(desired)" }

    static func engines(_ count: Int) -> String { count == 1 ? "1 engine" : "\(count) engines" }

    func engineID(_ number: Int) -> String { "\(configuration.idPrefix)-\(number)" }

    func logPath(of number: Int) -> String { "\(configuration.directory)/engine-\(number).log" }

    /// The number in an id of an engine that there is.
    private func number(ofEngine id: String) -> Int? {
        state.withLock { state in
            state.fleet.members.first { engineID($0.number) == id }?.number
        }
    }

    private func failureReason(_ fleet: EngineFleet) -> String? {
        let failing = fleet.members.filter { member in
            if case .waiting = member.phase { member.failures > 0 } else { false }
        }
        guard let first = failing.first, let reason = first.lastFailure else { return nil }
        let others = failing.count > 1 ? ", and \(failing.count - 1) more" : ""
        return "engine \(engineID(first.number)) \(reason)\(others): it is started again"
    }

    private func pod(of member: EngineFleet.Member, startedAt: Int64?) -> ClusterStatus.Pod {
        let isRunning =
            switch member.phase {
            case .running: true
            default: false
            }
        let phase =
            switch member.phase {
            case .waiting, .starting: "Pending"
            case .running: "Running"
            case .draining, .killed: "Draining"
            }
        let id = engineID(member.number)
        return ClusterStatus.Pod(
            name: id,
            node: configuration.host,
            phase: phase,
            ready: isRunning,
            restarts: member.restarts,
            image: configuration.program,
            startedAt: startedAt.map(Timestamp.iso8601),
            reason: isRunning ? nil : member.lastFailure,
            engine: id,
            pid: member.pid.map(Int.init)
        )
    }
}
