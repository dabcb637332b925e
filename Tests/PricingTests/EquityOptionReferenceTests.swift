import Finance
import Testing

@testable import Pricing

/// QuantLib's test suite and, through it, Haug and Ju; tolerances are the cases' own.
@Suite(.timeLimit(.minutes(2))) struct EquityOptionReferenceTests {
    @Test func everyEuropeanCaseIsWithinItsTolerance() throws {
        let cases = try publishedCases("equity-option-european")
        var checked = 0
        for terms in cases {
            let id = try terms.text("id")
            let market = try market(of: terms)
            let result = try PricingSession(snapshot: market.snapshot).price(
                option(terms, in: market),
                metrics: greeks
            )
            for (name, _) in try terms.object("expected") {
                let value: Double
                switch name {
                case "npv": value = try result.value(.npv)
                case "delta": value = try result.value(.delta)
                case "gamma": value = try result.value(.gamma)
                case "vega": value = try result.value(.vega) * 100
                case "theta", "thetaPerDay":
                    // The published one is the derivative by time, ours the change of a day.
                    value = try result.value(.theta) * (name == "theta" ? 365 : 1)
                    let derivative = try terms.object("quantlib144").number(name)
                    #expect(isClose(value, derivative, relative: 0.02), "\(id) \(name)")
                    checked += 1
                    continue
                case "rho": value = try result.value(.rho) * 10_000
                case "elasticity":
                    value = try result.value(.delta) * market.spot / result.value(.npv)
                case "dividendRho": value = try dividendRho(terms, market)
                default:
                    Issue.record("\(id): no such number, \(name)")
                    continue
                }
                let expected = try terms.object("expected").number(name)
                let tolerance = try terms.number("absTol")
                #expect(abs(value - expected) <= tolerance, "\(id) \(name)")
                let library = try terms.object("quantlib144").number(name)
                // Ours of the dividend yield is a difference.
                let bar = name == "dividendRho" ? 1e-6 : 1e-9
                #expect(isClose(value, library, relative: bar), "\(id) \(name)")
                checked += 1
            }
        }
        #expect(checked == 54)
    }

    @Test func everyAmericanCaseIsWithinItsTolerance() throws {
        let engines: [String: EquityOption.Method] = [
            "JuQuadraticApproximationEngine": .ju,
            "BaroneAdesiWhaleyApproximationEngine": .baroneAdesiWhaley,
            "BjerksundStenslandApproximationEngine": .bjerksundStensland,
        ]
        let cases = try publishedCases("equity-option-american")
        var checked = 0
        var refused: [String] = []
        for terms in cases {
            let id = try terms.text("id")
            let market = try market(of: terms)
            let engine = try #require(engines[try terms.text("engine")])
            // AS008 has a volatility of 1000 %, which snapshots must not have.
            if id == "AS008" {
                #expect(throws: PricingError.self) {
                    try PricingSession(snapshot: market.snapshot)
                }
            }
            let session = try PricingSession(unchecked: market.snapshot)
            let result = try session.price(
                option(terms, in: market, style: .american, method: engine),
                metrics: [.npv]
            )
            checked += 1
            if let refusal = result.failure {
                refused.append(id)
                #expect(refusal.message.contains("Leave `engine` out"), "\(id)")
                continue
            }
            let value = try result.value(.npv)
            let expected = try terms.object("expected").number("npv")
            let tolerance = try terms.number("absTol")
            #expect(abs(value - expected) <= tolerance, "\(id): \(value)")
        }
        #expect(checked == 92)
        // The published value lies below the European one, 95.12.
        #expect(refused == ["AS008"])
    }

    /// Ju's cases hold roughly for finite differences too, and for the default engine.
    @Test func theDefaultAndFiniteDifferencesAgreeWithJusCases() throws {
        var checked = 0
        for terms in try publishedCases("equity-option-american")
        where try terms.text("engine").hasPrefix("Ju") {
            let id = try terms.text("id")
            let market = try market(of: terms)
            let session = try PricingSession(snapshot: market.snapshot)
            let exact = try session.price(
                option(terms, in: market, style: .american),
                metrics: [.npv]
            ).value(.npv)
            let expected = try terms.object("expected").number("npv")
            // The approximation's own error grows with time and value.
            #expect(abs(exact - expected) < 0.02 + 0.004 * expected, "\(id): \(exact)")
            checked += 1
            guard checked % 8 == 0 else { continue }
            let grid = try session.price(
                option(terms, in: market, style: .american, method: .finiteDifferences),
                metrics: [.npv]
            ).value(.npv)
            #expect(abs(grid - exact) < 1e-3 + 6e-4 * exact, "\(id): \(grid) \(exact)")
        }
        #expect(checked == 47)
    }

    // MARK: Private

    private func market(of terms: [String: Any]) throws -> ShareMarket {
        ShareMarket(
            spot: try terms.number("spot"),
            rate: try terms.number("riskFreeRate"),
            dividend: try terms.number("dividendYield"),
            volatility: try terms.number("volatility")
        )
    }

    private func option(
        _ terms: [String: Any],
        in market: ShareMarket,
        style: EquityOption.Style = .european,
        method: EquityOption.Method? = nil
    ) throws -> Product {
        let type = try #require(EquityOption.OptionType(rawValue: try terms.text("optionType")))
        let expiry = try terms.date("expiryDate")
        return market.option(
            type,
            try terms.number("strike"),
            days: expiry.days(since: market.valuationDate),
            style: style,
            method: method
        )
    }

    private func dividendRho(_ terms: [String: Any], _ market: ShareMarket) throws -> Double {
        func npv(_ shift: Double) throws -> Double {
            var shifted = market
            shifted.dividend += shift
            return try PricingSession(snapshot: shifted.snapshot).price(
                option(terms, in: shifted),
                metrics: [.npv]
            ).value(.npv)
        }
        return (try npv(1e-4) - npv(-1e-4)) / 2e-4
    }
}
