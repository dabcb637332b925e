import Finance
import Foundation
import Testing

@testable import Pricing

/// Methods by name: right, or refused with a sentence that helps.
@Suite(.timeLimit(.minutes(2))) struct OptionMethodTests {
    typealias Step = CurvedShareMarket.Step
    static let approximations: [EquityOption.Method] = [
        .baroneAdesiWhaley, .bjerksundStensland, .ju,
    ]

    /// Fault 2: an inverted funding curve, a dividend yield of 1.5 %.
    ///
    /// A put at 100 for five years is worth 12.3935 on a tree of 3,000 steps.
    private var inverted: CurvedShareMarket {
        let nodes = [
            (181, 0.9735772717), (365, 0.9493288668), (730, 0.9139311853), (1_096, 0.8841643399),
            (1_826, 0.8310200392),
        ]
        var steps: [Step] = []
        var (days, factor) = (0, 1.0)
        for node in nodes {
            steps.append(Step(node.0, log(factor / node.1) * 365 / Double(node.0 - days)))
            (days, factor) = node
        }
        return CurvedShareMarket(
            funding: steps,
            dividend: [Step(1_826, 0.015)],
            volatility: 0.2
        )
    }

    /// Fault 3: a call at a funding rate of -0.55 % and no dividends.
    private var negative: CurvedShareMarket {
        CurvedShareMarket(
            spot: 6_025,
            funding: [Step(729, -0.0055)],
            dividend: [Step(729, 0)],
            volatility: 0.16
        )
    }

    @Test(arguments: [EquityOption.Method?.none, .finiteDifferences])
    func anInvertedCurveIsSeenWhole(method: EquityOption.Method?) throws {
        let session = try PricingSession(snapshot: inverted.snapshot)
        let option = inverted.option(.put, 100, days: 1_826, method: method)
        #expect(abs(try session.price(option, metrics: [.npv]).value(.npv) - 12.3935) < 0.01)
    }

    @Test(arguments: [EquityOption.Method.qdFp] + approximations)
    func aMethodThatKnowsOneRateRefusesAShapedCurve(method: EquityOption.Method) throws {
        let put = inverted.option(.put, 100, days: 1_826, method: method)
        var session = try PricingSession(snapshot: inverted.snapshot)
        let failure = try #require(session.price(put, metrics: greeks).failure)
        #expect(failure.code == .pricingFailed)
        #expect(failure.field == "engine")
        #expect(
            failure.message == "\(method.rawValue) knows one rate, but the funding curve `FUND` is "
                + "not flat from 2026-01-15 to 2031-01-15. Leave `engine` out: the default sees the "
                + "whole curves and is right to 1e-4 of the spot."
        )
        // A shape behind expiry is not seen, and so does no harm.
        let market = CurvedShareMarket(
            funding: [Step(400, 0.03), Step(800, 0.06)],
            dividend: [Step(400, 0.01), Step(800, 0.04)],
            volatility: 0.2
        )
        session = try PricingSession(snapshot: market.snapshot)
        let short = market.option(.put, 100, days: 400, method: method)
        let right = market.tree(.put, 100, days: 400).price(steps: 500)
        #expect(abs(try session.price(short, metrics: greeks).value(.npv) - right) < 0.2)
        let long = market.option(.put, 100, days: 600, method: method)
        #expect(session.price(long, metrics: [.npv]).failure?.field == "engine")
        // The dividend curve alone.
        var other = market
        other.funding = [Step(800, 0.03)]
        session = try PricingSession(snapshot: other.snapshot)
        let message = session.price(long, metrics: [.npv]).failure?.message
        #expect(message?.contains("dividend curve `DIV`") == true)
    }

    /// 2,025.89 by a tree of 3,000 steps; 2,025 by exercise today.
    @Test(arguments: [EquityOption.Method?.none, .qdFp, .finiteDifferences])
    func aCallAtNegativeRatesIsWorthMoreThanItsExercise(method: EquityOption.Method?) throws {
        let session = try PricingSession(snapshot: negative.snapshot)
        let call = negative.option(.call, 4_000, days: 729, method: method)
        let value = try session.price(call, metrics: greeks).value(.npv)
        #expect(abs(value - 2_025.89) < 0.03)
        #expect(value >= 2_025)
    }

    /// Approximations fall back to the European value there, at any strike.
    @Test(arguments: approximations, [4_000.0, 6_025, 8_000])
    func approximationsRefuseNegativeRates(method: EquityOption.Method, strike: Double) throws {
        let session = try PricingSession(snapshot: negative.snapshot)
        let call = negative.option(.call, strike, days: 729, method: method)
        let failure = try #require(session.price(call, metrics: greeks).failure)
        #expect(failure.code == .pricingFailed)
        #expect(failure.message.contains("early exercise pays where the funding rate"))
        #expect(failure.message.contains("Leave `engine` out"))
    }

    @Test func qdFpRefusesTwoExerciseBoundaries() throws {
        let market = CurvedShareMarket(
            funding: [Step(2_000, -0.03)],
            dividend: [Step(2_000, -0.01)],
            volatility: 0.2
        )
        let session = try PricingSession(snapshot: market.snapshot)
        let call = market.option(.call, 80, days: 730, method: .qdFp)
        let failure = try #require(session.price(call, metrics: [.npv]).failure)
        #expect(failure.message.hasPrefix("QdFp does not see that early exercise pays"))
        let right = market.tree(.call, 80, days: 730).price(steps: 800)
        for method in [EquityOption.Method?.none, .finiteDifferences] {
            let other = market.option(.call, 80, days: 730, method: method)
            #expect(abs(try session.price(other, metrics: [.npv]).value(.npv) - right) < 5e-3)
        }
    }

    /// Whatever a method gives lies between its bounds and near the tree, or is refused in words.
    @Test func noValueOfAnyMethodIsBelowExerciseOrEuropean() throws {
        var random = Draws(state: 5)
        for _ in 0..<60 {
            let market = CurvedShareMarket(
                funding: [Step(4_000, random.next(in: -0.08...0.08))],
                dividend: [Step(4_000, random.next(in: -0.08...0.08))],
                volatility: random.next(in: 0.02...0.6)
            )
            let days = Int(random.next(in: 1...3_000))
            let strike = 100 * exp(random.next(in: -1...1))
            let session = try PricingSession(snapshot: market.snapshot)
            for type in EquityOption.OptionType.allCases {
                let tree = market.tree(type, strike, days: days)
                let exercise = max(0, type == .call ? 100 - strike : strike - 100)
                for method in EquityOption.Method.allCases where method != .analyticEuropean {
                    let option = market.option(type, strike, days: days, method: method)
                    let result = session.price(option, metrics: [.npv])
                    if let failure = result.failure {
                        #expect(failure.field == "engine" && !failure.message.contains("QuantLib"))
                        #expect(failure.message.contains("Leave `engine` out"))
                    } else {
                        #expect(try result.value(.npv) >= max(exercise, tree.european) - 1e-9)
                    }
                }
            }
        }
    }

    /// Finite differences lose an option whose deviation is far above their grid's.
    @Test func aMethodThatIsFarOffIsRefusedWithBothValues() throws {
        let market = CurvedShareMarket(
            funding: [Step(20_000, 0.07)],
            dividend: [Step(20_000, -0.04)],
            volatility: 2.9
        )
        let session = try PricingSession(snapshot: market.snapshot)
        for style in EquityOption.Style.allCases {
            let call = market.option(
                .call,
                200,
                days: 10_485,
                style: style,
                method: .finiteDifferences
            )
            let failure = try #require(session.price(call, metrics: [.npv]).failure)
            #expect(failure.message.hasPrefix("FiniteDifferences gives "))
            #expect(failure.message.contains("Leave `engine` out"))
        }
        let right = market.option(.call, 200, days: 10_485)
        let european = market.tree(.call, 200, days: 10_485).european
        #expect(isClose(try session.price(right, metrics: [.npv]).value(.npv), european))
    }

    @Test func aCurveThatEndsBeforeTheOptionIsNamed() throws {
        var snapshot = inverted.snapshot
        snapshot.curves[1].extrapolation = .none
        let session = try PricingSession(snapshot: snapshot)
        let put = inverted.option(.put, 100, days: 1_827)
        let failure = try #require(session.price(put, metrics: [.npv]).failure)
        #expect(failure.code == .missingMarketData)
        #expect(
            failure.message == "The dividend curve `DIV` ends on 2031-01-15 and has no "
                + "extrapolation, the option expires on 2031-01-16. Add a node on that day or later, "
                + "or the extrapolation FlatForward."
        )
    }
}
