/// The recent rate of an engine, from counts that are added periodically.
struct RateWindow: Sendable {
    /// Batches and trades a second.
    struct Rate: Hashable, Sendable {
        var batches = 0.0
        var trades = 0.0
    }

    private struct Sample {
        var at: Int64
        var batches: UInt64
        var trades: UInt64
    }

    private let span: Int64
    private var samples: [Sample] = []

    /// A window over a time span, microseconds; slightly more when counts are added seldom.
    init(span: Int64 = 10_000_000) {
        self.span = span
    }

    /// Takes counts since the engine's start, and returns the rate over the window, or over the
    /// time since the first look while that is shorter.
    ///
    /// `time`: microseconds; a time that goes back empties the window.
    mutating func look(_ counts: EngineCounts, at time: Int64) -> Rate {
        if let last = samples.last, last.at > time { samples = [] }
        samples.append(
            Sample(at: time, batches: counts.batchesPriced, trades: counts.tradesPriced)
        )
        while samples.count > 2, samples[1].at <= time - span { samples.removeFirst() }
        // More frequent counts than every tenth of a second are not kept.
        if samples.count > 128 { samples.remove(at: samples.count - 2) }
        guard let first = samples.first, time > first.at else { return Rate() }
        let seconds = Double(time - first.at) / 1e6
        return Rate(
            batches: Double(counts.batchesPriced - min(counts.batchesPriced, first.batches))
                / seconds,
            trades: Double(counts.tradesPriced - min(counts.tradesPriced, first.trades)) / seconds
        )
    }
}
