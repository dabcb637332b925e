import Finance
import Testing

@Suite struct ExactTextTests {
    /// `é` as one character and as `e` with an accent: equal texts to Swift, other bytes.
    private let composed = "caf\u{E9}"
    private let decomposed = "cafe\u{301}"

    @Test func textsOfOtherBytesDiffer() throws {
        #expect(composed == decomposed)
        #expect(!composed.isExactly(decomposed))
        #expect(ExactText(composed) != ExactText(decomposed))
        #expect(ExactText(composed) == ExactText("caf\u{E9}"))
        #expect(Set([ExactText(composed), ExactText(decomposed)]).count == 2)
        #expect(
            [ExactText(composed), ExactText(decomposed)].sorted().map(\.text.utf8.count) == [6, 5]
        )
    }

    @Test func idsOfOtherBytesAreTwoIds() throws {
        let ids = try [composed, decomposed].map { try #require(TradeID(rawValue: $0)) }
        #expect(Set(ids).count == 2)
        #expect(
            ids.map { Array($0.rawValue.utf8) } == [Array(composed.utf8), Array(decomposed.utf8)]
        )
    }

    @Test func curvesAndVolatilitiesAreFoundByTheirBytes() throws {
        let date = try #require(CalendarDate(iso: "2026-01-15"))
        let nodes = [CurveNode(date: date, value: 0.02)]
        var market = MarketSnapshot(
            name: "EOD",
            valuationDate: date,
            baseCurrency: .eur,
            curves: [composed, decomposed].map {
                Curve(id: $0, currency: .eur, valueType: .zeroRate, nodes: nodes)
            },
            discountCurves: [.eur: decomposed]
        )
        #expect(market.problems().isEmpty)
        market.curves.removeLast()
        #expect(market.problems().map(\.field) == ["curveGroup.discount.EUR"])
    }
}

@Suite struct HiddenCharacterTests {
    @Test(arguments: [
        ("T\u{200B}1", "U+200B (ZERO WIDTH SPACE)"),
        ("\u{FEFF}T1", "U+FEFF (ZERO WIDTH NO-BREAK SPACE)"),
        ("T1\u{202E}", "U+202E (RIGHT-TO-LEFT OVERRIDE)"),
        ("\u{2066}a", "U+2066 (LEFT-TO-RIGHT ISOLATE)"),
        ("so\u{AD}ft", "U+00AD (SOFT HYPHEN)"), ("a\u{2060}b", "U+2060 (WORD JOINER)"),
        ("a\u{200F}b", "U+200F (RIGHT-TO-LEFT MARK)"), ("a\u{9B}31m", "U+009B"),
        ("a\u{85}", "U+0085"),
        ("\u{1B}[31m", "U+001B"), ("a\u{7F}", "U+007F"), ("a\u{2028}b", "U+2028 (LINE SEPARATOR)"),
        ("a\u{E0041}", "U+E0041 (TAG LATIN CAPITAL LETTER A)"),
        ("\u{3164}", "U+3164 (HANGUL FILLER)"),
        ("x\u{FE0F}", "U+FE0F (VARIATION SELECTOR-16)"),
        ("\u{2800}", "U+2800 (BRAILLE PATTERN BLANK)"),
    ])
    func isFoundAndNamed(text: String, name: String) throws {
        let hidden = try #require(HiddenCharacter(in: text))
        #expect(hidden.description.hasPrefix(name))
        #expect(TradeID(rawValue: text) == nil)
    }

    @Test(arguments: [
        "EUR-1", "caf\u{E9}", "cafe\u{301}", "日本 ビジネス", "Việt Nam", "สวัสดี", "नमस्ते", "مرحبا", "שלום",
        "🇨🇭",
        "a\u{A0}b", "=1+1", "#N/A", "a'b\"c\\",
    ])
    func whatCanBeSeenIsNot(text: String) {
        #expect(HiddenCharacter(in: text) == nil)
        #expect(TradeID(rawValue: text)?.rawValue.utf8.elementsEqual(text.utf8) == true)
    }
}
