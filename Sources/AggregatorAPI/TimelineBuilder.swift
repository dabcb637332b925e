internal import GridAPI
internal import Ledger
internal import Reports

/// Sums the batches of a job into bins of time; it holds the bins, not the batches.
struct TimelineBuilder {
    /// How many engines are told apart; further ones are left out.
    static let engines = 500

    private let from: Int64
    private let bin: Int64
    private let bins: Int
    private var busy: [String: (micros: [Int64], batches: Int)] = [:]
    private var trades: [Int]

    /// Begins with empty bins.
    ///
    /// - Parameters:
    ///   - from: microseconds since 1970 UTC.
    ///   - to: after `from`.
    ///   - bins: how many, at least 1.
    init(from: Int64, to: Int64, bins: Int) {
        self.from = from
        self.bins = bins
        bin = max(1_000, (max(0, to - from) + Int64(bins) - 1) / Int64(bins))
        trades = Array(repeating: 0, count: bins)
    }

    /// Adds a batch.
    mutating func add(_ row: BatchRow) {
        guard let result = row.result else { return }
        if let position = position(of: result.joinedAt) { trades[position] += result.trades }
        guard let taken = result.takenAt, let priced = result.pricedAt, taken <= priced,
            busy[result.engine] != nil || busy.count < Self.engines
        else { return }
        var sums =
            busy.removeValue(forKey: result.engine)
            ?? (Array(repeating: 0, count: bins), 0)
        sums.batches += 1
        let (first, last) = (
            max(0, (taken - from) / bin), min(Int64(bins) - 1, (priced - from) / bin)
        )
        if first <= last {
            for position in first...last {
                let start = from + position * bin
                sums.micros[Int(position)] += max(0, min(priced, start + bin) - max(taken, start))
            }
        }
        busy[result.engine] = sums
    }

    /// What was added.
    var timeline: JobTimeline {
        let seconds = Double(bin) / 1e6
        return JobTimeline(
            from: ReportTime.text(from),
            to: ReportTime.text(from + bin * Int64(bins)),
            binSeconds: seconds,
            engines: busy.sorted { $0.key < $1.key }.map { engine, sums in
                let cells = sums.micros.map { Double($0) / Double(bin) }
                let most = max(1, cells.max() ?? 1)
                return JobTimeline.Engine(
                    engine: engine,
                    cells: cells.map { $0 / most },
                    batches: sums.batches
                )
            },
            rate: trades.map { Double($0) / seconds }
        )
    }

    private func position(of time: Int64) -> Int? {
        guard time >= from else { return nil }
        // A result that ends the last bin belongs to it.
        let position = Int(min((time - from) / bin, Int64(bins)))
        return position < bins ? position : time == from + bin * Int64(bins) ? bins - 1 : nil
    }
}
