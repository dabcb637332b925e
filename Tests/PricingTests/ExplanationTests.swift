import Finance
import Foundation
import PortfolioFiles
import Pricing
import Testing

/// What NPVs are made of.
@Suite(.timeLimit(.minutes(1))) struct ExplanationTests {
    @Test func presentValuesAddUpToTheNPVOfEachExample() throws {
        let market = try ExampleMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        var rates = 0
        for trade in market.trades {
            let explanation = session.explain(trade.product)
            guard let npv = explanation.result[.npv]?.value, explanation.inputs == nil else {
                continue
            }
            rates += 1
            let values = try explanation.cashFlows.map {
                try #require($0.presentValue, "\(trade.id) \($0)")
            }
            let gross = values.reduce(0) { $0 + abs($1) }
            #expect(abs(values.reduce(0, +) - npv) <= 1e-9 * gross, "\(trade.id)")
            for flow in explanation.cashFlows where !flow.isPast {
                let amount = try #require(flow.amount)
                let factor = try #require(flow.discountFactor)
                #expect(flow.presentValue == amount * factor)
                #expect(flow.accrualStart < flow.accrualEnd)
                #expect((flow.indexRate == nil) == (flow.leg == "Fixed"))
                let day = flow.fixingDate ?? session.valuationDate
                #expect(flow.isFixed || day >= session.valuationDate)
            }
            #expect(explanation.fixings.allSatisfy { $0.value != nil })
        }
        #expect(rates > 300)
    }

    @Test func aFixedPaymentIsRateTimesYearsTimesNotional() throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        guard case .swap(let swap)? = PrototypeCases.swap else { return }
        let flows = session.explain(.swap(swap)).cashFlows
        #expect(Set(flows.map(\.leg)) == ["Fixed", "Floating"])
        for flow in flows where flow.leg == "Fixed" {
            let rate = try #require(flow.rate)
            let amount = try #require(flow.amount)
            let expected = swap.fixedLeg.payReceive.sign * rate * flow.yearFraction * swap.notional
            #expect(isClose(amount, expected))
        }
    }

    /// The price from the inputs shown, with the normal distribution of the C library.
    @Test func blacksFormulaOnTheInputsIsTheNPVOfEuropeanExamples() throws {
        let market = try ExampleMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
        var options = 0
        for trade in market.trades {
            guard case .equityOption(let option) = trade.product else { continue }
            let explanation = session.explain(trade.product)
            guard let npv = explanation.result[.npv]?.value else { continue }
            let inputs = try #require(explanation.inputs)
            guard let d1 = inputs.d1, let d2 = inputs.d2 else { continue }
            options += 1
            let sign = option.optionType == .call ? 1.0 : -1
            let unit =
                inputs.discountFactor * sign
                * (inputs.forward * normal(sign * d1) - option.strike * normal(sign * d2))
            let expected = option.longShort.sign * option.quantity * unit
            // Far out of the money the difference of two normals loses digits.
            let scale = abs(npv) + option.quantity * option.strike * 1e-7
            #expect(abs(expected - npv) <= 1e-9 * scale, "\(trade.id)")
        }
        #expect(options > 100)
    }

    @Test func aTradeWithoutAFixingShowsWhichOneAndTheOtherPayments() throws {
        let market = try ExampleMarket()
        var snapshot = market.snapshot
        snapshot.fixings = []
        let session = try PricingSession(snapshot: snapshot)
        let failing = try #require(
            market.trades.first {
                session.price($0.product, metrics: [.npv]).failure?.code == .missingFixing
            }
        )
        let explanation = session.explain(failing.product)
        #expect(explanation.result.failure?.code == .missingFixing)
        #expect(explanation.fixings.contains { $0.value == nil })
        #expect(explanation.cashFlows.contains { $0.amount == nil && !$0.isPast })
    }
}
