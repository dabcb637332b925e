import CQuantLib
import Finance
import Foundation
import Testing

@testable import Pricing

/// The prototype's published values, to 1e-12 of each.
@Suite(.timeLimit(.minutes(2))) struct PrototypeTests {
    @Test func theSwapHasThePublishedValues() throws {
        let expected = try published("prototype")
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let product = try #require(PrototypeCases.swap)
        let result = session.price(product, metrics: [.npv, .parRate, .irDelta])
        #expect(isClose(try result.value(.npv), try expected.object("NPV").number("npv")))
        #expect(
            isClose(
                try result.value(.parRate),
                try expected.object("ParRate").number("fairRate"),
                relative: 1e-12
            )
        )
        #expect(result[.npv]?.baseValue == result[.npv]?.value)
        #expect(result.engine == "QuantLib DiscountingSwap")
        #expect(result.cpuMicroseconds > 0)
    }

    /// Differences of values of 420,900: 1e-12 of those is 4e-7.
    @Test func theSwapHasThePublishedSensitivities() throws {
        let expected = try published("prototype").object("IRDelta")
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let product = try #require(PrototypeCases.swap)
        let delta = try #require(session.price(product, metrics: [.irDelta])[.irDelta])
        let parallel = try expected.number("plus1bp")
        #expect(abs(delta.value - parallel) < 1e-8)
        var buckets = try expected.object("buckets")
        let sum = try buckets.number("sum")
        buckets["sum"] = nil
        #expect(delta.factors.count == buckets.count)
        for (date, _) in buckets {
            let value = try delta.factor("EUR-6M/\(date)")
            let bucket = try buckets.number(date)
            #expect(abs(value - bucket) < 1e-8, "\(date)")
        }
        #expect(abs(delta.factors.reduce(0) { $0 + $1.value } - sum) < 1e-8)
    }

    @Test func theSwapsLegsHaveThePublishedValues() throws {
        let expected = try published("prototype").object("NPV")
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        guard case .swap(let swap)? = PrototypeCases.swap else { return }
        var terms = cql_swap(
            fixed: cql_leg(swap.fixedLeg),
            floating: cql_leg(swap.floatingLeg),
            notional: swap.notional,
            receives_fixed: 1,
            index: 0,
            discount_curve: 0,
            wanted: CQL_NPV.rawValue
        )
        var result = cql_rates_result()
        var error = cql_error()
        #expect(cql_price_swap(session.handle, &terms, &result, nil, nil, &error) == 0)
        #expect(isClose(result.fixed_leg_npv, try expected.number("fixedLegNPV")))
        #expect(isClose(result.floating_leg_npv, try expected.number("floatingLegNPV")))
    }

    /// The rate is the published one; the other numbers are worked out here.
    @Test func theForwardRateAgreementHasThePublishedRate() throws {
        let expected = try published("prototype").object("FwdRate")
        let session = try PricingSession(snapshot: PrototypeCases.forwardRateSnapshot)
        let product = try #require(PrototypeCases.forwardRateAgreement)
        let result = session.price(product, metrics: [.fwdRate, .npv])
        let forward = try #require(result[.fwdRate])
        let rate = try expected.number("forwardRate")
        #expect(forward.value == rate)
        #expect(isClose(try forward.factor("SpotValue"), PrototypeCases.forwardRateSpotValue))
        let years = 92.0 / 360
        let npv = 100 * (0.04 - 0.05) * years / (1 + 0.04 * years) * exp(-0.09 * 4 / 360)
        #expect(isClose(try result.value(.npv), npv))
        #expect(forward.baseValue == nil)
    }

    /// QuantLib 1.29 answers 0.04 and 99.02 for a period of 115 days on a three-month index, on a
    /// curve that begins 25 days after the valuation date.
    @Test func thePrototypesOwnForwardRateAgreementIsRefused() throws {
        let terms = try published("prototype").object("FwdRate")
        guard case .forwardRateAgreement(var fra)? = PrototypeCases.forwardRateAgreement else {
            return
        }
        fra.startDate = try terms.date("valueDate")
        fra.endDate = try terms.date("maturityDate")
        let problem = try #require(Product.forwardRateAgreement(fra).problems().first)
        #expect(problem.field == "endDate")
        #expect(problem.expected.hasPrefix("2017-08-01, 3M after the start"))
        var snapshot = PrototypeCases.forwardRateSnapshot
        snapshot.valuationDate = try terms.date("evaluationDate")
        snapshot.curves[0].nodes[0].date = PrototypeCases.date("2017-05-26")
        #expect(snapshot.problems().map(\.field) == ["curves[0].nodes[0].date"])
    }

    @Test func eachEngineOfTheOptionHasItsPublishedValue() throws {
        let expected = try published("prototype").object("OptionPV")
        let session = try PricingSession(snapshot: PrototypeCases.optionSnapshot)
        let result = session.price(PrototypeCases.option, metrics: [.optionPV])
        let value = try #require(result[.optionPV])
        #expect(isClose(value.value, try expected.number("average")))
        let engines = try expected.object("engines")
        let published = [
            "AnalyticEuropean": "AnalyticEuropean", "Integral": "Integral",
            "FdBlackScholesVanilla": "FdBlackScholesVanilla(801,800)",
            "BinomialJarrowRudd": "BinomialJarrowRudd801",
            "BinomialAdditiveEQP": "BinomialAdditiveEQP801",
            "BinomialJoshi4": "BinomialJoshi4_801",
            "MCPseudoRandom": "MCPseudoRandom(seed 42, tol 0.02)",
            "MCLowDiscrepancy": "MCLowDiscrepancy(seed 42, tol 0.02)",
        ]
        #expect(value.factors.count == 8)
        for (name, key) in published {
            #expect(isClose(try value.factor(name), try engines.number(key)), "\(name)")
        }
    }

    @Test func theOptionHasThePublishedGreeksInOurUnits() throws {
        let expected = try published("prototype").object("OptionPV").object("greeksAnalytic")
        let session = try PricingSession(snapshot: PrototypeCases.optionSnapshot)
        let result = session.price(PrototypeCases.option, metrics: greeks)
        // Published to 12 decimals; per year, per 1.00 of volatility and of rate.
        let scales: [(Metric, String, Double)] = [
            (.delta, "delta", 1), (.gamma, "gamma", 1), (.vega, "vega", 100),
            (.rho, "rho", 10_000),
        ]
        for (metric, key, scale) in scales {
            let value = try result.value(metric) * scale
            let published = try expected.number(key)
            #expect(abs(value - published) < 1e-12 * max(1, scale), "\(key)")
        }
        // The published theta is the derivative by time, ours the change of a day.
        let market = ShareMarket(
            spot: 36,
            rate: 0.06,
            dividend: 0,
            volatility: 0.2,
            dayCount: .actual365Fixed
        )
        func price(_ days: Double) -> Double {
            BlackScholes(market: market, sign: -1, strike: 40, years: days / 365).price
        }
        #expect(abs(try result.value(.theta) - (price(364) - price(365))) < 1e-12)
    }
}
