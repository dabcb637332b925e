import CQuantLib
import Finance

extension PricingSession {
    /// Says why an option has no value, and what a desk can do.
    func optionFailure(
        _ error: cql_error,
        _ result: cql_option_result,
        _ option: EquityOption
    ) -> Failure {
        switch UInt32(error.status) {
        case CQL_UNSUITED.rawValue:
            unsuited(cql_unsuited(UInt32(error.index)), Int(error.date), result, option)
        case CQL_OUTSIDE_CURVE.rawValue:
            outsideCurve(option)
        case CQL_INVALID.rawValue:
            Failure(.invalidTrade, "", "The option cannot be described: \(error.text)")
        case CQL_NO_MEMORY.rawValue:
            Failure(.pricerOutOfMemory, "", "The pricer has no memory left for the option.")
        default:
            Failure(
                .pricingFailed,
                "",
                "\(option.methodName) finds no value for the option: check strike, expiry date and "
                    + "the spot, rates and volatility of \(option.underlying)."
            )
        }
    }

    // MARK: Private

    private func unsuited(
        _ reason: cql_unsuited,
        _ engine: Int,
        _ result: cql_option_result,
        _ option: EquityOption
    ) -> Failure {
        let method = option.methodName
        let equity = snapshot.equities.first { $0.id.isExactly(option.underlying) }
        func refused(_ problem: String) -> Failure {
            Failure(.pricingFailed, "engine", "\(problem) \(option.advice)")
        }
        func shaped(_ role: String, _ curve: String?) -> Failure {
            refused(
                "\(method) knows one rate, but the \(role) curve `\(curve ?? "")` is not flat from "
                    + "\(valuationDate) to \(option.expiryDate)."
            )
        }
        let value = SentenceNumber(result.npv)
        let reference = SentenceNumber(result.reference)
        switch reason {
        case CQL_SHAPED_FUNDING: return shaped("funding", equity?.fundingCurve)
        case CQL_SHAPED_DIVIDEND: return shaped("dividend", equity?.dividendCurve)
        case CQL_NEGATIVE_RATES:
            return refused(
                "\(method) does not see that early exercise pays where the funding rate or the "
                    + "dividend yield is negative."
            )
        case CQL_BELOW_BOUND:
            return refused(
                "\(method) gives \(value) a unit, but the option is worth at least \(reference): "
                    + "what exercise today gives, or the European option."
            )
        case CQL_OFF:
            return refused(
                "\(method) gives \(value) a unit, too far from the right value \(reference)."
            )
        case CQL_PROTOTYPE_OFF, CQL_PROTOTYPE_NO_VALUE:
            let names = Self.prototypeEngines
            let name = names.indices.contains(engine) ? names[engine] : "one"
            let problem =
                reason == CQL_PROTOTYPE_OFF
                ? "gives \(value) a unit, too far from the right value \(reference)"
                : "finds no value"
            return Failure(
                .pricingFailed,
                Metric.optionPV.rawValue,
                "OptionPV is the average of eight engines, of which \(name) \(problem). "
                    + "Ask for NPV instead, which AnalyticEuropean prices."
            )
        default:
            guard option.method != nil else {
                return Failure(
                    .pricingFailed,
                    "",
                    "No grid prices the option to 1e-4 of the spot: check strike, expiry date and "
                        + "the rates and volatility of \(option.underlying)."
                )
            }
            return refused("\(method) finds no value for the option.")
        }
    }

    /// Says which curves end before the option.
    private func outsideCurve(_ option: EquityOption) -> Failure {
        if let missing = curvesEnding(before: option).first { return Failure(missing) }
        return Failure(
            .missingMarketData,
            "curves",
            "A curve or the volatility of \(option.underlying) does not cover the days from "
                + "\(valuationDate) to \(option.expiryDate)."
        )
    }

    /// The curves of the option's underlying that do not reach its expiry.
    func curvesEnding(before option: EquityOption) -> [MissingData] {
        guard let equity = snapshot.equities.first(where: { $0.id.isExactly(option.underlying) })
        else { return [] }
        let roles: [(MissingData.Kind, String)] = [
            (.fundingCurve, equity.fundingCurve), (.dividendCurve, equity.dividendCurve),
        ]
        return roles.compactMap { kind, id in
            guard let curve = snapshot.curves.first(where: { $0.id.isExactly(id) }),
                curve.extrapolation == .none,
                let last = curve.nodes.last?.date,
                last < option.expiryDate
            else { return nil }
            return MissingData(kind, curve, endsOn: last, beforeExpiry: option.expiryDate)
        }
    }
}

extension EquityOption {
    /// The method as trades name it.
    fileprivate var methodName: String {
        method?.rawValue ?? (style == .american ? "The default" : "AnalyticEuropean")
    }

    /// Which method prices the option.
    fileprivate var advice: String {
        style == .american
            ? "Leave `engine` out: the default sees the whole curves and is right to 1e-4 of the "
                + "spot."
            : "Leave `engine` out: AnalyticEuropean is exact."
    }
}

/// An amount in a sentence: nine significant digits at most.
private struct SentenceNumber: CustomStringConvertible {
    private let value: Double

    init(_ value: Double) { self.value = value }

    var description: String {
        guard value.isFinite, abs(value) < 1e15, abs(value) >= 1e-3 || value == 0 else {
            return "\(value)"
        }
        return "\((value * 10_000).rounded() / 10_000)"
    }
}
