import Finance
import Testing

@testable import Ledger
@testable import Reports

@Suite struct ReportTextTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
            (1_768_487_459_000_123, "2026-01-15T14:30:59.000123Z"),
        ] as [(Int64, String)]
    )
    func timesAreISO8601(microseconds: Int64, text: String) {
        #expect(ReportTime.text(microseconds) == text)
    }

    @Test(arguments: [
        ("2026-01-15", "2026-02-15", 31.0 / 365),
        ("2023-11-01", "2024-05-01", 61.0 / 365 + 121.0 / 366),
        ("2024-01-01", "2026-01-01", 2), ("2026-02-15", "2026-01-15", -31.0 / 365),
    ])
    func yearsAreActualActualISDA(start: String, end: String, years: Double) throws {
        // ISDA's own example (1 November 2003 to 1 May 2004) has the same lengths of year.
        let start = try #require(CalendarDate(iso: start))
        let end = try #require(CalendarDate(iso: end))
        #expect(abs(ReportTime.years(from: start, to: end) - years) < 1e-15)
    }

    @Test(
        arguments: [
            (1_234_567.891, 2, "1,234,567.89"), (-0.004, 2, "0.00"), (-1_234.5, 0, "-1,235"),
            (0.05, 1, "0.1"), (999.995, 2, "1,000.00"), (0, 0, "0"),
        ] as [(Double, Int, String)]
    )
    func numbersForPeople(number: Double, places: Int, text: String) {
        #expect(ReportNumber.fixed(number, places) == text)
    }

    @Test func sumsLoseNothing() {
        var sum = CompensatedSum()
        for value in [1, 1e100, 1, -1e100] { sum.add(value) }
        #expect(sum.value == 2)
    }

    @Test func jsonTextIsEscaped() {
        var text = UTF8Builder()
        text.append(json: "a\"b\\c\n\u{1}<\u{2028}é€&\u{7F}")
        #expect(
            String(decoding: text.bytes, as: UTF8.self)
                == "\"a\\\"b\\\\c\\n\\u0001\\u003c\\u2028é€\\u0026\\u007f\""
        )
    }

    @Test func gapsOfASetAreItsMissingRanges() {
        var set = BatchSet()
        for index: UInt32 in 0..<200 where index != 5 && !(100..<103).contains(index) {
            let isNew = set.insert(index)
            #expect(isNew)
        }
        let isNew = set.insert(7)
        #expect(!isNew)
        #expect(set.count == 196)
        #expect(set.gaps(below: 202, most: 9) == [5..<6, 100..<103, 200..<202])
        #expect(set.gaps(below: 202, most: 1) == [5..<6])
        let wasThere = set.remove(7)
        #expect(wasThere)
        #expect(!set.contains(7))
    }
}
