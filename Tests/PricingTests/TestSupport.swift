import Finance
import Foundation
import Pricing
import Testing

/// A published file of the test resources, by name without extension.
func published(_ name: String) throws -> [String: Any] {
    let url = try #require(
        Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Resources")
    )
    let object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
    return try #require(object as? [String: Any])
}

/// The cases of a published file.
func publishedCases(_ name: String) throws -> [[String: Any]] {
    try #require(try published(name)["cases"] as? [[String: Any]])
}

extension [String: Any] {
    /// A number of a published case.
    func number(_ key: String) throws -> Double {
        try #require((self[key] as? NSNumber)?.doubleValue, "\(key) is no number")
    }

    /// A text of a published case.
    func text(_ key: String) throws -> String {
        try #require(self[key] as? String, "\(key) is no text")
    }

    /// An object within a published case.
    func object(_ key: String) throws -> [String: Any] {
        try #require(self[key] as? [String: Any], "\(key) is no object")
    }

    /// A day of a published case.
    func date(_ key: String) throws -> CalendarDate {
        try #require(CalendarDate(iso: text(key)))
    }
}

extension TradeResult {
    /// The metric, when the trade was priced.
    subscript(metric: Metric) -> MetricValue? {
        guard case .priced(let values) = outcome else { return nil }
        return values.first { $0.metric == metric }
    }

    /// Why the trade was not priced.
    var failure: FailureReason? {
        guard case .failed(let reason) = outcome else { return nil }
        return reason
    }

    /// The value of a metric, which must be there.
    func value(_ metric: Metric) throws -> Double {
        try #require(self[metric]?.value, "\(outcome)")
    }
}

extension MetricValue {
    /// The value of a factor, which must be there.
    func factor(_ name: String) throws -> Double {
        try #require(factors.first { $0.name == name }?.value, "no factor \(name)")
    }
}

/// Whether two numbers differ by no more than a part of the second.
func isClose(_ value: Double, _ expected: Double, relative: Double = 1e-12) -> Bool {
    abs(value - expected) <= relative * abs(expected)
}

/// A market with one share on flat curves.
struct ShareMarket {
    var valuationDate = PrototypeCases.date("2026-01-15")
    var spot = 100.0
    var rate = 0.05
    var dividend = 0.02
    var volatility = 0.25
    var dayCount = DayCount.actual360

    var snapshot: MarketSnapshot {
        func flat(_ id: String, _ rate: Double) -> Curve {
            Curve(
                id: id,
                currency: .usd,
                valueType: .zeroRate,
                dayCount: dayCount,
                nodes: [CurveNode(date: valuationDate, value: rate)]
            )
        }
        return MarketSnapshot(
            name: "flat",
            valuationDate: valuationDate,
            baseCurrency: .usd,
            curves: [flat("USD", rate), flat("DIV", dividend)],
            equities: [
                Equity(
                    id: "XYZ",
                    currency: .usd,
                    spot: spot,
                    dividendCurve: "DIV",
                    fundingCurve: "USD",
                    volatility: "VOL"
                )
            ],
            volatilities: [FlatVolatility(id: "VOL", value: volatility, dayCount: dayCount)]
        )
    }

    func option(
        _ type: EquityOption.OptionType,
        _ strike: Double,
        days: Int,
        style: EquityOption.Style = .european,
        method: EquityOption.Method? = nil,
        longShort: LongShort = .long,
        quantity: Double = 1
    ) -> Product {
        .equityOption(
            EquityOption(
                underlying: "XYZ",
                currency: .usd,
                longShort: longShort,
                optionType: type,
                style: style,
                strike: strike,
                expiryDate: valuationDate.adding(days: days),
                quantity: quantity,
                method: method
            )
        )
    }
}

/// The metrics of options but the average of engines.
let greeks: [Metric] = [.npv, .delta, .gamma, .vega, .theta, .rho]
