import Finance
import PortfolioFiles
import Testing

@Suite struct JSONPortfolioTests {
    @Test("reads a list, an object with trades, lines, and a single trade")
    func shapes() throws {
        let two = [agreement("A"), agreement("B")]
        let list = try portfolio("[\(two.joined(separator: ",\n"))]")
        let document = try portfolio(
            "{\"schema\":\"portfolio/1\",\"name\":\"N\",\"trades\":[\(two.joined(separator: ","))]}"
        )
        let lines = try portfolio(two.joined(separator: "\n"), "p.jsonl")
        let found = try portfolio("\u{FEFF}" + two.joined(separator: "\r\n"), "p.txt")
        #expect(list.trades.map(\.id.rawValue) == ["A", "B"])
        #expect(document.trades == list.trades && lines.trades == list.trades)
        #expect(found.trades == list.trades)
        #expect(document.name == "N" && list.name == "p")
        #expect(list.lines == [1, 2] && lines.lines == [1, 2])
        #expect(try portfolio(swapObject).trades.count == 1)
    }

    @Test("reads every term of a swap, aliases included")
    func swap() throws {
        let product = try portfolio(swapObject).trades[0].product
        guard case .swap(let swap) = product else {
            Issue.record("not a swap")
            return
        }
        #expect(swap.fixedLeg.payReceive == .pay)
        #expect(swap.fixedLeg.rate == .fixed(0.025))
        #expect(swap.fixedLeg.dayCount == .thirtyU360)
        #expect(swap.floatingLeg.dayCount == .actual360)
        #expect(swap.floatingLeg.schedule.frequency == Tenor(6, .months))
        #expect(swap.floatingLeg.schedule.calendar == .target)
        #expect(swap.floatingLeg.schedule.convention == .modifiedFollowing)
        #expect(swap.problems.isEmpty)
    }

