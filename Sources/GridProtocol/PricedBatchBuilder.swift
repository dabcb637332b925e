public import Finance

/// Puts results of trades into a ``PricedBatch``; every name is stored once.
public struct PricedBatchBuilder {
    private var table = NameTable()
    private var batch = PricedBatch()

    /// Begins without results.
    ///
    /// - Parameters:
    ///   - pricerVersion: of the program that priced.
    ///   - libraryVersion: of the library behind it, `QuantLib 1.29`.
    public init(pricerVersion: String = "", libraryVersion: String = "") {
        batch.pricerVersion = pricerVersion
        batch.libraryVersion = libraryVersion
    }

    /// How many results were added.
    public var count: Int { batch.trades.count }

    /// Adds the next trade's result.
    public mutating func add(_ result: TradeResult) {
        var trade = PricedTrade(
            engine: table.position(of: result.engine),
            cpuMicroseconds: result.cpuMicroseconds
        )
        switch result.outcome {
        case .priced(let metrics):
            trade.status = .ok
            trade.metrics.reserveCapacity(metrics.count)
            for metric in metrics { trade.metrics.append(makeMetric(metric)) }
        case .expired:
            trade.status = .expired
        case .failed(let reason):
            trade.status = .error
            trade.failure = Failure(reason)
        }
        batch.trades.append(trade)
    }

    /// Returns the batch of the results added so far.
    public func build() -> PricedBatch {
        var built = batch
        built.names = table.names
        return built
    }

    private mutating func makeMetric(_ value: MetricValue) -> PricedMetric {
        PricedMetric(
            metric: table.position(of: value.metric.rawValue),
            value: value.value,
            baseValue: value.baseValue,
            factors: value.factors.map { table.position(of: $0.name) },
            factorValues: value.factors.map(\.value)
        )
    }
}

extension PricedBatch {
    /// Makes a batch of results in the order given.
    public init(results: [TradeResult], pricerVersion: String = "", libraryVersion: String = "") {
        var builder = PricedBatchBuilder(
            pricerVersion: pricerVersion,
            libraryVersion: libraryVersion
        )
        for result in results { builder.add(result) }
        self = builder.build()
    }

    /// Returns the results, in order.
    ///
    /// - Throws: ``WireError/Code/invalidValue`` for a status or metric that this version does not
    ///   know, a position past the end of the names, and factors that lack names or values.
    public func results() throws(WireError) -> [TradeResult] {
        var metrics = ResolvedNames<Metric>()
        var results: [TradeResult] = []
        results.reserveCapacity(trades.count)
        for trade in trades { results.append(try makeResult(trade, &metrics)) }
        return results
    }

    private func makeResult(
        _ trade: PricedTrade,
        _ metrics: inout ResolvedNames<Metric>
    ) throws(WireError) -> TradeResult {
        let outcome: TradeResult.Outcome
        switch trade.status {
        case .ok:
            var values: [MetricValue] = []
            values.reserveCapacity(trade.metrics.count)
            for metric in trade.metrics { values.append(try makeValue(metric, &metrics)) }
            outcome = .priced(values)
        case .expired:
            outcome = .expired
        case .error:
            guard let failure = trade.failure else { throw .invalid("an error has no reason") }
            outcome = .failed(FailureReason(failure))
        default:
            throw .invalid("status \(trade.status.rawValue) of a trade is not known")
        }
        // The batch of a trade that reached no engine may have no names.
        let engine = names.isEmpty && trade.engine == 0 ? "" : try names.name(at: trade.engine)
        return TradeResult(
            outcome: outcome,
            engine: engine,
            cpuMicroseconds: trade.cpuMicroseconds
        )
    }

    private func makeValue(
        _ metric: PricedMetric,
        _ metrics: inout ResolvedNames<Metric>
    ) throws(WireError) -> MetricValue {
        guard metric.factors.count == metric.factorValues.count else {
            throw .invalid(
                "\(metric.factors.count) factors have \(metric.factorValues.count) values"
            )
        }
        var factors: [Factor] = []
        factors.reserveCapacity(metric.factors.count)
        for (position, value) in zip(metric.factors, metric.factorValues) {
            factors.append(Factor(name: try names.name(at: position), value: value))
        }
        return MetricValue(
            metric: try metrics.value(at: metric.metric, in: names, "a metric") {
                Metric(rawValue: $0)
            },
            value: metric.value,
            baseValue: metric.baseValue,
            factors: factors
        )
    }
}

extension Failure {
    /// Makes the message of a reason.
    public init(_ reason: FailureReason) {
        self.init(code: reason.code.rawValue, field: reason.field, message: reason.message)
    }
}

extension FailureReason {
    /// Makes the reason that a message gives.
    public init(_ failure: Failure) {
        self.init(
            code: Code(rawValue: failure.code),
            field: failure.field,
            message: failure.message
        )
    }
}
