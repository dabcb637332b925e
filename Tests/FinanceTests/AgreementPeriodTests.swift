import Finance
import Testing

/// The period of a forward rate agreement is its index's tenor.
@Suite struct AgreementPeriodTests {
    private func problems(_ index: String, _ start: String, _ end: String) throws -> [FieldProblem]
    {
        Product.forwardRateAgreement(
            ForwardRateAgreement(
                longShort: .long,
                notional: 1e7,
                rate: 0.02,
                index: try #require(InterestRateIndex(name: index)),
                startDate: try #require(CalendarDate(iso: start)),
                endDate: try #require(CalendarDate(iso: end))
            )
        ).problems()
    }

    @Test(arguments: [
        ("EUR-EURIBOR-6M", "2026-04-20", "2026-10-20"),
        // Start and end roll by themselves: from Good Friday to the Tuesday, and over a weekend.
        ("EUR-EURIBOR-6M", "2026-04-07", "2026-10-05"),
        // A month's end to a month's end.
        ("EUR-EURIBOR-1M", "2026-02-27", "2026-03-31"),
        ("EUR-EURIBOR-6M", "2025-08-29", "2026-02-27"),
        // Third Wednesdays, 98 and 84 days apart.
        ("USD-LIBOR-3M", "2023-03-15", "2023-06-21"),
        ("USD-LIBOR-3M", "2022-12-21", "2023-03-15"),
        // A week over Easter; a year.
        ("EUR-EURIBOR-1W", "2026-03-27", "2026-04-07"),
        ("EUR-EURIBOR-12M", "2028-02-29", "2029-02-28"),
    ])
    func aPeriodMayRoll(index: String, start: String, end: String) throws {
        #expect(try problems(index, start, end).isEmpty)
    }

    /// f09: QuantLib answers the six-month rate for all of them.
    @Test(arguments: [
        ("EUR-EURIBOR-6M", "2026-07-20", "2026-10-20"),
        ("EUR-EURIBOR-6M", "2036-04-21", "2026-10-20"),
        ("EUR-EURIBOR-6M", "2026-10-27", "2026-10-20"),
        ("EUR-EURIBOR-6M", "2026-10-13", "2026-10-20"),
        ("EUR-EURIBOR-1W", "2026-05-04", "2026-04-27"),
        ("EUR-EURIBOR-12M", "2026-10-20", "2027-04-20"),
        ("EUR-EURIBOR-1M", "2026-05-27", "2026-05-20"),
    ])
    func anotherPeriodIsRefusedWithTheEndThatIsRight(
        index: String,
        end: String,
        right: String
    ) throws {
        let problem = try #require(try problems(index, "2026-04-20", end).first)
        #expect(problem.field == "endDate")
        #expect(problem.problem.contains(end) && problem.problem.contains(index))
        #expect(problem.expected.hasPrefix("\(right), "))
    }

    @Test func aPeriodThatWouldEndPast2199IsRefused() throws {
        let problem = try #require(
            try problems("EUR-EURIBOR-6M", "2199-12-01", "2199-12-31").first
        )
        #expect(problem.expected.hasPrefix("6M after the start"))
    }
}
