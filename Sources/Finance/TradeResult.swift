/// Why a trade has no value.
public struct FailureReason: Hashable, Sendable {
    /// A kind of failure, for programs; an open set.
    public struct Code: Hashable, Sendable, RawRepresentable {
        /// The spelling in results.
        public let rawValue: String
        /// Makes a code.
        public init(rawValue: String) { self.rawValue = rawValue }

        /// A term of the trade is out of range or contradicts another.
        public static let invalidTrade = Code(rawValue: "invalid_trade")
        /// The snapshot has no such curve, spot, volatility or exchange rate.
        public static let missingMarketData = Code(rawValue: "missing_market_data")
        /// The snapshot lacks a past fixing of an index.
        public static let missingFixing = Code(rawValue: "missing_fixing")
        /// None of the requested metrics is defined for the product.
        public static let unsupportedMetric = Code(rawValue: "unsupported_metric")
        /// The pricing library refused or failed.
        public static let pricingFailed = Code(rawValue: "pricing_failed")
        /// The pricing library returned NaN or infinity.
        public static let notFinite = Code(rawValue: "not_finite")
        /// The pricer process died while it priced the trade.
        public static let pricerCrashed = Code(rawValue: "pricer_crashed")
        /// The pricer process did not finish the trade within its time limit.
        public static let pricerTimedOut = Code(rawValue: "pricer_timed_out")
        /// The pricer process needed more memory for the trade than its limit.
        public static let pricerOutOfMemory = Code(rawValue: "pricer_out_of_memory")
        /// The pricer process sent an invalid reply.
        public static let pricerAnswerInvalid = Code(rawValue: "pricer_answer_invalid")
        /// The result, with those of its batch, is larger than the results topic allows.
        public static let resultTooLarge = Code(rawValue: "result_too_large")
        /// The snapshot of the job did not arrive at the engine.
        public static let missingSnapshot = Code(rawValue: "missing_snapshot")
        /// The snapshot cannot be used.
        public static let invalidSnapshot = Code(rawValue: "invalid_snapshot")
        /// The batch could not be decoded.
        public static let undecodable = Code(rawValue: "undecodable")
        /// No result arrived before the job ended.
        public static let missing = Code(rawValue: "missing")
    }

    /// For programs.
    public var code: Code
    /// The field of the trade or snapshot concerned; empty when no single field is concerned.
    public var field: String
    /// For people; one sentence.
    public var message: String

    /// Makes a reason.
    public init(code: Code, field: String = "", message: String) {
        self.code = code
        self.field = field
        self.message = message
    }
}

/// A named part of a metric: a curve node of a bucketed delta, an engine of an average.
public struct Factor: Hashable, Sendable {
    /// What the part belongs to.
    public var name: String
    /// In the metric's unit unless the metric says otherwise.
    public var value: Double

    /// Makes a factor.
    public init(name: String, value: Double) {
        self.name = name
        self.value = value
    }
}

/// One metric of one trade.
public struct MetricValue: Hashable, Sendable {
    /// The metric.
    public var metric: Metric
    /// Finite; in the metric's unit, unrounded.
    public var value: Double
    /// The value in the snapshot's base currency, for metrics that are amounts.
    public var baseValue: Double?
    /// The parts of the metric; empty when it has none.
    public var factors: [Factor]

    /// Makes a value.
    public init(metric: Metric, value: Double, baseValue: Double? = nil, factors: [Factor] = []) {
        self.metric = metric
        self.value = value
        self.baseValue = baseValue
        self.factors = factors
    }
}

/// What pricing one trade gave.
public struct TradeResult: Hashable, Sendable {
    /// How it ended.
    public enum Outcome: Hashable, Sendable {
        /// Priced; the metrics that apply, in the order of the job's.
        case priced([MetricValue])
        /// The trade matured or expired on or before the valuation date: it has no value.
        case expired
        /// Not priced, and why.
        case failed(FailureReason)
    }

    /// How it ended.
    public var outcome: Outcome
    /// The pricing engine, `QuantLib AnalyticEuropean`; empty when none was reached.
    public var engine: String
    /// CPU time spent on the trade, microseconds.
    public var cpuMicroseconds: Double

    /// Makes a result.
    public init(outcome: Outcome, engine: String = "", cpuMicroseconds: Double = 0) {
        self.outcome = outcome
        self.engine = engine
        self.cpuMicroseconds = cpuMicroseconds
    }
}
