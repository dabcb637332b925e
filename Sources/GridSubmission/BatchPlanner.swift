public import Finance

/// How a portfolio is split into batches.
public struct BatchLimits: Hashable, Sendable {
    /// The most trades in a batch; 1...100.
    ///
    /// Kafka records and retries are as large as batches.
    public var trades: Int
    /// A batch is closed when its predicted pricing time reaches this, so that a batch of costly
    /// trades does not delay the end of a job.
    public var predictedTime: Duration

    /// Makes limits; the defaults are 100 trades or one second.
    public init(trades: Int = 100, predictedTime: Duration = .seconds(1)) {
        self.trades = min(100, max(1, trades))
        self.predictedTime = predictedTime
    }
}

/// Splits a portfolio into batches, in portfolio order.
///
/// The same portfolio, metrics and limits give the same batches, so that submitting a
/// job twice gives one job.
public struct BatchPlanner: Sendable {
    private let limits: BatchLimits
    private let metrics: [Metric]

    /// Makes a planner for jobs that ask for `metrics`.
    public init(metrics: [Metric], limits: BatchLimits = BatchLimits()) {
        self.metrics = metrics
        self.limits = limits
    }

    /// Returns the positions of each batch's trades; every position once, in order.
    public func plan(_ trades: [Trade]) -> [Range<Int>] {
        var cut = makeCut()
        var batches: [Range<Int>] = []
        var first = 0
        for (position, trade) in trades.enumerated() where cut.closes(before: trade.product) {
            batches.append(first..<position)
            first = position
        }
        if first < trades.count { batches.append(first..<trades.count) }
        return batches
    }

    /// Returns a splitter for trades that come one after the other.
    func makeCut() -> BatchCut {
        BatchCut(planner: self, limits: limits)
    }

    /// Predicts the CPU time of a trade in microseconds, from measured costs.
    ///
    /// Curves are not known here: American options are counted as on curves with a shape.
    public func predictedMicroseconds(of product: Product) -> Double {
        var cost = 5.0
        for metric in metrics where metric.applies(to: product) {
            switch (metric, product) {
            case (.irDelta, .swap(let swap)):
                cost += 50 * Double(max(1, swap.endDate.days(since: swap.startDate) / 365))
            case (.npv, .swap(let swap)):
                cost += 25 * Double(max(1, swap.endDate.days(since: swap.startDate) / 365))
            case (.optionPV, _): cost += 60_000
            case (_, .equityOption(let option)) where option.style == .american:
                cost += option.method == .finiteDifferences ? 9_000 : 3_000
            default: cost += 5
            }
        }
        return cost
    }
}

/// Decides before each trade whether it begins a batch.
struct BatchCut {
    private let planner: BatchPlanner
    private let trades: Int
    private let budget: Double
    private var count = 0
    private var spent = 0.0
    /// The predicted CPU time of all trades so far, in microseconds.
    private(set) var predictedMicroseconds = 0.0

    fileprivate init(planner: BatchPlanner, limits: BatchLimits) {
        self.planner = planner
        trades = limits.trades
        budget = limits.predictedTime / .microseconds(1)
    }

    /// Whether the batch so far ends before the next trade; never before the first one.
    mutating func closes(before product: Product) -> Bool {
        let cost = planner.predictedMicroseconds(of: product)
        predictedMicroseconds += cost
        let isFull = count > 0 && (count >= trades || spent + cost > budget)
        count = isFull ? 1 : count + 1
        spent = isFull ? cost : spent + cost
        return isFull
    }
}
