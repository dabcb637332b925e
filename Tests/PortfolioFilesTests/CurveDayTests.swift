import Finance
import PortfolioFiles
import Testing

/// Files whose curves, volatilities or periods are of other days than they say.
@Suite struct CurveDayTests {
    private let market: MarketSnapshot
    private let files: [String: [UInt8]]

    init() throws {
        market = try readSnapshot(at: "\(examples)/market")
        files = encodedSnapshotFiles(market)
    }

    private func csvProblems(_ file: String, _ change: (String) -> String) -> [String] {
        var changed = files
        changed[file] = Array(change(String(decoding: files[file] ?? [], as: UTF8.self)).utf8)
        return problemLines { () throws(FileProblems) in
            try readSnapshot(files: changed, directory: "m")
        }
    }

    @Test("refuses a curve from spot in JSON, at its first node")
    func jsonFromSpot() {
        let text = """
            {"snapshotId": "M", "valuationDate": "2026-01-15", "baseCurrency": "EUR",
             "curves": [
              {"id": "DISC", "currency": "EUR", "valueType": "ZeroRate", "dayCount": "Act/365F",
               "nodes": [{"date": "2026-01-15", "value": 0.02}]},
              {"id": "FWD", "currency": "EUR", "valueType": "ZeroRate", "dayCount": "Act/365F",
               "nodes": [{"date": "2026-01-19", "value": 0.025}]}],
             "curveGroup": {"discount": {"EUR": "DISC"}, "forward": {"EUR-EURIBOR-6M": "FWD"}}}
            """
        let lines = problemLines { () throws(FileProblems) in
            try readSnapshot(bytes: Array(text.utf8), name: "m.json")
        }
        #expect(
            lines == [
                "m.json:6:23: curves[1].nodes[0].date: curve `FWD` begins on 2026-01-19, after the "
                    + "valuation date 2026-01-15; expected a first node on 2026-01-15 with its zero "
                    + "rate and the other nodes counted from that day, or a snapshot whose valuation "
                    + "date is 2026-01-19"
            ]
        )
    }

    @Test("refuses a stale curve in CSV, whose own Valuation Date column is the snapshot's")
    func csvStale() {
        #expect(
            csvProblems("curves.csv") {
                $0.replacing("2026-01-15,EUR-6M,2026-01-15", with: "2026-01-15,EUR-6M,2026-01-14")
            }.map { $0.split(separator: ";")[0] } == [
                "m/curves.csv:46: Date: curve `EUR-6M` begins on 2026-01-14, before the valuation date "
                    + "2026-01-15"
            ]
        )
    }

    @Test("refuses curves whose Valuation Date column is another day than the snapshot's")
    func csvOtherDay() {
        let found = csvProblems("curves.csv") {
            $0.replacing("2026-01-15,EUR-6M,2026-01-15", with: "2026-01-14,EUR-6M,2026-01-15")
        }
        #expect(
            found == [
                "m/curves.csv:46: Valuation Date: 2026-01-14 is another day; expected 2026-01-15, as in "
                    + "snapshot.csv"
            ]
        )
    }

    @Test("refuses a snapshot.csv of another day than its curves, once for each curve")
    func csvSnapshotOfAnotherDay() {
        let found = csvProblems("snapshot.csv") { $0.replacing("2026-01-15", with: "2026-01-16") }
        #expect(!found.isEmpty)
    }

    @Test("places a volatility from after the valuation date and a curve of another currency")
    func csvPlaces() {
        #expect(
            csvProblems("volatilities.csv") {
                $0.replacing("SAP-VOL,BlackFlat,0.272,", with: "SAP-VOL,BlackFlat,0.272,2026-01-19")
            }.map { $0.split(separator: ",")[0] } == [
                "m/volatilities.csv:3: Reference Date: volatility `SAP-VOL` begins on 2026-01-19"
            ]
        )
        #expect(
            csvProblems("groups.csv") {
                $0.replacing("discount,EUR,EUR-ESTR", with: "discount,EUR,USD-SOFR")
            } == [
                "m/groups.csv:2: Curve Name: curve `USD-SOFR` is a curve of USD; expected the id of a "
                    + "curve whose currency is EUR"
            ]
        )
    }

    @Test("refuses a period that is not the index's, in JSON at its end and in CSV at its tenor")
    func agreementPeriods() {
        let json = agreement("A", ["endDate": "\"2026-07-20\""])
        #expect(
            problemLines { () throws(FileProblems) in try portfolio(json) }
                .map { $0.split(separator: ": ", maxSplits: 1)[1] } == [
                    "endDate: 2026-07-20 is 91 days after 2026-04-20 and not the end of a period of "
                        + "EUR-EURIBOR-6M; expected 2026-10-20, 6M after the start, or at most 6 days "
                        + "from it where dates roll"
                ]
        )
        let row = csvHeader + "F,FRA,,,,Long,1000,0.02,EUR-EURIBOR-6M,2026-04-20,,3M,,,,,,\n"
        #expect(
            problemLines { () throws(FileProblems) in try portfolio(row, "p.csv") }
                .map { $0.prefix(29) } == ["p.csv:2: tenor: 2026-07-20 is"]
        )
    }

    @Test("reads which rate a floating leg forecasts, and writes it back")
    func forecast() throws {
        let json = swapObject.replacing(
            "\"index\": \"EUR-EURIBOR-6M\",",
            with: "\"index\": \"EUR-EURIBOR-6M\", \"forecast\": \"period\","
        )
        let csv =
            csvHeader.replacing("tradeId,", with: "forecast,tradeId,")
            + "period,R,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,,5Y,,,,,,\n"
            + ",T,Swap,,EUR-FIXED-1Y-EURIBOR-6M,Pay,,1000,0.02,,2026-01-19,,5Y,,,,,,\n"
        let read = try portfolio(json).trades + portfolio(csv, "p.csv").trades
        let forecasts = read.compactMap { trade -> LegRate.Forecast? in
            guard case .swap(let swap) = trade.product,
                case .floating(_, _, _, let forecast) = swap.floatingLeg.rate
            else { return nil }
            return forecast
        }
        #expect(forecasts == [.period, .period, .index])
        for format in [PortfolioFormat.json, .jsonLines, .csv] {
            let trades = format == .csv ? Array(read.dropFirst()) : Array(read.dropLast())
            let bytes = try encodedPortfolio(Portfolio(name: "p", trades: trades), format: format)
            let again = try readPortfolio(bytes: bytes, name: "p.\(format)")
            #expect(again.trades == trades)
        }
        #expect(
            problemLines { () throws(FileProblems) in
                try portfolio(json.replacing("\"period\"", with: "\"par\""))
            }.first?.hasSuffix("forecast: \"par\" is not known; expected index or period") == true
        )
    }
}
