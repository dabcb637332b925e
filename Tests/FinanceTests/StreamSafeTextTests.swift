import Finance
import Testing

@Suite struct StreamSafeTextTests {
    @Test(arguments: [
        "", "EUR-EURIBOR-6M", "Zürich 日本 €", "e\u{301}", "Việt Nam", "สวัสดี", "👩‍👩‍👧‍👦 🇨🇭",
        "a" + String(repeating: "\u{301}", count: 30),
        String(repeating: "a\u{301}\u{323}", count: 1_000),
        String(repeating: "\u{FE0F}", count: 100),
    ])
    func textThatPeopleWriteIsSafe(text: String) {
        #expect(text.isStreamSafe)
    }

    @Test(arguments: ["\u{301}", "\u{323}\u{301}", "\u{1D165}", "\u{0E38}", "\u{20D0}\u{0334}"])
    func aLongRunOfMarksIsNot(marks: String) {
        let run = String(repeating: marks, count: 31)
        #expect(!run.isStreamSafe)
        #expect(!"é\(run)z".isStreamSafe)
    }

    @Test func theRunIsFoundWhereItBegins() {
        let text = "ab\u{301}c日" + String(repeating: "\u{301}", count: 40)
        let offset = Array(text.utf8).withUnsafeBufferPointer { firstUnsafeRun(in: $0) }
        #expect(offset == 8)
    }

    @Test func anIdOfFewCharactersAndManyBytesIsNone() {
        let family = "👩" + String(repeating: "\u{200D}👩", count: 100)
        #expect(family.count == 1)
        #expect(TradeID(rawValue: family) == nil)
    }
}
