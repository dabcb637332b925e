import Finance
import Foundation
import TestBed
import Testing

/// The prototype's published numbers, through portfolio files, Kafka, engine, pricer and report.
@Suite(.timeLimit(.minutes(2))) struct PrototypeGridTests {
    private func value(_ name: String, metrics: [Metric]) async throws -> Report.Trade {
        try await EmbeddedGrid.with { grid in
            try await grid.startAggregator()
            try await grid.startEngine()
            try await grid.submit(
                Repository.path("examples/prototype/\(name).json"),
                market: Repository.path("examples/prototype/\(name)-market.json"),
                metrics: metrics,
                job: name
            )
            let report = try await grid.report(name)
            #expect(report.summary.state == "complete")
            return try #require(report.trades.first)
        }
    }

    private func reference() throws -> [String: Any] {
        let file = Repository.root.appendingPathComponent(
            "Tests/PricingTests/Resources/prototype.json"
        )
        return try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
        )
    }

    private func number(_ path: String...) throws -> Double {
        var value: Any = try reference()
        for step in path {
            value = try #require((value as? [String: Any])?[step], "\(path)")
        }
        return try #require(value as? Double)
    }

    @Test func swap() async throws {
        let trade = try await value("swap", metrics: [.npv, .parRate, .irDelta])
        let npv = try number("NPV", "npv")
        let parRate = try number("ParRate", "fairRate")
        let delta = try number("IRDelta", "plus1bp")
        #expect(agree(trade.metrics?["NPV"]?.value, npv, relative: 1e-12))
        #expect(agree(trade.metrics?["ParRate"]?.value, parRate, relative: 1e-12))
        // A difference of two NPVs of 420,900: 1e-12 of those is 1e-10 of it.
        #expect(agree(trade.metrics?["IRDelta"]?.value, delta, relative: 1e-10))
        let buckets = try #require(trade.metrics?["IRDelta"]?.factors)
        for (date, expected) in try #require(
            ((try reference()["IRDelta"] as? [String: Any])?["buckets"]) as? [String: Double]
        )
        where date != "sum" {
            let bucket = buckets.first { $0.key.hasSuffix(date) }?.value
            #expect(abs((bucket ?? .nan) - expected) < 1e-8, "\(date)")
        }
    }

    @Test func forwardRateAgreement() async throws {
        let trade = try await value("fra", metrics: [.npv, .fwdRate])
        let published = try number("FwdRate", "forwardRate")
        // The prototype's own dates are refused; see examples/prototype/README.md.
        let years = 92.0 / 360
        let npv = 100 * (0.04 - 0.05) * years / (1 + 0.04 * years) * exp(-0.09 * 4 / 360)
        let spotValue = 100 * (1 + 0.04 * years) * exp(-0.09 * 96 / 360)
        #expect(agree(trade.metrics?["NPV"]?.value, npv, relative: 1e-12))
        #expect(agree(trade.metrics?["FwdRate"]?.value, published, relative: 1e-12))
        #expect(agree(trade.metrics?["FwdRate"]?.factors?["SpotValue"], spotValue, relative: 1e-12))
    }

    @Test func optionEngineByEngine() async throws {
        let trade = try await value(
            "option",
            metrics: [.optionPV, .delta, .gamma, .vega, .theta, .rho]
        )
        let average = try number("OptionPV", "average")
        #expect(agree(trade.metrics?["OptionPV"]?.value, average, relative: 1e-12))
        let engines = try #require(trade.metrics?["OptionPV"]?.factors)
        #expect(engines.count == 8)
        let published = try #require(
            (try reference()["OptionPV"] as? [String: Any])?["engines"] as? [String: Double]
        )
        let names = [
            "AnalyticEuropean": "AnalyticEuropean", "Integral": "Integral",
            "FdBlackScholesVanilla": "FdBlackScholesVanilla(801,800)",
            "BinomialJarrowRudd": "BinomialJarrowRudd801",
            "BinomialAdditiveEQP": "BinomialAdditiveEQP801",
            "BinomialJoshi4": "BinomialJoshi4_801",
            "MCPseudoRandom": "MCPseudoRandom(seed 42, tol 0.02)",
            "MCLowDiscrepancy": "MCLowDiscrepancy(seed 42, tol 0.02)",
        ]
        for (ours, theirs) in names {
            let expected = try #require(published[theirs])
            #expect(agree(engines[ours], expected, relative: 1e-12), "\(ours)")
        }
        let scales = [
            "Delta": ("delta", 1.0), "Gamma": ("gamma", 1), "Vega": ("vega", 0.01),
            "Rho": ("rho", 0.0001),
        ]
        for (metric, (name, scale)) in scales {
            let expected = try number("OptionPV", "greeksAnalytic", name) * scale
            // Published to 12 digits after the point.
            #expect(agree(trade.metrics?[metric]?.value, expected, relative: 1e-10), "\(metric)")
        }
        // The published theta is the derivative by time, ours the change to the next day.
        func price(_ days: Double) -> Double {
            TestMarket.blackPut(spot: 36, strike: 40, rate: 0.06, years: days / 365)
        }
        let theta = try #require(trade.metrics?["Theta"]?.value)
        #expect(abs(theta - (price(364) - price(365))) < 1e-12)
    }
}
