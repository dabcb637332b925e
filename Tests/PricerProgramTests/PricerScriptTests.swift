import Finance
import Testing

@testable import pricer

@Suite struct PricerScriptTests {
    @Test func eachRuleIsReadWithItsMomentItsActionAndItsFile() throws {
        let script = try PricerScript(
            """
            # a slow pricer that dies at the third trade
            all after 250ms
            trade 2 die ABRT   # with a comment

            work 3 garble
            start exit 4 while /tmp/broken
            trade 7 value nan
            all hang while /tmp/hold
            """
        )
        #expect(script.rules.count == 6)
        #expect(script.rules[0].action == .after(.milliseconds(250)))
        #expect(script.rules[1].moment == .trade(2))
        #expect(script.rules[1].action == .die(6))
        #expect(script.rules[2].moment == .work(3))
        #expect(script.rules[3].file == "/tmp/broken")
        #expect(script.rules[3].action == .exit(4))
        guard case .value(let value) = script.rules[4].action else {
            Issue.record("no value")
            return
        }
        #expect(value.isNaN)
        #expect(script.rules[5].action == .hang)
    }

    @Test(arguments: [
        ("all", 1, "``"), ("sometimes hang", 1, "`sometimes`"), ("all hang\nall jump", 2, "`jump`"),
        ("trade -1 hang", 1, "0...1000000"), ("work 0 hang", 1, "1...1000000"),
        ("all after soon", 1, "250ms"), ("all die HARD", 1, "KILL"), ("all exit 256", 1, "0...255"),
        ("all hang until /tmp/x", 1, "`until`"), ("all hang while", 1, "`while`"),
        ("all hang while a b", 1, "`while`"), ("all value much", 1, "`much`"),
    ])
    func aLineThatIsNoRuleIsRefusedWithItsNumber(text: String, line: Int, words: String) {
        do {
            _ = try PricerScript(text)
            Issue.record("\(text) was read")
        } catch {
            #expect(error.line == line)
            #expect(error.reason.contains(words), "\(error)")
        }
    }

    @Test func aRuleAppliesToThePiecesOfWorkThatItNames() throws {
        let script = try PricerScript("all refuse\nwork 2 garble\ntrade 5 hang\nstart exit 1")
        func actions(_ number: Int, _ trades: Range<Int>) -> [PricerScript.Action] {
            script.rules(forWork: number, of: trades).map(\.action)
        }
        #expect(actions(1, 0..<5) == [.refuse])
        #expect(actions(2, 0..<5) == [.refuse, .garble])
        #expect(actions(1, 5..<6) == [.refuse, .hang])
        #expect(actions(2, 4..<9) == [.refuse, .garble, .hang])
    }

    @Test func anAnswerIsSpoiltWhereTheScriptSaysSoAndNowhereElse() throws {
        func answer(_ text: String, _ trades: Range<Int>) throws -> [TradeResult] {
            var pricer = ScriptedPricer(try PricerScript(text))
            let answer = pricer.answer(to: trades) {
                trades.map { position in
                    let value = Double(position)
                    return TradeResult(
                        outcome: .priced([MetricValue(metric: .npv, value: value)]),
                        engine: "test"
                    )
                }
            }
            guard case .results(let results) = answer else { return [] }
            return results
        }
        func values(_ results: [TradeResult]) -> [Double?] {
            results.map { result in
                if case .priced(let values) = result.outcome { values.first?.value } else { nil }
            }
        }
        #expect(values(try answer("", 2..<5)) == [2, 3, 4])
        #expect(values(try answer("trade 3 value inf", 2..<5)) == [2, .infinity, 4])
        #expect(values(try answer("trade 9 value 7", 2..<5)) == [2, 3, 4])
        #expect(values(try answer("all value 7", 2..<5)) == [7, 7, 7])
        #expect(try answer("all count 2", 2..<5).count == 2)
        #expect(try answer("all count 5", 2..<5).count == 5)
        #expect(try answer("all garble", 2..<5).isEmpty)
        let grown = try answer("trade 3 grow 5000", 2..<5)
        let sizes = grown.map { result -> Int in
            guard case .priced(let values) = result.outcome else { return -1 }
            return values[0].factors.reduce(0) { $0 + $1.name.utf8.count }
        }
        #expect(sizes[0] == 0 && sizes[1] >= 5_000 && sizes[2] == 0)
    }
}
