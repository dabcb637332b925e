import Finance
import PortfolioFiles
import Testing

/// Names of calendars, day counts and indices in files.
@Suite struct ConventionSpellingTests {
    private func swap(_ change: (String) -> String) throws(FileProblems) -> Swap? {
        guard case .swap(let swap) = try portfolio(change(swapObject)).trades[0].product else {
            return nil
        }
        return swap
    }

    private func problems(_ change: (String) -> String) -> [String] {
        problemLines { () throws(FileProblems) in try portfolio(change(swapObject)) }
    }

    @Test(
        "reads joint calendars, in any order and with the names of each part",
        arguments: [
            ("GBLO+USNY", "USNY+GBLO"), ("USNY|GBLO", "USNY+GBLO"), ("GBLO", "GBLO"),
            ("UnitedKingdom+UnitedStates|TARGET", "EUTA+USNY+GBLO"), ("EUTA+EUTA", "EUTA"),
            ("USGS", "USGS"), ("USOPM|JPTO", "USOPM+JPTO"), ("UnitedStates", "USNY"),
        ]
    )
    func jointCalendars(text: String, name: String) throws {
        let read = try swap { $0.replacing("\"EUTA\"", with: "\"\(text)\"") }
        #expect(try #require(read).fixedLeg.schedule.calendar.rawValue == name)
        #expect(
            try portfolio(String(decoding: encodedPortfolio(of: try #require(read)), as: UTF8.self))
                .trades[0].product == .swap(try #require(read))
        )
    }

    @Test(
        "refuses a calendar with an unknown or empty part",
        arguments: ["GBLO+USN", "GBLO+", "|USNY", "GBLO USNY", "GBLO++USNY", "", "gblo"]
    )
    func unknownCalendars(text: String) throws {
        let lines = problems { $0.replacing("\"EUTA\"", with: "\"\(text)\"") }
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains("legs[1].schedule.calendar: \"\(text)\" is not known; expected ")
                == true
        )
        #expect(lines.first?.contains("several of them joined by +, as GBLO+USNY") == true)
    }

    @Test(
        "tells day counts apart that are alike but for the end of February",
        arguments: [
            ("30/360", DayCount.thirty360), ("30/360 ISDA", .thirty360),
            ("30/360 (Bond Basis)", .thirty360), ("30U/360", .thirtyU360),
            ("30/360 US", .thirtyU360), ("30E/360", .thirtyE360), ("30E/360 ISMA", .thirtyE360),
            ("30E/360 ISDA", .thirtyE360ISDA), ("30E/360.ISDA", .thirtyE360ISDA),
            ("NL/365", .noLeap365), ("ACT/ACT", .actualActualISDA), ("A365", .actual365Fixed),
        ]
    )
    func dayCounts(text: String, dayCount: DayCount) throws {
        let read = try swap { $0.replacing("\"30U/360\"", with: "\"\(text)\"") }
        #expect(read?.fixedLeg.dayCount == dayCount)
    }

    @Test(
        "refuses day counts by name that no term makes right",
        arguments: [
            "Act/365L", "ACT/365L", "Actual/365L", "ACT/ACT.AFB", "Actual/Actual (AFB)",
            "Bus/252", "BUS/252", "Business/252", "Act/365.25",
        ]
    )
    func refusedDayCounts(text: String) {
        let lines = problems { $0.replacing("\"30U/360\"", with: "\"\(text)\"") }
        #expect(lines.count == 1)
        #expect(
            lines.first?.contains("legs[1].dayCount: \"\(text)\" is not supported: ") == true,
            "\(lines)"
        )
        #expect(lines.first?.contains("expected Act/360, Act/365F, 30/360, ") == true)
    }

    @Test("reads Act/Act ICMA of unadjusted periods, and refuses it of others")
    func couponPeriods() throws {
        let unadjusted = swapObject.replacing("\"30U/360\"", with: "\"Act/Act ICMA\"")
            .replacing("\"EUTA\"", with: "\"EUTA\", \"convention\": \"NoAdjust\"")
        #expect(problemLines { () throws(FileProblems) in try portfolio(unadjusted) }.isEmpty)
        let weekly = unadjusted.replacing("\"1Y\"", with: "\"52W\"")
        #expect(
            problemLines { () throws(FileProblems) in try portfolio(weekly) }.map {
                String($0.drop { $0 != " " })
            } == [
                " legs[1].schedule.frequency: Act/Act ICMA needs a frequency that divides a year; "
                    + "expected 1M, 2M, 3M, 4M, 6M or 12M, or another dayCount"
            ]
        )
        #expect(
            problems { $0.replacing("\"30U/360\"", with: "\"ACT/ACT.ISMA\"") }.map {
                String($0.drop { $0 != " " })
            } == [
                " legs[1].schedule.convention: Act/Act ICMA needs periods that are not adjusted; "
                    + "expected NoAdjust, or another dayCount"
            ]
        )
    }

    @Test("refuses a day count that needs a leg, of curves and volatilities")
    func dayCountsOfCurves() throws {
        let curve = snapshotProblems("\"dayCount\": \"30E/360 ISDA\"", forward: "", fixings: "")
        #expect(
            curve == [
                "m.json:2:80: curves[0].dayCount: 30E/360 ISDA is not supported for a curve: it needs "
                    + "the periods of a leg; expected Act/360, Act/365F, 30/360, 30U/360, 30E/360, "
                    + "Act/Act ISDA or NL/365"
            ]
        )
    }

    @Test("takes two spellings of an index for one, and refuses two curves for it")
    func curvesOfAnIndex() {
        let same = "\"EUR-EURIBOR-12M\": \"A\", \"EUR-EURIBOR-1Y\": \"A\""
        #expect(snapshotProblems(forward: same, fixings: "").isEmpty)
        let other = "\"EUR-EURIBOR-1Y\": \"A\",\n\"EUR-EURIBOR-12M\": \"B\""
        #expect(
            snapshotProblems(forward: other, fixings: "") == [
                "m.json:5:1: curveGroup.forward.EUR-EURIBOR-12M: \"EUR-EURIBOR-12M\" and "
                    + "\"EUR-EURIBOR-1Y\" are one index, with the curves \"B\" and \"A\"; expected one "
                    + "curve for an index; the first is on line 4"
            ]
        )
        // A problem of an index is reported where the file has it, as it is spelt there.
        #expect(
            snapshotProblems(forward: "\"EUR-EURIBOR-1Y\": \"X\"", fixings: "").first?
                .contains(": curveGroup.forward.EUR-EURIBOR-1Y: there is no curve `X`; ") == true
        )
    }

    @Test("takes a fixing once from two spellings, and refuses two values")
    func fixingsOfAnIndex() {
        func fixing(_ index: String, _ value: String) -> String {
            "{\"index\": \"\(index)\", \"date\": \"2025-07-15\", \"value\": \(value)}"
        }
        let twice = fixing("EUR-EURIBOR-12M", "0.03") + ",\n" + fixing("EUR-EURIBOR-1Y", "0.03")
        #expect(snapshotProblems(fixings: twice).isEmpty)
        let other = fixing("EUR-EURIBOR-1Y", "0.08") + ",\n" + fixing("EUR-EURIBOR-12M", "0.03")
        #expect(
            snapshotProblems(fixings: other) == [
                "m.json:6:11: fixings[1].index: \"EUR-EURIBOR-12M\" and \"EUR-EURIBOR-1Y\" are one "
                    + "index, with the values 0.03 and 0.08 on 2025-07-15; expected one value for an "
                    + "index and day; the first is on line 5"
            ]
        )
        // The place of a later problem does not move.
        let weeks = fixing("EUR-EURIBOR-52W", "0.08")
        let later = snapshotProblems(fixings: twice + ",\n" + weeks + ",\n" + weeks)
        #expect(later.count == 1)
        #expect(later.first?.hasPrefix("m.json:8:") == true)
        #expect(
            later.first?.contains("fixings[3]: `EUR-EURIBOR-52W 2025-07-15` occurs twice") == true
        )
    }

    @Test("finds both in CSV")
    func csv() throws {
        let market = try readSnapshot(at: "\(examples)/market")
        func problems(_ file: String, _ rows: String) -> [String] {
            var files = encodedSnapshotFiles(market)
            files[file]?.append(contentsOf: Array(rows.utf8))
            return problemLines { () throws(FileProblems) in
                try readSnapshot(files: files, directory: "m")
            }
        }
        #expect(
            problems(
                "groups.csv",
                "Default,forward,EUR-EURIBOR-12M,EUR-6M\nDefault,forward,EUR-EURIBOR-1Y,EUR-3M\n"
            ).map { String($0.drop { $0 != " " }) } == [
                " Reference: \"EUR-EURIBOR-1Y\" and \"EUR-EURIBOR-12M\" are one index, with the curves "
                    + "\"EUR-3M\" and \"EUR-6M\"; expected one curve for an index; the first is on "
                    + "line 10"
            ]
        )
        #expect(
            problems(
                "fixings.csv",
                "EUR-EURIBOR-1Y,2025-07-15,0.03\nEUR-EURIBOR-12M,2025-07-15,1\n"
            )
            .first?.contains(
                ": Reference: \"EUR-EURIBOR-12M\" and \"EUR-EURIBOR-1Y\" are one index"
            ) == true
        )
        #expect(
            problems(
                "fixings.csv",
                "EUR-EURIBOR-1Y,2025-07-15,.03\nEUR-EURIBOR-12M,2025-07-15,0.03\n"
            )
            .isEmpty
        )
    }

    // MARK: Private

    private func encodedPortfolio(of swap: Swap) throws -> [UInt8] {
        let trade = Trade(id: try #require(TradeID(rawValue: "S")), product: .swap(swap))
        return try PortfolioFiles.encodedPortfolio(
            Portfolio(name: "p", trades: [trade]),
            format: .json
        )
    }

    private func snapshotProblems(
        _ dayCount: String = "\"dayCount\": \"Act/365F\"",
        forward: String = "\"EUR-EURIBOR-1Y\": \"A\"",
        fixings: String
    ) -> [String] {
        func curve(_ id: String, _ dayCount: String) -> String {
            "{\"id\": \"\(id)\", \"currency\": \"EUR\", \"valueType\": \"ZeroRate\", \(dayCount), "
                + "\"nodes\": [{\"date\": \"2026-01-15\", \"value\": 0.02}]}"
        }
        let text = """
            {"snapshotId": "M", "valuationDate": "2026-01-15", "baseCurrency": "EUR",
            "curves": [\(curve("A", dayCount)),
            \(curve("B", "\"dayCount\": \"Act/365F\""))],
            "curveGroup": {"discount": {"EUR": "A"}, "forward": {\(forward)}},
            "fixings": [\(fixings)]}
            """
        return problemLines { () throws(FileProblems) in
            try readSnapshot(bytes: Array(text.utf8), name: "m.json")
        }
    }
}
