import Finance
import Foundation
import Testing

@testable import Pricing

/// The average of eight engines on markets that the prototype did not have.
@Suite(.timeLimit(.minutes(1))) struct OptionPVTests {
    typealias Step = CurvedShareMarket.Step

    /// Each engine against Black's formula with the factors to expiry.
    @Test func everyEngineSeesShapesAndDayCounts() throws {
        var market = CurvedShareMarket(
            spot: 36,
            funding: [Step(180, 0.12), Step(360, 0.02)],
            dividend: [Step(100, 0.09), Step(360, -0.02)],
            volatility: 0.2,
            hasFactors: true
        )
        var snapshot = market.snapshot
        snapshot.curves[0].dayCount = .actual360
        snapshot.curves[1].dayCount = .thirty360
        snapshot.volatilities[0].dayCount = .actual360
        market.volatility *= (365.0 / 360).squareRoot()
        let exact = market.tree(.put, 40, days: 360).european
        let put = market.option(.put, 40, days: 360, style: .european)
        let session = try PricingSession(snapshot: snapshot)
        let result = try #require(session.price(put, metrics: [.optionPV])[.optionPV])
        #expect(result.factors.count == 8)
        for factor in result.factors {
            // Monte Carlo stops at a standard error of 0.02; trees have 801 steps.
            let bar = factor.name.hasPrefix("MC") ? 0.06 : 0.01
            #expect(abs(factor.value - exact) < bar, "\(factor.name)")
        }
    }

    @Test func anEngineThatIsFarOffIsNamed() throws {
        let market = CurvedShareMarket(
            funding: [Step(20_000, 0.07)],
            dividend: [Step(20_000, -0.04)],
            volatility: 2.9
        )
        let session = try PricingSession(snapshot: market.snapshot)
        let call = market.option(.call, 200, days: 10_485, style: .european)
        let failure = try #require(session.price(call, metrics: [.optionPV]).failure)
        #expect(failure.code == .pricingFailed)
        #expect(failure.field == "OptionPV")
        #expect(failure.message.hasPrefix("OptionPV is the average of eight engines, of which "))
        #expect(failure.message.hasSuffix("Ask for NPV instead, which AnalyticEuropean prices."))
    }
}
