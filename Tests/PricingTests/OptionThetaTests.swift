import Finance
import Foundation
import Pricing
import Testing

/// Theta is the NPV on the next calendar day less NPV, for every option.
@Suite(.timeLimit(.minutes(1))) struct OptionThetaTests {
    typealias Step = CurvedShareMarket.Step

    @Test(
        arguments: [EquityOption.OptionType.call, .put],
        [(80.0, 2), (100, 30), (100, 720), (130, 360)]
    )
    func ofAEuropeanOptionIsBlackScholesWithADayLess(
        type: EquityOption.OptionType,
        terms: (strike: Double, days: Int)
    ) throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        func price(_ days: Int) -> Double {
            BlackScholes(
                market: market,
                sign: type == .call ? 1 : -1,
                strike: terms.strike,
                years: Double(days) / 360
            ).price
        }
        for method in [EquityOption.Method?.none, .finiteDifferences] {
            let option = market.option(type, terms.strike, days: terms.days, method: method)
            let theta = try session.price(option, metrics: [.theta]).value(.theta)
            let bar = method == nil ? 1e-10 : 2e-3
            #expect(abs(theta - (price(terms.days - 1) - price(terms.days))) < bar)
        }
    }

    /// Curves keep their factors by days from the valuation date.
    @Test func keepsTheShapeOfCurves() throws {
        let market = CurvedShareMarket(
            funding: [Step(100, 0.01), Step(400, 0.07)],
            dividend: [Step(200, 0.03), Step(400, 0)],
            volatility: 0.2
        )
        let session = try PricingSession(snapshot: market.snapshot)
        let european = market.option(.call, 95, days: 300, style: .european)
        let theta = try session.price(european, metrics: [.theta]).value(.theta)
        let change =
            market.tree(.call, 95, days: 299).european - market.tree(.call, 95, days: 300).european
        #expect(abs(theta - change) < 1e-10)
    }

    /// On the next day the option is worth its exercise at today's spot.
    @Test(arguments: EquityOption.Style.allCases)
    func onTheDayBeforeExpiryIsExerciseLessNPV(style: EquityOption.Style) throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        for (strike, exercise) in [(99.0, 0.0), (101, 1)] {
            let result = session.price(
                market.option(.put, strike, days: 1, style: style),
                metrics: [.npv, .theta]
            )
            #expect(abs(try result.value(.theta) + result.value(.npv) - exercise) < 1e-12)
        }
    }

    /// A call without dividends is never exercised early.
    @Test(arguments: [
        EquityOption.Method?.none, .qdFp, .finiteDifferences, .baroneAdesiWhaley,
        .bjerksundStensland, .ju,
    ])
    func isTheSameOfEveryMethodAndStyle(method: EquityOption.Method?) throws {
        var market = ShareMarket()
        market.dividend = 0
        let session = try PricingSession(snapshot: market.snapshot)
        let american = session.price(
            market.option(.call, 105, days: 250, style: .american, method: method),
            metrics: greeks
        )
        let european = session.price(market.option(.call, 105, days: 250), metrics: greeks)
        for metric in greeks {
            #expect(
                isClose(try american.value(metric), try european.value(metric), relative: 3e-3),
                "\(metric)"
            )
        }
    }
}
