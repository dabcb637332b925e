import Finance
import PortfolioFiles
import Testing

@Suite struct SnapshotTests {
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

    private func jsonProblems(_ text: String) -> [String] {
        problemLines { () throws(FileProblems) in
            try readSnapshot(bytes: Array(text.utf8), name: "m.json")
        }
    }

    @Test("reads back what it writes, as JSON and as CSV")
    func roundTrip() throws {
        #expect(try readSnapshot(bytes: encodedSnapshot(market), name: "m.json") == market)
        #expect(try readSnapshot(files: files, directory: "m") == market)
    }

    @Test("keeps every field that it has a place for")
    func fields() throws {
        let day = try #require(CalendarDate(iso: "2026-01-15"))
        let index = try #require(InterestRateIndex(name: "USD-SOFR-3M"))
        let odd = MarketSnapshot(
            name: "odd, \"name\"",
            valuationDate: day,
            baseCurrency: .usd,
            curves: [
                Curve(
                    id: "Z",
                    currency: .usd,
                    valueType: .zeroRate,
                    dayCount: .actualActualISDA,
                    extrapolation: .none,
                    nodes: [
                        CurveNode(date: day, value: 0.01),
                        CurveNode(date: day.adding(days: 3), value: -0.1 / 3, label: "ä,b"),
                    ]
                )
            ],
            discountCurves: [.usd: "Z"],
            forwardCurves: [index: "Z"],
            exchangeRates: [ExchangeRate(base: .usd, quote: .jpy, value: 1 / 3)],
            equities: [
                Equity(
                    id: "E",
                    currency: .usd,
                    spot: 1e-5,
                    dividendCurve: "Z",
                    fundingCurve: "Z",
                    volatility: "V"
                )
            ],
            volatilities: [
                FlatVolatility(id: "V", value: 0.1 + 0.2, referenceDate: day, dayCount: .actual360)
            ],
            fixings: [Fixing(index: index, date: day, value: -0.0)]
        )
        #expect(try readSnapshot(bytes: encodedSnapshot(odd), name: "m.json") == odd)
        #expect(try readSnapshot(files: encodedSnapshotFiles(odd), directory: "m") == odd)
    }

    @Test("places problems of CSV files in file, line and column")
    func csvPlaces() {
        #expect(
            csvProblems("curves.csv") {
                $0.replacing("EUR-ESTR,2026-01-22,0.9", with: "EUR-ESTR,2026-01-22,2.9")
            }
            .map { $0.prefix(21) } == ["m/curves.csv:3: Value"]
        )
        #expect(
            csvProblems("fx-rates.csv") { $0.replacing("EUR/CHF", with: "EUR/CHX") } == [
                "m/fx-rates.csv:4: Currency Pair: \"EUR/CHX\" is not understood; expected two "
                    + "currencies, EUR/USD"
            ]
        )
        #expect(
            csvProblems("fx-rates.csv") { $0 + "2026-01-16,EUR/JPY,180\n" } == [
                "m/fx-rates.csv:5: Valuation Date: 2026-01-16 is another day; expected 2026-01-15, "
                    + "as in snapshot.csv"
            ]
        )
        #expect(
            csvProblems("fx-rates.csv") { $0 + "2026-01-15,USD/EUR,1\n" } == [
                "m/fx-rates.csv:5: Currency Pair: `EUR/USD` occurs twice; expected a unique pair"
            ]
        )
        #expect(
            csvProblems("groups.csv") { $0 + "Default,discount,EUR,EUR-6M\n" }.map { $0.prefix(26) }
                == ["m/groups.csv:10: Reference"]
        )
        #expect(
            csvProblems("groups.csv") {
                $0.replacing("discount,EUR,EUR-ESTR", with: "discount,EUR,EUR-ESTER")
            } == [
                "m/groups.csv:2: Curve Name: there is no curve `EUR-ESTER`; expected the id of one "
                    + "of the snapshot's curves"
            ]
        )
        #expect(
            csvProblems("curves.csv") { $0.replacing(",EUR-3M,", with: ",EUR-3N,") }.first
                == "m/curves.csv:24: Curve Name: there is no curve \"EUR-3N\" in settings.csv; "
                + "expected one that is there (did you mean \"EUR-3M\"?)"
        )
        #expect(
            csvProblems("equities.csv") { $0.replacing("SAP-VOL", with: "NO-VOL") } == [
                "m/equities.csv:3: Volatility: there is no volatility `NO-VOL`; expected the id of "
                    + "one of the snapshot's volatilities"
            ]
        )
        #expect(
            csvProblems("fixings.csv") { $0 + "EUR-EURIBOR-6M,2026-01-15,0.02\n" }.first?
                .contains(": Date: `EUR-EURIBOR-6M 2026-01-15` occurs twice") == true
        )
    }

    @Test("refuses files that are not of a market and directories without one")
    func directory() {
        #expect(
            problemLines { () throws(FileProblems) in
                try readSnapshot(
                    files: [
                        "snapshot.csv": files["snapshot.csv"] ?? [],
                        "fixing.csv": Array("a\n".utf8),
                    ],
                    directory: "m"
                )
            }.first?.hasSuffix("(did you mean \"fixings.csv\"?)") == true
        )
        #expect(
            problemLines { () throws(FileProblems) in try readSnapshot(files: [:], directory: "m") }
                == [
                    "m: there is no snapshot.csv and no snapshot.json; expected a market directory, or "
                        + "the path of a JSON file"
                ]
        )
    }

    @Test("places problems of JSON in line and column")
    func jsonPlaces() {
        #expect(
            problemLines { () throws(FileProblems) in
                try readSnapshot(at: "\(examples)/bad/market.json")
            }.map { $0.dropFirst(examples.count).split(separator: ";")[0] } == [
                "/bad/market.json:12:44: fxRates[0].value: \"0\" is out of range"
            ]
        )
        let text = String(decoding: encodedSnapshot(market), as: UTF8.self)
        #expect(
            jsonProblems(text.replacing("\"EUR\":\"EUR-ESTR\"", with: "\"EUR\":\"X\""))
                .map { String($0.split(separator: ": ", maxSplits: 1)[1]) } == [
                    "curveGroup.discount.EUR: there is no curve `X`; expected the id of one of the "
                        + "snapshot's curves"
                ]
        )
        #expect(
            jsonProblems(text.replacing("GBP-SONIA-6M\":", with: "GBP-SONIA\":")).first?
                .contains("curveGroup.forward: \"GBP-SONIA\" is not an index") == true
        )
        #expect(
            jsonProblems(text.replacing("\"fxRates\"", with: "\"fxrates\"")).first?
                .contains("fxrates: it is not a field of a market snapshot") == true
        )
        #expect(
            jsonProblems("{}").map { $0.split(separator: ";")[0] } == [
                "m.json:1:1: snapshotId: it is missing", "m.json:1:1: valuationDate: it is missing",
                "m.json:1:1: baseCurrency: it is missing",
            ]
        )
        #expect(jsonProblems("[]").count == 1)
        #expect(jsonProblems("{} x").count == 1)
    }
}
