import Finance
import PortfolioFiles
import Testing

@Suite struct SwapConventionTests {
    @Test(
        "knows each market's terms",
        arguments: [
            (
                "EUR-FIXED-1Y-EURIBOR-6M", DayCount.thirty360, DayCount.actual360,
                BusinessCalendar.target
            ),
            ("USD-FIXED-6M-LIBOR-3M", .thirty360, .actual360, .newYork),
            ("USD-FIXED-1Y-SOFR-3M", .actual360, .actual360, .newYork),
            ("GBP-FIXED-6M-LIBOR-6M", .actual365Fixed, .actual365Fixed, .london),
            ("GBP-FIXED-1Y-SONIA-3M", .actual365Fixed, .actual365Fixed, .london),
            ("CHF-FIXED-1Y-LIBOR-6M", .thirty360, .actual360, .zurich),
            ("JPY-FIXED-6M-LIBOR-6M", .actual365Fixed, .actual360, .tokyo),
            ("JPY-FIXED-6M-TIBOR-6M", .actual365Fixed, .actual365Fixed, .tokyo),
        ]
    )
    func terms(name: String, fixed: DayCount, floating: DayCount, calendar: BusinessCalendar) throws
    {
        let convention = try #require(SwapConvention(name: name))
        #expect(convention.name == name)
        #expect(convention.fixedDayCount == fixed)
        #expect(convention.floatingDayCount == floating)
        #expect(convention.calendar == calendar)
    }

    @Test(
        "refuses other names",
        arguments: [
            "", "EUR", "EUR-FIXED-1Y-EURIBOR", "USD-FIXED-1Y-EURIBOR-6M", "EUR-FLOAT-1Y-EURIBOR-6M",
            "EUR-FIXED-0Y-EURIBOR-6M",
        ]
    )
    func names(name: String) {
        #expect(SwapConvention(name: name) == nil)
    }

    @Test(
        "adds tenors as calendars do",
        arguments: [
            ("2026-01-31", "1M", "2026-02-28"), ("2024-02-29", "1Y", "2025-02-28"),
            ("2024-01-31", "1M", "2024-02-29"), ("2026-11-30", "3M", "2027-02-28"),
            ("2026-12-31", "12M", "2027-12-31"), ("2026-01-15", "2W", "2026-01-29"),
            ("2026-01-15", "90D", "2026-04-15"),
        ]
    )
    func tenors(start: String, tenor: String, end: String) throws {
        let date = try #require(CalendarDate(iso: start))
        #expect(date.adding(try #require(Tenor(text: tenor))) == CalendarDate(iso: end))
    }
}
