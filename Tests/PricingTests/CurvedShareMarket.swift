import Finance
import Foundation

/// A market with one share at 100, on curves given by their forward rates, Act/365F.
struct CurvedShareMarket {
    /// A forward rate, continuous, from the step before up to a day; the last one goes on.
    struct Step {
        var days: Int
        var rate: Double

        init(_ days: Int, _ rate: Double) {
            self.days = days
            self.rate = rate
        }
    }

    let valuationDate = PrototypeCases.date("2026-01-15")
    var spot = 100.0
    var funding: [Step]
    var dividend: [Step]
    var volatility: Double
    /// Whether snapshots have discount factors, which do not depend on day counts.
    var hasFactors = false

    /// The integral of a curve's forward rates up to a time in years.
    static func integral(_ steps: [Step]) -> (Double) -> Double {
        { years in
            var (sum, start) = (0.0, 0.0)
            for (position, step) in steps.enumerated() {
                let end = Double(step.days) / 365
                if years <= end || position == steps.count - 1 {
                    return sum + step.rate * (years - start)
                }
                sum += step.rate * (end - start)
                start = end
            }
            return sum
        }
    }

    var snapshot: MarketSnapshot {
        func curve(_ id: String, _ steps: [Step]) -> Curve {
            let integral = Self.integral(steps)
            return Curve(
                id: id,
                currency: .eur,
                valueType: hasFactors ? .discountFactor : .zeroRate,
                interpolation: .logLinearDiscount,
                nodes: [
                    CurveNode(date: valuationDate, value: hasFactors ? 1 : steps[0].rate)
                ]
                    + steps.map { step in
                        let years = Double(step.days) / 365
                        return CurveNode(
                            date: valuationDate.adding(days: step.days),
                            value: hasFactors ? exp(-integral(years)) : integral(years) / years
                        )
                    }
            )
        }
        return MarketSnapshot(
            name: "curved",
            valuationDate: valuationDate,
            baseCurrency: .eur,
            curves: [curve("FUND", funding), curve("DIV", dividend)],
            equities: [
                Equity(
                    id: "ACME",
                    currency: .eur,
                    spot: spot,
                    dividendCurve: "DIV",
                    fundingCurve: "FUND",
                    volatility: "VOL"
                )
            ],
            volatilities: [FlatVolatility(id: "VOL", value: volatility)]
        )
    }

    func option(
        _ type: EquityOption.OptionType,
        _ strike: Double,
        days: Int,
        style: EquityOption.Style = .american,
        method: EquityOption.Method? = nil
    ) -> Product {
        .equityOption(
            EquityOption(
                underlying: "ACME",
                currency: .eur,
                optionType: type,
                style: style,
                strike: strike,
                expiryDate: valuationDate.adding(days: days),
                method: method
            )
        )
    }

    func tree(_ type: EquityOption.OptionType, _ strike: Double, days: Int) -> BinomialTree {
        BinomialTree(
            spot: spot,
            strike: strike,
            isCall: type == .call,
            years: Double(days) / 365,
            volatility: volatility,
            funding: Self.integral(funding),
            dividend: Self.integral(dividend)
        )
    }
}
