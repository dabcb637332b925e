import CQuantLib
import Finance

extension PricingSession {
    /// What a rates product needs of the snapshot.
    struct RatesMarket {
        var discountCurve: Int32
        var name: InterestRateIndex
        /// Nil when no curve forecasts the index.
        var index: SnapshotTables.LoadedIndex?
        var engine: String
    }

    func price(_ swap: Swap, _ metrics: [Metric]) throws(Failure) -> TradeResult {
        let market = try market(of: swap)
        var terms = cql_swap(swap, market, metrics)
        var result = cql_rates_result()
        var error = cql_error()
        guard
            cql_price_swap(
                handle,
                &terms,
                &result,
                &discountBuckets,
                &forwardBuckets,
                &error
            ) == CQL_OK.rawValue
        else { throw failure(error, market) }
        return try tradeResult(result, market, metrics, in: swap.currency)
    }

    func price(
        _ fra: ForwardRateAgreement,
        _ metrics: [Metric]
    ) throws(Failure) -> TradeResult {
        let market = try market(of: fra)
        var terms = try cql_fra(fra, market, metrics)
        var result = cql_rates_result()
        var error = cql_error()
        guard
            cql_price_fra(
                handle,
                &terms,
                &result,
                &discountBuckets,
                &forwardBuckets,
                &error
            ) == CQL_OK.rawValue
        else { throw failure(error, market) }
        return try tradeResult(result, market, metrics, in: fra.index.currency)
    }

    func market(of swap: Swap) throws(Failure) -> RatesMarket {
        guard case .floating(let index, _, _, _) = swap.floatingLeg.rate else {
            throw Failure(.invalidTrade, "legs.floating", "The swap has no floating leg.")
        }
        return try market(of: swap.currency, index, engine: "QuantLib DiscountingSwap")
    }

    func market(of fra: ForwardRateAgreement) throws(Failure) -> RatesMarket {
        try market(of: fra.index.currency, fra.index, engine: "QuantLib ForwardRateAgreement")
    }

    // MARK: Private

    private func market(
        of currency: Currency,
        _ index: InterestRateIndex,
        engine: String
    ) throws(Failure) -> RatesMarket {
        guard let discountCurve = tables.discountCurves[currency] else {
            throw Failure(MissingData(discountCurveOf: currency))
        }
        return RatesMarket(
            discountCurve: discountCurve,
            name: index,
            index: tables.indices[index],
            engine: engine
        )
    }

    private func tradeResult(
        _ result: cql_rates_result,
        _ market: RatesMarket,
        _ metrics: [Metric],
        in currency: Currency
    ) throws(Failure) -> TradeResult {
        guard result.is_expired == 0 else {
            return TradeResult(outcome: .expired, engine: market.engine)
        }
        var values: [MetricValue] = []
        values.reserveCapacity(metrics.count)
        for metric in metrics {
            switch metric {
            case .npv:
                values.append(try value(metric, result.npv, in: currency))
            case .parRate:
                // Not a number when all fixed periods are paid: there is no such rate then.
                guard !result.par_rate.isNaN || result.npv.isNaN else { continue }
                values.append(try value(metric, result.par_rate, in: currency))
            case .fwdRate:
                let spotValue = Factor(name: "SpotValue", value: result.spot_value)
                values.append(
                    try value(metric, result.forward_rate, in: currency, factors: [spotValue])
                )
            case .irDelta:
                values.append(
                    try value(metric, result.ir_delta, in: currency, factors: buckets(market))
                )
            default: continue
            }
        }
        guard !values.isEmpty else {
            throw Failure(
                .pricingFailed,
                metrics.first?.rawValue ?? "",
                "The swap has no fixed period left, so no rate makes it worth nothing."
            )
        }
        return TradeResult(outcome: .priced(values), engine: market.engine)
    }

