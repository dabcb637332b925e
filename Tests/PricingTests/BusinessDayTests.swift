import CQuantLib
import Finance
import Foundation
import Testing

@testable import Pricing

/// Business days of each calendar, against lists that were not taken from QuantLib.
@Suite(.timeLimit(.minutes(1))) struct BusinessDayTests {
    /// The codes with a list; `scripts/holidays` names the source of each.
    static let listed: [BusinessCalendar] = [
        .target, .newYork, .governmentSecurities, .federalEmployees, .london, .tokyo, .zurich,
    ]

    @Test(arguments: listed)
    func eachDayFrom2000To2060IsAsListed(calendar: BusinessCalendar) throws {
        let closed = try #require(Self.holidays()[calendar.rawValue])
        #expect(closed.count > 290)
        var wrong: [CalendarDate] = []
        for day in Self.days where isBusinessDay(day, calendar) != isOpen(day, closed) {
            wrong.append(day)
        }
        #expect(wrong.isEmpty)
    }

    @Test(arguments: [
        ("USNY", "2021-12-31", true), ("USNY", "2026-07-03", true), ("USNY", "2027-06-18", true),
        ("USNY", "2027-12-24", true), ("USNY", "2022-12-26", false), ("USNY", "2026-04-03", true),
        ("USOPM", "2021-12-31", false), ("USOPM", "2026-07-03", false),
        ("USOPM", "2021-06-18", false), ("USGS", "2026-07-03", false),
        ("USGS", "2021-12-31", true), ("USGS", "2025-04-18", false), ("USGS", "2026-04-03", true),
        ("USGS", "2012-10-30", false), ("GBLO", "2022-09-19", false), ("GBLO", "2023-05-08", false),
        ("GBLO", "2020-05-04", true), ("GBLO", "2020-05-08", false), ("GBLO", "2022-05-30", true),
        ("JPTO", "2003-05-06", true), ("JPTO", "2008-05-06", false), ("JPTO", "2019-05-02", false),
        ("JPTO", "2026-09-22", false), ("JPTO", "2021-10-11", true), ("EUTA", "2001-12-31", false),
        ("EUTA", "2026-05-01", false), ("CHZU", "2026-01-02", false), ("CHZU", "2026-05-25", false),
        ("WEEKENDS", "2026-12-25", true), ("WEEKENDS", "2026-12-26", false),
        ("NONE", "2026-12-26", true),
    ])
    func daysThatDeskSoftwareGetsWrong(code: String, day: String, isOpen: Bool) throws {
        let calendar = try #require(BusinessCalendar(rawValue: code))
        #expect(isBusinessDay(PrototypeCases.date(day), calendar) == isOpen)
    }

    @Test(arguments: [
        "GBLO+USNY", "USNY|EUTA", "JPTO+GBLO|USNY+EUTA", "CHZU+NONE", "USGS+WEEKENDS",
    ])
    func aJointCalendarIsOpenWhenAllPartsAre(name: String) throws {
        let joint = try #require(BusinessCalendar(rawValue: name))
        let parts = try name.split { $0 == "+" || $0 == "|" }
            .map { try #require(BusinessCalendar(rawValue: String($0))) }
        for day in Self.days.prefix(11_000) {
            let expected = parts.allSatisfy { isBusinessDay(day, $0) }
            #expect(isBusinessDay(day, joint) == expected, "\(day)")
        }
    }

    /// By hand: 91 days from 3 April to Friday 3 July 2026, a business day of New York's banks, as
    /// the Fourth is a Saturday; 10,000,000 x 4 % x 91 / 360 is paid.
    @Test func aSwapEndsOnTheFridayBeforeASaturdayHoliday() throws {
        let market = FlatSwapMarket(currency: .usd, indices: ["USD-SOFR-3M"])
        func npv(_ calendar: BusinessCalendar) throws -> Double {
            try market.npv(
                market.swap(
                    .pay,
                    rate: 0.04,
                    dayCount: .actual360,
                    schedule: market.schedule("2026-04-03", "2026-07-03", "1Y", calendar: calendar),
                    floatingSchedule: market.schedule(
                        "2026-04-03",
                        "2026-07-03",
                        "3M",
                        calendar: calendar
                    )
                )
            )
        }
        #expect(abs(try npv(.newYork) + 101_111.11) < 0.01)
        // Federal employees are off: Monday 6 July, 94 days. So is London on Good Friday 3 April,
        // so the joint period begins on Tuesday 7 April after Easter Monday: 87 days.
        #expect(abs(try npv(.federalEmployees) + 104_444.44) < 0.01)
        #expect(abs(try npv(.newYork.joined(with: .london)) + 96_666.67) < 0.01)
    }

    // MARK: Private

    private static let days: [CalendarDate] = {
        let first = PrototypeCases.date("2000-01-01")
        let last = PrototypeCases.date("2060-12-31")
        return (0...last.days(since: first)).map { first.adding(days: $0) }
    }()

    private static func holidays() throws -> [String: Set<CalendarDate>] {
        let url = try #require(
            Bundle.module.url(
                forResource: "holidays",
                withExtension: "txt",
                subdirectory: "Resources"
            )
        )
        var holidays: [String: Set<CalendarDate>] = [:]
        for line in try String(contentsOf: url, encoding: .utf8).split(separator: "\n")
        where !line.hasPrefix("#") {
            let words = line.split(separator: " ")
            for day in words.dropFirst(2) {
                let text = "\(words[1])-\(day.prefix(2))-\(day.suffix(2))"
                holidays[String(words[0]), default: []]
                    .insert(try #require(CalendarDate(iso: text)))
            }
        }
        return holidays
    }

    private func isOpen(_ day: CalendarDate, _ closed: Set<CalendarDate>) -> Bool {
        // 1970-01-01 was a Thursday.
        let weekday = (day.daysSince1970 % 7 + 10) % 7
        return weekday < 5 && !closed.contains(day)
    }

    private func isBusinessDay(_ day: CalendarDate, _ calendar: BusinessCalendar) -> Bool {
        var answer: Int32 = -1
        var error = cql_error()
        let status = cql_is_business_day(calendar.code, day.serialNumber, &answer, &error)
        #expect(status == CQL_OK.rawValue, "\(error.text)")
        return answer == 1
    }
}
