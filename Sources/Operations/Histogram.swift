internal import Synchronization

/// The distribution of a quantity.
public final class Histogram: Sendable {
    /// The observations of a histogram.
    public struct Snapshot: Hashable, Sendable {
        /// Upper bounds, inclusive, ascending; the last bucket has none.
        public var bounds: [Double]
        /// Observations a bucket, not cumulative; one more than bounds.
        public var counts: [UInt64]
        /// Sum of the observations.
        public var sum: Double
    }

    private struct State {
        var counts: [UInt64]
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    init(buckets: [Double]) {
        bounds = Set(buckets.filter(\.isFinite)).sorted()
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
    }

    /// Adds an observation; what is not a number is ignored.
    public func observe(_ value: Double) {
        guard !value.isNaN else { return }
        let bucket = bounds.firstIndex { value <= $0 } ?? bounds.count
        state.withLock {
            $0.counts[bucket] += 1
            $0.sum += value
        }
    }

    /// The observations so far.
    public var snapshot: Snapshot {
        state.withLock { Snapshot(bounds: bounds, counts: $0.counts, sum: $0.sum) }
    }
}
