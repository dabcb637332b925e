import CQuantLib
import Finance

extension PricingSession {
    /// Names of the engines whose average is ``Metric/optionPV``, in QuantLib's order.
    static let prototypeEngines = [
        "AnalyticEuropean", "Integral", "FdBlackScholesVanilla", "BinomialJarrowRudd",
        "BinomialAdditiveEQP", "BinomialJoshi4", "MCPseudoRandom", "MCLowDiscrepancy",
    ]

    func price(_ option: EquityOption, _ metrics: [Metric]) throws(Failure) -> TradeResult {
        var terms = try terms(of: option, metrics)
        var result = cql_option_result()
        var error = cql_error()
        do throws(Failure) {
            guard cql_price_option(handle, &terms, &result, &error) == CQL_OK.rawValue else {
                throw optionFailure(error, result, option)
            }
            let label = label(of: result, option, metrics)
            guard result.is_expired == 0 else {
                return TradeResult(outcome: .expired, engine: label)
            }
            let values = try values(result, option, metrics)
            return TradeResult(outcome: .priced(values), engine: label)
        } catch {
            var labelled = error
            labelled.engine = label(of: result, option, metrics)
            throw labelled
        }
    }

    func terms(of option: EquityOption, _ metrics: [Metric]) throws(Failure) -> cql_option {
        guard let equity = tables.equities[ExactText(option.underlying)] else {
            throw Failure(MissingData(spotOf: option.underlying))
        }
        guard equity.currency == option.currency else {
            throw Failure(
                .invalidTrade,
                "currency",
                "The option is in \(option.currency), its underlying \(option.underlying) "
                    + "in \(equity.currency)."
            )
        }
        return cql_option(
            equity: equity.position,
            expiry: option.expiryDate.serialNumber,
            is_call: option.optionType == .call ? 1 : 0,
            is_american: option.style == .american ? 1 : 0,
            engine: option.methodCode,
            strike: option.strike,
            wanted: metrics.wanted
        )
    }

    // MARK: Private

    private func label(
        of result: cql_option_result,
        _ option: EquityOption,
        _ metrics: [Metric]
    ) -> String {
        // OptionPV alone does not run the option's own method.
        if metrics == [.optionPV] { return "QuantLib eight engines" }
        if result.time_steps > 0 {
            return "valgrid AmericanGrid \(result.time_steps)x\(result.price_steps)"
        }
        let byDefault: EquityOption.Method = option.style == .american ? .qdFp : .analyticEuropean
        return (option.method ?? byDefault).label
    }

    private func values(
        _ result: cql_option_result,
        _ option: EquityOption,
        _ metrics: [Metric]
    ) throws(Failure) -> [MetricValue] {
        let position = option.longShort.sign * option.quantity
        var values: [MetricValue] = []
        values.reserveCapacity(metrics.count)
        for metric in metrics {
            let unit: Double
            var factors: [Factor] = []
            switch metric {
            case .npv: unit = result.npv
            case .delta: unit = result.delta
            case .gamma: unit = result.gamma
            case .vega: unit = result.vega
            case .theta: unit = result.theta
            case .rho: unit = result.rho
            case .optionPV:
                unit = result.option_pv
                factors = withUnsafeBytes(of: result.engine_prices) { bytes in
                    zip(Self.prototypeEngines, bytes.bindMemory(to: Double.self)).map {
                        Factor(name: $0, value: $1 * position)
                    }
                }
            case .parRate, .fwdRate, .irDelta: continue
            }
            values.append(
                try value(metric, unit * position, in: option.currency, factors: factors)
            )
        }
        return values
    }
}

extension EquityOption {
    /// The method by which `cquantlib.h` is asked for the price.
    fileprivate var methodCode: Int32 {
        if let method { return method.code }
        let byDefault = style == .american ? CQL_AMERICAN_DEFAULT : CQL_ANALYTIC_EUROPEAN
        return Int32(byDefault.rawValue)
    }
}
