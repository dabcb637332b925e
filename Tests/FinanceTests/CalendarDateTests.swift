import Finance
import Testing

@Suite struct CalendarDateTests {
    @Test(arguments: [
        ("1970-01-01", 0), ("1901-01-01", -25_202), ("2000-02-29", 11_016), ("2026-01-15", 20_468),
        ("2199-12-31", 84_005),
    ])
    func readsAndWritesISODates(text: String, days: Int) throws {
        let date = try #require(CalendarDate(iso: text))
        #expect(Int(date.daysSince1970) == days)
        #expect(date.description == text)
    }

    @Test(arguments: [
        "", "2026-1-15", "2026-02-29", "2026-13-01", "2026-00-10", "2026-04-31", "1900-12-31",
        "2200-01-01", "15/01/2026", "2026-01-15T00", "2026_01_15", "２０２６-01-15",
    ])
    func refusesWhatIsNoDate(text: String) {
        #expect(CalendarDate(iso: text) == nil)
    }

    @Test func everyDayOfThreeCenturiesComesBack() throws {
        let first = try #require(CalendarDate(year: 1901, month: 1, day: 1))
        let last = try #require(CalendarDate(year: 2199, month: 12, day: 31))
        for offset in 0...last.days(since: first) {
            let day = first.adding(days: offset)
            let (year, month, dayOfMonth) = day.components
            #expect(CalendarDate(year: year, month: month, day: dayOfMonth) == day)
        }
    }

    @Test func serialNumbersAreThoseOfSpreadsheets() throws {
        #expect(try #require(CalendarDate(iso: "2013-12-26")).serialNumber == 41_634)
    }
}
