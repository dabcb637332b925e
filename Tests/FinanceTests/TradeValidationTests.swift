import Finance
import Testing

@Suite struct TradeValidationTests {
    private func fra(_ change: (inout ForwardRateAgreement) -> Void) throws -> [String] {
        var terms = ForwardRateAgreement(
            longShort: .long,
            notional: 1e6,
            rate: 0.03,
            index: try #require(InterestRateIndex(name: "EUR-EURIBOR-3M")),
            startDate: try #require(CalendarDate(iso: "2026-03-16")),
            endDate: try #require(CalendarDate(iso: "2026-06-16"))
        )
        change(&terms)
        let trade = Trade(
            id: try #require(TradeID(rawValue: "T")),
            product: .forwardRateAgreement(terms)
        )
        return trade.problems().map(\.field)
    }

    @Test func aSoundTradeHasNoProblem() throws {
        #expect(try fra { _ in }.isEmpty)
    }

    @Test(arguments: [0, -1, 1e15, .nan, .infinity])
    func notionalsArePositiveFiniteAndBelowTenToTheFifteen(notional: Double) throws {
        #expect(try fra { $0.notional = notional } == ["notional"])
    }

    @Test(arguments: [1.5, -1.01, .nan, .infinity])
    func ratesAreDecimalsWithinOne(rate: Double) throws {
        #expect(try fra { $0.rate = rate } == ["rate"])
    }

    @Test func datesAreInOrder() throws {
        #expect(try fra { $0.endDate = $0.startDate } == ["endDate"])
    }

    @Test(arguments: ["EUR-EURIBOR-6M", "USD-SOFR-3M", "JPY-TIBOR-3M"])
    func indexNamesComeBack(name: String) throws {
        #expect(try #require(InterestRateIndex(name: name)).name == name)
    }

    @Test(arguments: ["USD-EURIBOR-6M", "EUR-EURIBOR", "EUR-EURIBOR-0M", "EUR-EURIBOR-2Y", ""])
    func unknownIndexesAreRefused(name: String) {
        #expect(InterestRateIndex(name: name) == nil)
    }

    @Test(arguments: ["6M", "1Y", "2W", "90D"])
    func tenorsComeBack(text: String) throws {
        #expect(try #require(Tenor(text: text)).description == text)
    }

    @Test(arguments: ["0D", "-1M", "M", "6", "6X", "+6M", ""])
    func malformedTenorsAreRefused(text: String) {
        #expect(Tenor(text: text) == nil)
    }
}
