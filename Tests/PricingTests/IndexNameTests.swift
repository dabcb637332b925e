import Finance
import Pricing
import Testing

/// An index is one index whatever its spelling, and never another one.
@Suite(.timeLimit(.minutes(1))) struct IndexNameTests {
    private let schedule = ("2025-07-17", "2030-07-17")

    private func npv(
        _ indices: [String],
        _ fixings: [(index: String, date: String, value: Double)],
        trade: String
    ) throws -> Double {
        let market = FlatSwapMarket(
            discount: 0.02,
            forward: 0.025,
            indices: indices,
            fixings: fixings
        )
        let schedule = try market.schedule(schedule.0, schedule.1, "1Y")
        return try market.npv(
            market.swap(.pay, rate: 0.025, schedule: schedule, index: trade)
        )
    }

    /// By hand: the first coupon is fixed at 3 % on 15 July 2025.
    @Test(arguments: ["EUR-EURIBOR-12M", "EUR-EURIBOR-1Y", "EUR-EURIBOR-012M"])
    func aTradeFindsCurveAndFixingsOfTheOtherSpelling(trade: String) throws {
        for curve in ["EUR-EURIBOR-12M", "EUR-EURIBOR-1Y"] {
            for fixing in ["EUR-EURIBOR-12M", "EUR-EURIBOR-1Y"] {
                let npv = try npv([curve], [(fixing, "2025-07-15", 0.03)], trade: trade)
                #expect(abs(npv - 66_167.21) < 0.01)
            }
        }
    }

    /// 52 weeks are not 12 months: each keeps its fixings, in any order.
    @Test func differentIndicesShareNoFixing() throws {
        let other = (index: "EUR-EURIBOR-52W", date: "2025-07-15", value: 0.08)
        let own = (index: "EUR-EURIBOR-12M", date: "2025-07-15", value: 0.03)
        for fixings in [[own, other], [other, own]] {
            let npv = try npv(
                ["EUR-EURIBOR-52W", "EUR-EURIBOR-12M"],
                fixings,
                trade: "EUR-EURIBOR-1Y"
            )
            #expect(abs(npv - 66_167.21) < 0.01)
        }
        // 4 weeks and 1 month, on one market in one process.
        let market = FlatSwapMarket(
            discount: 0.02,
            forward: 0.025,
            indices: ["EUR-EURIBOR-4W", "EUR-EURIBOR-1M"],
            fixings: [
                ("EUR-EURIBOR-4W", "2026-01-13", 0.08), ("EUR-EURIBOR-1M", "2026-01-13", 0.02),
            ]
        )
        let months = try market.schedule("2026-01-15", "2026-02-16", "1M")
        func firstCoupon(_ index: String) throws -> Double {
            try market.npv(market.swap(.pay, rate: 0, schedule: months, index: index))
        }
        let ratio = try firstCoupon("EUR-EURIBOR-4W") / firstCoupon("EUR-EURIBOR-1M")
        #expect(isClose(ratio, 4))
    }

    @Test func twoValuesOfOneFixingAreRefused() throws {
        let market = FlatSwapMarket(
            indices: ["EUR-EURIBOR-1Y"],
            fixings: [
                ("EUR-EURIBOR-12M", "2025-07-15", 0.03), ("EUR-EURIBOR-1Y", "2025-07-15", 0.08),
            ]
        )
        let error = #expect(throws: PricingError.self) {
            try PricingSession(snapshot: market.snapshot)
        }
        #expect(error?.field == "fixings[1]")
    }
}
