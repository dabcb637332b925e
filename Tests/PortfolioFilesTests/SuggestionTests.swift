import Testing

@testable import PortfolioFiles

@Suite struct SuggestionTests {
    private let fields = ["notional", "rate", "startDate", "endDate", "book"]

    @Test(
        "finds what is meant",
        arguments: [
            ("Notional", "notional"), ("notoinal", "notional"), ("start_date", "startDate"),
            ("end date", "endDate"), ("reate", "rate"), ("bok", "book"),
        ]
    )
    func near(text: String, meant: String) {
        #expect(suggestion(for: text, among: fields) == meant)
    }

    @Test("does not guess", arguments: ["", "strike", "x", "counterparty"])
    func far(text: String) {
        #expect(suggestion(for: text, among: fields) == nil)
    }

    @Test("shows text from outside safely")
    func quoting() {
        #expect(quoted("a\u{1b}[31m\n") == "\"a\\u{1b}[31m\\u{a}\"")
        #expect(
            quoted(String(repeating: "x", count: 99)) == "\"" + String(repeating: "x", count: 40)
                + "...\""
        )
        #expect(
            grouped(1_234_567) == "1,234,567" && grouped(12) == "12" && grouped(-1_000) == "-1,000"
        )
    }
}
