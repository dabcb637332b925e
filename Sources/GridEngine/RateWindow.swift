/// How fast an engine has worked lately, from counts that it is shown now and then.
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

    /// A window over a span of time, microseconds; a little more when it is looked at seldom.
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
        // One who is looked at more often than every tenth of a second keeps no more for that.
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
