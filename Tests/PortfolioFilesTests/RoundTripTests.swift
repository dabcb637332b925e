import Finance
import PortfolioFiles
import Testing

@Suite struct RoundTripTests {
    private let market: MarketSnapshot

    init() throws {
        market = try readSnapshot(at: "\(examples)/market.json")
    }

    @Test("reads back what it writes", arguments: PortfolioFormat.allCases)
    func formats(format: PortfolioFormat) throws {
        let trades = Array(
            try SyntheticPortfolio(seed: 11, count: 500, market: market, unpriceable: 7)
        )
        let bytes = try encodedPortfolio(Portfolio(name: "x \"y\"", trades: trades), format: format)
        let read = try readPortfolio(bytes: bytes, name: "p.\(format.rawValue)")
        #expect(read.trades == trades)
        #expect(read.name == (format == .json ? "x \"y\"" : "p"))
    }

    @Test("keeps awkward numbers and names", arguments: PortfolioFormat.allCases)
    func awkward(format: PortfolioFormat) throws {
        let index = try #require(InterestRateIndex(name: "GBP-LIBOR-6M"))
        let start = try #require(CalendarDate(iso: "1999-12-31"))
        let convention = SwapConvention(
            index: index,
            fixedFrequency: try #require(Tenor(6, .months))
        )
        var trades: [Trade] = []
        for (position, id) in ["=1+1", " a ", "\"", "a,b", "é😀", "\\u0041", "</script>"]
            .enumerated()
        {
            trades.append(
                Trade(
                    id: try #require(TradeID(rawValue: id)),
                    book: id,
                    counterparty: "",
                    nettingSet: "n",
                    tradeDate: position % 2 == 0 ? nil : start,
                    product: .swap(
                        convention.makeSwap(
                            payReceive: .receive,
                            notional: 1e15.nextDown,
                            rate: 0.1 + Double(position) / 3e3,
                            spread: -1 / 3e4,
                            startDate: start,
                            endDate: start.adding(days: 3_000)
                        )
                    )
                )
            )
        }
        let bytes = try encodedPortfolio(Portfolio(name: "", trades: trades), format: format)
        #expect(try readPortfolio(bytes: bytes, name: "p.\(format.rawValue)").trades == trades)
    }

    @Test("refuses to write a swap as CSV whose terms no convention has")
    func unconventional() throws {
        let odd = try portfolio(swapObject.replacing("\"A360\"", with: "\"A365\""))
        #expect(throws: FileProblems.self) { try encodedPortfolio(odd, format: .csv) }
        #expect(
            try readPortfolio(bytes: encodedPortfolio(odd, format: .jsonLines), name: "p.jsonl")
                .trades
                == odd.trades
        )
    }
}