    /// Returns the nodes that change the trade's value, by curve and date.
    private func buckets(_ market: RatesMarket) -> [Factor] {
        var factors: [Factor] = []
        func append(_ curve: Int32, _ buckets: [Double]) {
            for (name, value) in zip(tables.bucketNames(of: curve), buckets) where value != 0 {
                factors.append(Factor(name: name, value: value))
            }
        }
        append(market.discountCurve, discountBuckets)
        if let forward = market.index?.forwardCurve, forward != market.discountCurve {
            append(forward, forwardBuckets)
        }
        return factors
    }

    func failure(_ error: cql_error, _ market: RatesMarket) -> Failure {
        var failure: Failure
        let date = CalendarDate(serial: error.date)
        switch UInt32(error.status) {
        case CQL_MISSING_FIXING.rawValue:
            failure = Failure(MissingData(fixingOf: market.name, on: date))
        case CQL_NO_FORWARD_CURVE.rawValue:
            failure = Failure(MissingData(forwardCurveOf: market.name))
        case CQL_OUTSIDE_CURVE.rawValue where tables.curves.indices ~= Int(error.index):
            let curve = tables.curves[Int(error.index)]
            failure = Failure(
                error.text.hasSuffix("rate")
                    ? MissingData(forwardCurve: curve, endsBefore: date, rateOf: market.name)
                    : MissingData(discountCurve: curve, endsBefore: date)
            )
        case CQL_OUTSIDE_CURVE.rawValue:
            failure = Failure(
                .missingMarketData,
                "curves",
                "The trade needs a day past the end of \(curveNames(of: market)). "
                    + "Give later nodes, or the extrapolation FlatForward."
            )
        case CQL_INVALID.rawValue:
            failure = Failure(.invalidTrade, "", "The trade cannot be described: \(error.text)")
        case CQL_NO_MEMORY.rawValue:
            failure = Failure(
                .pricerOutOfMemory,
                "",
                "The pricer has no memory left for the trade."
            )
        default:
            failure = Failure(
                .pricingFailed,
                "",
                "\(market.engine) finds no value for the trade: check its dates, amounts and rates, "
                    + "and \(curveNames(of: market))."
            )
        }
        failure.engine = market.engine
        return failure
    }

    private func curveNames(of market: RatesMarket) -> String {
        let discount = tables.curves[Int(market.discountCurve)].id
        let forward = market.index.map { tables.curves[Int($0.forwardCurve)].id } ?? discount
        return forward.isExactly(discount)
            ? "the curve \(discount)" : "the curves \(discount) and \(forward)"
    }
}

extension [Metric] {
    /// The flags by which a pricing call is asked for the metrics.
    var wanted: UInt32 { reduce(0) { $0 | $1.wanted } }
}

extension cql_swap {
    init(_ swap: Swap, _ market: PricingSession.RatesMarket, _ metrics: [Metric]) {
        self.init(
            fixed: cql_leg(swap.fixedLeg),
            floating: cql_leg(swap.floatingLeg),
            notional: swap.notional,
            receives_fixed: swap.fixedLeg.payReceive == .receive ? 1 : 0,
            // Without a forward curve a swap can be priced whose floating periods are paid.
            index: market.index?.position ?? -1,
            discount_curve: market.discountCurve,
            wanted: metrics.wanted
        )
    }
}

extension cql_fra {
    init(
        _ fra: ForwardRateAgreement,
        _ market: PricingSession.RatesMarket,
        _ metrics: [Metric]
    ) throws(Failure) {
        guard let index = market.index else {
            throw Failure(MissingData(forwardCurveOf: market.name))
        }
        self.init(
            start: fra.startDate.serialNumber,
            end: fra.endDate.serialNumber,
            notional: fra.notional,
            rate: fra.rate,
            is_long: fra.longShort == .long ? 1 : 0,
            index: index.position,
            discount_curve: market.discountCurve,
            wanted: metrics.wanted
        )
    }
}