    @Test("places problems of a leg in the leg and line where they are")
    func legProblems() {
        let text = swapObject.replacing(
            "\"startDate\": \"2026-01-19\", \"endDate\": \"2031-01-19\", \"frequency\": \"1Y\"",
            with:
                "\"startDate\": \"2026-01-19\", \"endDate\": \"2020-01-19\", \"frequency\": \"1Y\""
        )
        #expect(
            problemLines { () throws(FileProblems) in try portfolio(text) } == [
                "p.json:7:43: legs[1].schedule.endDate: 2020-01-19 is not after "
                    + "legs[1].schedule.startDate 2026-01-19; expected a later date"
            ]
        )
    }

    @Test(
        "says what is wrong with a field, where, and what would be right",
        arguments: [
            (
                ["notional": "\"x\""],
                "notional: \"x\" is text, not a number; expected a number above 0 and below 1e15"
            ),
            (
                ["notional": "1e99"],
                "notional: \"1e99\" is out of range; expected a number above 0 and below 1e15"
            ),
            (
                ["notional": "NaN"],
                "notional: \"NaN\" is not finite; expected a number above 0 and below 1e15"
            ),
            (
                ["notional": "1e999"],
                "notional: \"1e999\" is out of the range of numbers; expected a number above 0 and below 1e15"
            ),
            (
                ["notional": "null"],
                "notional: it is missing; expected a number above 0 and below 1e15"
            ),
            (
                ["notional": "-5"],
                "notional: \"-5\" is out of range; expected a number above 0 and below 1e15"
            ),
            (
                ["rate": "2.5"],
                "rate: \"2.5\" is out of range; expected a decimal within -1...1; 0.025 is 2.5 %"
            ),
            (
                ["rate": "-Infinity"],
                "rate: \"-Infinity\" is not finite; expected a decimal within -1...1; 0.025 is 2.5 %"
            ),
            (
                ["startDate": "\"2026-02-29\""],
                "startDate: \"2026-02-29\" is not a day of the calendar; expected a day that exists, from 1901 to 2199"
            ),
            (
                ["startDate": "\"1/2/2026\""],
                "startDate: \"1/2/2026\" is not a day; expected a day as YYYY-MM-DD"
            ),
            (
                ["startDate": "20260420"],
                "startDate: \"20260420\" is not text; expected text in quotes"
            ),
            (
                ["endDate": "\"2026-04-20\""],
                "endDate: 2026-04-20 is not after startDate 2026-04-20; expected a later date"
            ),
            (
                ["longShort": "\"Lnog\""],
                "longShort: \"Lnog\" is not known; expected Long or Short (did you mean \"Long\"?)"
            ),
            (
                ["type": "\"Swaption\""],
                "type: \"Swaption\" is not known; expected FRA, Swap or EquityOption"
            ),
            (["schema": "\"trade/9\""], "schema: \"trade/9\" is not known; expected \"trade/1\""),
            (
                ["tradeId": "\"a\\u0000b\""],
                "tradeId: \"a\\u{0}b\" has the character U+0000, which cannot be seen; expected at most 128 printable characters"
            ),
        ]
    )
    func field(changes: [String: String], expected: String) throws {
        let text = "[\n" + agreement("A", changes) + "\n]"
        let lines = problemLines { () throws(FileProblems) in try portfolio(text) }
        try #require(lines.count == 1)
        #expect(lines[0].hasPrefix("p.json:2:"))
        #expect(lines[0].hasSuffix(" " + expected), "\(lines[0])")
    }

    @Test("refuses unknown names and says which is meant")
    func unknownName() {
        let text = agreement("A", ["Notional": "1"])
        let lines = problemLines { () throws(FileProblems) in try portfolio(text) }
        #expect(lines.count == 1)
        #expect(lines[0].hasPrefix("p.json:1:2: Notional: it is not a field of an FRA; expected "))
        #expect(lines[0].hasSuffix("(did you mean \"notional\"?)"))
        let document = "{\"schema\":\"portfolio/2\",\"trade\":1,\"trades\":[\(agreement("A"))]}"
        #expect(
            problemLines { () throws(FileProblems) in try portfolio(document) } == [
                "p.json:1:11: schema: \"portfolio/2\" is not understood; expected \"portfolio/1\"",
                "p.json:1:25: trade: it is not a field of a portfolio; expected schema, name or trades "
                    + "(did you mean \"trades\"?)",
            ]
        )
    }

    @Test("names the first trade of an id that occurs twice")
    func duplicates() {
        let text = [agreement("A"), agreement("B"), agreement("A", ["rate": "7"]), agreement("A")]
            .joined(separator: "\n")
        let lines = problemLines { () throws(FileProblems) in try portfolio(text) }
        #expect(lines.count == 3)
        #expect(lines[1].hasPrefix("p.json:3:") && lines[1].contains("the first is on line 1"))
        #expect(lines[2].hasPrefix("p.json:4:") && lines[2].contains("the first is on line 1"))
    }

    @Test("goes on after a broken line of JSON lines")
    func brokenLine() {
        let text = [agreement("A"), "{\"tradeId\": ", agreement("B"), "{oops}", agreement("A")]
            .joined(separator: "\n")
        let lines = problemLines { () throws(FileProblems) in try portfolio(text, "p.jsonl") }
        #expect(lines.map { $0.prefix(10) } == ["p.jsonl:2:", "p.jsonl:4:", "p.jsonl:5:"])
    }

    @Test("stops where a list is broken, with what it found before")
    func brokenList() {
        let text = "[\(agreement("A", ["rate": "7"])),\n{]"
        let lines = problemLines { () throws(FileProblems) in try portfolio(text) }
        #expect(lines.count == 2)
        #expect(lines[1] == "p.json:2:2: \"]\" is out of place; expected a name in double quotes")
    }

    @Test(
        "says that there is nothing to value",
        arguments: [
            ("", "p.json: the file is empty; expected content"),
            (" \n\t\r\n", "p.json: the file is blank; expected content"),
            ("\u{FEFF}", "p.json: the file is blank; expected content"),
            ("[]", "p.json: there are no trades in the file; expected at least one trade"),
            (
                "[1]",
                "p.json:1:2: \"1\" is not a trade; expected an object with tradeId, type and the terms"
            ),
            ("{}", "p.json:1:1: type: it is missing; expected FRA, Swap or EquityOption"),
            ("{\"name\":\"x\"}", "p.json:1: trades: it is missing; expected a list of trades"),
        ]
    )
    func nothing(text: String, expected: String) {
        #expect(problemLines { () throws(FileProblems) in try portfolio(text) } == [expected])
    }

    @Test("lists problems up to the limit and counts the rest")
    func limit() throws {
        let text = (1...1_300).map { agreement("T\($0)", ["rate": "9"]) }.joined(separator: "\n")
        let lines = problemLines { () throws(FileProblems) in
            try portfolio(text, limits: FileLimits(problems: 10))
        }
        #expect(lines.count == 11)
        #expect(lines[9].hasPrefix("p.json:10:"))
        #expect(lines[10] == "... and 1,290 more")
    }

    @Test("reads an option with its engine, and refuses one that does not price its style")
    func option() throws {
        let text = """
            {"tradeId":"O","type":"EquityOption","underlying":"X","currency":"EUR","longShort":"Short",
            "optionType":"Put","style":"American","strike":40,"expiryDate":"2027-01-15","engine":"Ju"}
            """
        guard case .equityOption(let option) = try portfolio(text).trades[0].product else {
            Issue.record("not an option")
            return
        }
        #expect(option.method == .ju && option.quantity == 1 && option.longShort == .short)
        let wrong = text.replacing("American", with: "European")
        let lines = problemLines { () throws(FileProblems) in try portfolio(wrong) }
        #expect(
            lines.count == 1 && lines[0].hasPrefix("p.json:2:86: engine: Ju prices American"),
            "\(lines)"
        )
    }
}

extension Swap {
    /// What is wrong with the swap on its own.
    fileprivate var problems: [FieldProblem] {
        TradeID(rawValue: "S").map { Trade(id: $0, product: .swap(self)).problems() } ?? []
    }
}
