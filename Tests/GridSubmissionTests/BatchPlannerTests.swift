import Finance
import Testing

@testable import GridSubmission

@Suite struct BatchPlannerTests {
    private func options(_ count: Int, style: EquityOption.Style = .european) throws -> [Trade] {
        let expiry = try #require(CalendarDate(year: 2027, month: 1, day: 15))
        return try (0..<count).map { position in
            Trade(
                id: try #require(TradeID(rawValue: "T-\(position)")),
                product: .equityOption(
                    EquityOption(
                        underlying: "SX5E",
                        currency: .eur,
                        optionType: .call,
                        style: style,
                        strike: 100,
                        expiryDate: expiry
                    )
                )
            )
        }
    }

    @Test(arguments: [0, 1, 99, 100, 101, 1_000])
    func everyTradeIsInOneBatchInOrder(count: Int) throws {
        let batches = BatchPlanner(metrics: [.npv]).plan(try options(count))
        #expect(batches.flatMap(Array.init) == Array(0..<count))
        #expect(batches.allSatisfy { (1...100).contains($0.count) })
        #expect(batches.count == (count + 99) / 100)
    }

    @Test func costlyTradesMakeSmallerBatches() throws {
        let cheap = BatchPlanner(metrics: [.npv]).plan(try options(100))
        let costly = BatchPlanner(metrics: [.npv, .optionPV]).plan(try options(100))
        #expect(cheap.count == 1)
        #expect(costly.count > 4)
        #expect(costly.flatMap(Array.init) == Array(0..<100))
    }

    @Test func aTradeAboveTheBudgetIsABatchOfItsOwn() throws {
        let limits = BatchLimits(trades: 100, predictedTime: .microseconds(1))
        let batches = BatchPlanner(metrics: [.npv], limits: limits).plan(try options(3))
        #expect(batches == [0..<1, 1..<2, 2..<3])
    }

    @Test func theSamePortfolioIsCutTheSameWay() throws {
        let trades = try options(777, style: .american)
        let planner = BatchPlanner(metrics: [.npv, .delta])
        #expect(planner.plan(trades) == planner.plan(trades))
    }
}
