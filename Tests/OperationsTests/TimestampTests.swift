import Operations
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_768_487_459_123_456, "2026-01-15T14:30:59.123Z"),
            (951_782_400_000_000, "2000-02-29T00:00:00.000Z"),
            (951_868_799_999_999, "2000-02-29T23:59:59.999Z"),
            (4_107_542_400_000_000, "2100-03-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (-86_400_000_000, "1969-12-31T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func writesTimesInUTC(micros: Int64, text: String) {
        #expect(Timestamp.iso8601(micros) == text)
    }

    @Test func everyDayFollowsTheDayBefore() {
        var expected = (year: 1970, month: 1, day: 1)
        for day in 0..<60_000 as Range<Int64> {
            let text = Timestamp.iso8601(day * 86_400_000_000).prefix(10)
            let parts = text.split(separator: "-").compactMap { Int($0) }
            guard parts == [expected.year, expected.month, expected.day] else {
                Issue.record("day \(day) is \(text), not \(expected)")
                return
            }
            expected.day += 1
            let isLeap =
                expected.year % 4 == 0 && (expected.year % 100 != 0 || expected.year % 400 == 0)
            let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            guard expected.day > lengths[expected.month - 1] else { continue }
            expected = (expected.year, expected.month + 1, 1)
            if expected.month > 12 { expected = (expected.year + 1, 1, 1) }
        }
    }

    @Test func nowDoesNotGoBackAndIsOfThisCentury() {
        let first = Timestamp.now
        #expect(first > 1_700_000_000_000_000)
        #expect(Timestamp.now >= first)
    }
}
