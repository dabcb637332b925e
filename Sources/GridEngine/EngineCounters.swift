public import Operations
internal import Synchronization

/// What an engine has done since it started.
public struct EngineCounts: Hashable, Sendable {
    /// Batches whose result the broker has acknowledged.
    public var batchesPriced: UInt64 = 0
    /// Trades of those batches.
    public var tradesPriced: UInt64 = 0
    /// Pricers that died, hung or exceeded their memory limit.
    public var pricerRestarts: UInt64 = 0
    /// Records written to the dead-letter topic.
    public var deadLetters: UInt64 = 0
}

/// Counts for heartbeats and for Prometheus.
public final class EngineCounters: Sendable {
    private let counts = Mutex(EngineCounts())
    private let batches: Counter
    private let trades: Counter
    private let restarts: Counter
    private let deadLetters: Counter
    private let skipped: Counter
    private let parked: Counter
    private let duration: Histogram

    /// Registers the engine's metrics.
    public init(registry: MetricsRegistry) {
        batches = registry.counter(
            "grid_batches_priced_total",
            help: "Batches priced and delivered."
        )
        trades = registry.counter("grid_trades_priced_total", help: "Trades of delivered batches.")
        restarts = registry.counter(
            "grid_pricer_restarts_total",
            help: "Pricers that died, hung or exceeded their memory limit."
        )
        deadLetters = registry.counter(
            "grid_dead_letters_total",
            help: "Records written to the dead-letter topic."
        )
        skipped = registry.counter(
            "grid_batches_skipped_total",
            help: "Batches of cancelled or expired jobs, finished without a result."
        )
        parked = registry.counter(
            "grid_batches_parked_total",
            help: "Batches of paused jobs, moved to the topic of parked batches."
        )
        duration = registry.histogram(
            "grid_batch_duration_seconds",
            help: "Seconds from taking a batch to the delivery of its results.",
            buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100]
        )
    }

    /// The counts so far.
    public var current: EngineCounts { counts.withLock { $0 } }

    func delivered(trades count: Int, after time: Duration) {
        counts.withLock {
            $0.batchesPriced += 1
            $0.tradesPriced += UInt64(count)
        }
        batches.increment()
        trades.increment(by: Double(count))
        duration.observe(time.inSeconds)
    }

    func skippedBatch() {
        skipped.increment()
    }

    func parkedBatch() {
        parked.increment()
    }

    func restartedPricer() {
        counts.withLock { $0.pricerRestarts += 1 }
        restarts.increment()
    }

    func wroteDeadLetter() {
        counts.withLock { $0.deadLetters += 1 }
        deadLetters.increment()
    }
}

extension Duration {
    var inSeconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }
}
