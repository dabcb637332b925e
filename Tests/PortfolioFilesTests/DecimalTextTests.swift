import Testing

@testable import PortfolioFiles

@Suite struct DecimalTextTests {
    private func read(_ text: String) -> DecimalText.Reading {
        let bytes = Array(text.utf8)
        return DecimalText.read(bytes, 0..<bytes.count)
    }

    @Test(
        "reads the nearest double",
        arguments: [
            "0", "-0", "1", "-1.5", "0.1", "0.025", "1e22", "1e23", "123456789012345678",
            "9007199254740993", "1.7976931348623157e308", "2.2250738585072014e-308", "5e-324",
            "0.30000000000000004", "8.988465674311581e+307", "1E5", "00012.50",
            "3.14159265358979323846",
        ]
    )
    func nearest(text: String) throws {
        let expected = try #require(Double(text))
        guard case .value(let value) = read(text) else {
            Issue.record("\(text) is not read")
            return
        }
        #expect(value.bitPattern == expected.bitPattern)
    }

    @Test("reads what any double is written as, to the same bits")
    func roundTrip() {
        var random = SplitMix64(seed: 3, item: 0)
        for _ in 0..<20_000 {
            let value = Double(bitPattern: random.next())
            guard value.isFinite else { continue }
            guard case .value(let back) = read(shortest(value)) else {
                Issue.record("\(value) is not read")
                return
            }
            #expect(back.bitPattern == value.bitPattern)
        }
    }

    @Test(
        "refuses what is beyond a double",
        arguments: ["1e309", "-1e999", "1e-400", "1e999999999"]
    )
    func outOfRange(text: String) {
        #expect(read(text) == .outOfRange)
    }

    @Test("knows NaN and infinities", arguments: ["NaN", "nan", "-inf", "Infinity", "#DIV/0!"])
    func notFinite(text: String) {
        #expect(read(text) == .notFinite)
    }

    @Test(
        "refuses other text",
        arguments: ["", "-", ".", "e5", "1e", "1e+", "1,000", "0x10", "1 2", "12a", "--1"]
    )
    func malformed(text: String) {
        #expect(read(text) == .malformed)
    }

    @Test("refuses a number of more than 400 characters")
    func long() {
        #expect(read(String(repeating: "1", count: 401)) == .malformed)
    }
}
