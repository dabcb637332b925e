import Finance
import Testing

/// Days and currencies of a snapshot's curves and volatilities.
@Suite struct SnapshotDaysTests {
    private func snapshot(_ change: (inout MarketSnapshot) -> Void = { _ in }) throws
        -> MarketSnapshot
    {
        let day = try #require(CalendarDate(iso: "2026-01-15"))
        let index = try #require(InterestRateIndex(name: "EUR-EURIBOR-6M"))
        func curve(_ id: String, _ currency: Currency) -> Curve {
            Curve(
                id: id,
                currency: currency,
                nodes: [
                    CurveNode(date: day, value: 1),
                    CurveNode(date: day.adding(days: 365), value: 0.98),
                ]
            )
        }
        var snapshot = MarketSnapshot(
            name: "EOD",
            valuationDate: day,
            baseCurrency: .eur,
            curves: [curve("EUR", .eur), curve("EUR-6M", .eur), curve("USD", .usd)],
            discountCurves: [.eur: "EUR", .usd: "USD"],
            forwardCurves: [index: "EUR-6M"],
            equities: [
                Equity(
                    id: "E",
                    currency: .eur,
                    spot: 1,
                    dividendCurve: "USD",
                    fundingCurve: "EUR",
                    volatility: "V"
                )
            ],
            volatilities: [FlatVolatility(id: "V", value: 0.2)]
        )
        change(&snapshot)
        return snapshot
    }

    @Test func aSnapshotWhoseCurvesBeginOnItsDayHasNoProblem() throws {
        #expect(try snapshot().problems().isEmpty)
    }

    @Test(arguments: [(4, "after"), (-1, "before"), (364, "after")])
    func eachCurveBeginsOnTheValuationDate(days: Int, side: String) throws {
        for position in 0...2 {
            let market = try snapshot {
                $0.curves[position].nodes[0].date = $0.valuationDate.adding(days: days)
            }
            let first = market.curves[position].nodes[0].date
            let found = market.problems()
            #expect(found.map(\.field) == ["curves[\(position)].nodes[0].date"])
            #expect(
                found.first?.problem
                    == "curve `\(market.curves[position].id)` begins on \(first), \(side) the "
                    + "valuation date 2026-01-15"
            )
            #expect(
                found.first?.expected
                    == "a first node on 2026-01-15 with factor 1 and the other nodes counted from that "
                    + "day, or a snapshot whose valuation date is \(first)"
            )
        }
    }

    @Test func aFlatZeroRateBeginsOnTheValuationDateToo() throws {
        let market = try snapshot {
            $0.curves[2].valueType = .zeroRate
            $0.curves[2].interpolation = .linearZero
            $0.curves[2].nodes = [
                CurveNode(date: $0.valuationDate.adding(days: 2), value: 0.03)
            ]
        }
        #expect(market.problems().map(\.field) == ["curves[2].nodes[0].date"])
        #expect(market.problems().first?.expected.contains("its zero rate") == true)
    }

    @Test func aVolatilityDoesNotBeginAfterTheValuationDate() throws {
        for (days, isSound) in [(-5, true), (0, true), (1, false), (30, false)] {
            let market = try snapshot {
                $0.volatilities[0].referenceDate = $0.valuationDate.adding(days: days)
            }
            let found = market.problems()
            #expect(found.map(\.field) == (isSound ? [] : ["volatilities[0].referenceDate"]))
            #expect(isSound || found.first?.problem.contains("`V` begins on") == true)
        }
    }

    @Test func aCurveOfAnotherCurrencyNeitherDiscountsNorForecastsNorFunds() throws {
        func found(_ change: (inout MarketSnapshot) -> Void) throws -> [String] {
            try snapshot(change).problems().map { "\($0.field): \($0.problem); \($0.expected)" }
        }
        let index = try #require(InterestRateIndex(name: "EUR-EURIBOR-6M"))
        let said = "curve `USD` is a curve of USD; the id of a curve whose currency is EUR"
        #expect(
            try found { $0.discountCurves[.eur] = "USD" } == ["curveGroup.discount.EUR: \(said)"]
        )
        #expect(
            try found { $0.forwardCurves[index] = "USD" }
                == ["curveGroup.forward.EUR-EURIBOR-6M: \(said)"]
        )
        #expect(
            try found { $0.equities[0].fundingCurve = "USD" } == [
                "equities[0].fundingCurve: \(said)"
            ]
        )
    }
}
