/// Trades of the last five minutes in bins of ten seconds, by when their results entered the topic.
struct RateWindow: Hashable, Sendable {
    /// Microseconds of a bin.
    static let binMicroseconds: Int64 = 10_000_000
    /// How many bins are kept.
    static let bins: Int64 = 30

    /// Trades by bin number modulo ``bins``; empty before the first result.
    private var counts: [Int32] = []
    /// The number of the newest bin, from 1970.
    private var newest: Int64 = 0

    /// Adds the trades of a result; results older than the window are left out.
    mutating func add(_ trades: Int, at time: Int64) {
        guard time >= 0 else { return }
        let bin = time / Self.binMicroseconds
        if counts.isEmpty {
            counts = Array(repeating: 0, count: Int(Self.bins))
            newest = bin
        }
        guard bin > newest - Self.bins else { return }
        if bin > newest {
            for passed in max(newest + 1, bin - Self.bins + 1)...bin {
                counts[Int(passed % Self.bins)] = 0
            }
            newest = bin
        }
        counts[Int(bin % Self.bins)] &+= Int32(clamping: trades)
    }

    /// Forgets all trades.
    mutating func clear() { counts = [] }

    /// Trades per second in the bins up to a time, the oldest first; the last one is not over.
    ///
    /// `time`: microseconds since 1970 UTC.
    func rates(at time: Int64) -> [Double] {
        let last = time / Self.binMicroseconds
        return (last - Self.bins + 1...last).map { Double(count(of: $0)) / 10 }
    }

    /// Trades per second of about the last minute before a time.
    ///
    /// - Parameters:
    ///   - time: microseconds since 1970 UTC.
    ///   - start: when the work began; time before it is left out.
    /// - Returns: 0 when there was no result.
    func lastMinute(at time: Int64, since start: Int64) -> Double {
        let last = time / Self.binMicroseconds
        let trades = (last - 5...last).reduce(0) { $0 + count(of: $1) }
        let from = max(start, (last - 5) * Self.binMicroseconds)
        return Double(trades) / (Double(max(1_000_000, time - from)) / 1e6)
    }

    private func count(of bin: Int64) -> Int {
        guard !counts.isEmpty, bin >= 0, bin <= newest, bin > newest - Self.bins else { return 0 }
        return Int(counts[Int(bin % Self.bins)])
    }
}
