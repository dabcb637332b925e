import Finance
import PortfolioFiles
import Testing

@Suite struct CSVPortfolioTests {
    private func lines(_ text: String, limits: FileLimits = .default) -> [String] {
        problemLines { () throws(FileProblems) in try portfolio(text, "p.csv", limits: limits) }
    }

    @Test("reads every product, by a tenor or an end date, with columns in any order and case")
    func products() throws {
        let text = """
            Trade ID,TYPE,book,convention,pay_receive,notional,rate,startDate,endDate,tenor,longShort,index,underlying,currency,optionType,style,strike,expiryDate
            S1,Swap,"B,1",EUR-FIXED-1Y-EURIBOR-6M,Pay,10000000,0.025,2026-01-30,,13M,,,,,,,,
            F1,FRA,B,,,5e6,0.02,2026-04-20,2026-10-20,,Short,EUR-EURIBOR-6M,,,,,,
            O1,EquityOption,B,,,,,,,,Long,,SX5E,EUR,Call,European,6000,2026-12-18
            """
        let read = try portfolio(text.replacing("\n", with: "\r\n"), "p.csv")
        #expect(read.trades.map(\.id.rawValue) == ["S1", "F1", "O1"])
        #expect(read.lines == [2, 3, 4])
        #expect(read.trades[0].book == "B,1")
        #expect(read.trades[0].product.maturityDate == CalendarDate(iso: "2027-02-28"))
        #expect(read.trades[1].product.notional == 5_000_000)
        #expect(read.trades[2].product.maturityDate == CalendarDate(iso: "2026-12-18"))
    }

    @Test(
        "says what is wrong with a row",
        arguments: [
            (
                "S,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1e99,0.02,,2026-01-19,2031-01-19,,,,,,,",
                "notional: \"1e99\" is out of range; expected a number above 0 and below 1e15"
            ),
            (
                "S,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,2025-01-19,,,,,,,",
                "endDate: 2025-01-19 is not after startDate 2026-01-19; expected a later date"
            ),
            (
                "S,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,2031-01-19,5Y,,,,,,",
                "tenor: both endDate and tenor are given; expected one of them"
            ),
            (
                "S,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,,,,,,,,",
                "endDate: it is missing; expected a day as YYYY-MM-DD, or a tenor such as 5Y"
            ),
            (
                "S,Swap,,EUR-FIXED-1D-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,,50Y,,,,,,",
                "convention: 1D makes over 2,000 periods; expected at most 2,000 periods"
            ),
            (
                "S,Swap,,EUR-EURIBOR,Pay,,1000,0.02,,2026-01-19,,5Y,,,,,,",
                "convention: \"EUR-EURIBOR\" is not understood; expected a convention such as "
                    + "EUR-FIXED-1Y-EURIBOR-6M, USD-FIXED-1Y-SOFR-3M or GBP-FIXED-6M-LIBOR-6M"
            ),
            (
                "S,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,Long,1000,0.02,,2026-01-19,,5Y,,,,,,",
                "longShort: \"Long\" is out of place; expected an empty cell: it is not a field of a Swap"
            ),
            (
                "F,FRA,,,,Long,nan,0.02,EUR-EURIBOR-6M,2026-01-19,,6M,,,,,,",
                "notional: \"nan\" is not finite; expected a number above 0 and below 1e15"
            ),
            (
                "F,FRA,,,,Long,\"1,000\",0.02,EUR-EURIBOR-6M,2026-01-19,,6M,,,,,,",
                "notional: \"1,000\" is not a number; expected a number above 0 and below 1e15"
            ),
            (
                "F,FRA,,,,Long,1000,0.02,EUR-EURIBOR-6M,2199-12-19,,6M,,,,,,",
                "tenor: 6M after 2199-12-19 is past 2199; expected a shorter tenor"
            ),
            (
                "O,EquityOption,,,,Long,,,,,,,X,EUX,Call,European,40,2027-01-15",
                "currency: \"EUX\" is not understood; expected an ISO 4217 code such as EUR"
            ),
            (
                ",EquityOption,,,,Long,,,,,,,X,EUR,Call,European,40,2027-01-15",
                "tradeId: it is missing; expected a unique id of 1 to 128 printable characters"
            ),
            (
                "O,EquityOption,,,,Long,,,,,,,X,EUR,Call,European,40",
                "the row has 17 cells; expected 18, as the header row has"
            ),
            (
                "O,Option,,,,Long,,,,,,,X,EUR,Call,European,40,2027-01-15",
                "type: \"Option\" is not known; expected FRA, Swap or EquityOption"
            ),
        ]
    )
    func row(row: String, expected: String) {
        #expect(lines(csvHeader + row + "\n") == ["p.csv:2: \(expected)"])
    }

    @Test("counts lines that a quoted cell spans")
    func multiline() {
        let good = "A,FRA,\"\n\n\",,,Long,1000,0.02,EUR-EURIBOR-6M,2026-01-19,,6M,,,,,,\n"
        let bad = good.replacing("A,FRA", with: "B,FRA").replacing("\"\n\n\"", with: "")
            .replacing("0.02", with: "x")
        #expect(
            lines(csvHeader + good + bad) == [
                "p.csv:2: book: \"\\u{a}\\u{a}\" has the character U+000A, which cannot "
                    + "be seen; expected at most 128 printable characters",
                "p.csv:5: rate: \"x\" is not a number; expected a decimal within -1...1; 0.025 is 2.5 %",
            ]
        )
    }

    @Test("names the line of the first trade with an id, whether or not it was sound")
    func duplicates() {
        let row = ",FRA,,,,Long,1000,0.02,EUR-EURIBOR-6M,2026-01-19,,6M,,,,,,\n"
        #expect(
            lines(csvHeader + "A" + row + "B" + row + "\"A\"" + row) == [
                "p.csv:4: tradeId: \"A\" is taken; expected a unique id; the first is on line 2"
            ]
        )
    }

    @Test("says what is wrong with a header")
    func header() {
        #expect(
            lines("tradeId,typ,book,book,\n")
                .map { $0.split(separator: ";")[0] } == [
                    "p.csv:1: typ: there is no such column",
                    "p.csv:1: book: the column occurs twice", "p.csv:1: column 5: it has no name",
                    "p.csv:1: type: the column is missing",
                ]
        )
        #expect(
            lines("tradeId;type;book\nA;FRA;B\n") == [
                "p.csv:1: columns are separated by semicolons; expected commas"
            ]
        )
        #expect(
            lines(csvHeader) == [
                "p.csv: there are no trades in the file; expected at least one trade"
            ]
        )
    }
}
