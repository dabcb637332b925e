public import GridProtocol
public import Ledger
public import Operations
internal import Synchronization

/// Gauges of engines and backlog for Prometheus, whose labels are closed sets.
public struct GridGauges: Sendable {
    /// Collects the values at most once a second, however many gauges are read.
    private final class Recent<Value: Sendable>: Sendable {
        private let look: @Sendable (Int64) -> Value
        private let kept = Mutex<(at: Int64, value: Value)?>(nil)

        init(_ look: @escaping @Sendable (Int64) -> Value) {
            self.look = look
        }

        func value(at time: Int64) -> Value {
            kept.withLock { kept in
                if let kept, (0..<1_000_000).contains(time - kept.at) { return kept.value }
                let value = look(time)
                kept = (time, value)
                return value
            }
        }
    }

    private let engines: Recent<[EngineState: Int]>
    private let backlog: Recent<Backlog>
    private let isCaughtUp: @Sendable () -> Bool

    /// Makes gauges of what the closures say.
    ///
    /// - Parameters:
    ///   - engines: the engines at a time, microseconds since 1970 UTC.
    ///   - backlog: what is left to do.
    ///   - isCaughtUp: whether the ledger has read the topics to their end.
    public init(
        engines: @escaping @Sendable (Int64) -> [EngineStatus],
        backlog: @escaping @Sendable () -> Backlog,
        isCaughtUp: @escaping @Sendable () -> Bool
    ) {
        self.engines = Recent { time in
            engines(time).reduce(into: [:]) { $0[$1.state, default: 0] += 1 }
        }
        self.backlog = Recent { _ in backlog() }
        self.isCaughtUp = isCaughtUp
    }

    /// Adds the gauges to a registry.
    ///
    /// - Parameters:
    ///   - registry: where they go.
    ///   - now: the clock, microseconds since 1970 UTC.
    public func register(
        in registry: MetricsRegistry,
        now: @escaping @Sendable () -> Int64 = WireClock.now
    ) {
        let (engines, backlog, isCaughtUp) = (engines, backlog, isCaughtUp)
        for state in EngineState.allCases {
            registry.gauge(
                "grid_engines",
                help: "Engines by state, derived from their heartbeats.",
                labels: ["state": state.rawValue]
            ) { Double(engines.value(at: now())[state] ?? 0) }
        }
        for phase in JobPhase.allCases {
            registry.gauge(
                "grid_jobs",
                help: "Jobs in the ledger.",
                labels: ["state": phase.rawValue.replacing(" ", with: "_")]
            ) { Double(backlog.value(at: now()).jobs[phase] ?? 0) }
        }
        registry.gauge(
            "grid_batches_waiting",
            help: "Batches without a result, of jobs that have not ended."
        ) { Double(backlog.value(at: now()).batches) }
        registry.gauge(
            "grid_trades_waiting",
            help: "Trades without result or error, of jobs that have not ended."
        ) { Double(backlog.value(at: now()).trades) }
        registry.gauge(
            "grid_oldest_job_age_seconds",
            help: "Seconds since the submission of the oldest job that has not ended."
        ) {
            let time = now()
            return Self.age(of: backlog.value(at: time).oldestSubmission, at: time)
        }
        registry.gauge(
            "grid_job_silent_seconds",
            help: "Seconds since the last result or the submission of the job that waits longest."
        ) {
            let time = now()
            return Self.age(of: backlog.value(at: time).quietSince, at: time)
        }
        registry.gauge(
            "grid_ledger_caught_up",
            help: "1 while the ledger has read the topics to their end."
        ) { isCaughtUp() ? 1 : 0 }
    }

    private static func age(of time: Int64?, at now: Int64) -> Double {
        time.map { Double(max(0, now - $0)) / 1e6 } ?? 0
    }
}
