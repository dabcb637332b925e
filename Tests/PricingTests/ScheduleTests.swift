import CQuantLib
import Finance
import Testing

@testable import Pricing

/// The days of a leg's periods, with right values by hand and a calendar.
@Suite(.timeLimit(.minutes(1))) struct ScheduleTests {
    private let market = FlatSwapMarket(discount: 0.02, forward: 0.025)

    /// By hand: periods from Friday 30 January 2026 to 31 July, 29 January 2027 and, the agreed
    /// last day, Monday 1 February.
    @Test func theEndOfMonthRuleLeavesTheAgreedLastDay() throws {
        let schedule = try market.schedule("2026-01-30", "2027-02-01", "6M", endOfMonth: true)
        #expect(days(schedule) == ["2026-01-30", "2026-07-31", "2027-01-29", "2027-02-01"])
        let npv = try market.npv(market.swap(.receive, rate: 0.05, schedule: schedule))
        #expect(abs(npv - 244_574.48) < 0.01)
    }

    @Test(arguments: [
        // A last day within its month, after and before the month's end, and on a weekend.
        ("2026-01-30", "2026-08-03", "6M", "F", ["2026-01-30", "2026-07-31", "2026-08-03"]),
        ("2026-02-27", "2026-08-17", "3M", "F", ["2026-02-27", "2026-05-29", "2026-08-17"]),
        ("2026-04-30", "2026-10-24", "3M", "F", ["2026-04-30", "2026-07-31", "2026-10-26"]),
        // A day moved to its month's end that reaches the last day is no period of its own.
        ("2026-01-30", "2026-07-31", "6M", "F", ["2026-01-30", "2026-07-31"]),
        ("2026-01-30", "2026-07-30", "6M", "F", ["2026-01-30", "2026-07-30"]),
        // Counted from the end, the first day stays.
        (
            "2025-02-10", "2026-10-30", "6M", "B",
            ["2025-02-10", "2025-04-30", "2025-10-31", "2026-04-30", "2026-10-30"]
        ),
        ("2025-08-28", "2026-02-27", "6M", "B", ["2025-08-28", "2026-02-27"]),
        ("2026-01-05", "2026-06-30", "3M", "B", ["2026-01-05", "2026-03-31", "2026-06-30"]),
        // Regular ones keep their month's ends.
        ("2026-02-28", "2027-02-28", "6M", "F", ["2026-02-27", "2026-08-31", "2027-02-26"]),
    ])
    func firstAndLastDayStay(
        start: String,
        end: String,
        frequency: String,
        roll: String,
        expected: [String]
    ) throws {
        let schedule = try market.schedule(
            start,
            end,
            frequency,
            roll: roll == "F" ? .forward : .backward,
            endOfMonth: true
        )
        #expect(days(schedule) == expected)
    }

    /// 28 February 2026 is a Saturday, 31 May a Sunday.
    @Test(arguments: [
        (BusinessDayConvention.unadjusted, "2026-02-28", "2026-05-31"),
        (.following, "2026-03-02", "2026-06-01"),
        (.modifiedFollowing, "2026-02-27", "2026-05-29"),
        (.preceding, "2026-02-27", "2026-05-29"),
        (.modifiedPreceding, "2026-02-27", "2026-05-29"),
    ])
    func daysBetweenAreMonthEndsAdjustedByTheConvention(
        convention: BusinessDayConvention,
        first: String,
        second: String
    ) throws {
        let schedule = try market.schedule(
            "2026-02-28",
            "2026-10-15",
            "3M",
            convention: convention,
            endOfMonth: true
        )
        #expect(days(schedule) == [first, second, "2026-08-31", "2026-10-15"])
    }

    /// First and last day are the agreed ones by the convention, and days ascend.
    ///
    /// Compared once (2026-12-01): 60,000 schedules with and without the rule have the days of
    /// QuantLib 1.44, 20,000 with it those of Strata 2.12.48.
    @Test(arguments: BusinessDayConvention.allCases, ScheduleRoll.allCases)
    func noRollMovesAnEnd(convention: BusinessDayConvention, roll: ScheduleRoll) throws {
        for calendar in [BusinessCalendar.target, .newYork.joined(with: .london), .none] {
            for frequency in ["1M", "3M", "6M", "1Y", "2W", "90D"] {
                for offset in stride(from: 0, to: 400, by: 7) {
                    let start = PrototypeCases.date("2026-01-28").adding(days: offset % 35)
                    let end = PrototypeCases.date("2027-05-25").adding(days: offset)
                    for endOfMonth in [true, false] {
                        let schedule = Schedule(
                            startDate: start,
                            endDate: end,
                            frequency: try #require(Tenor(text: frequency)),
                            calendar: calendar,
                            convention: convention,
                            roll: roll,
                            endOfMonth: endOfMonth
                        )
                        let days = days(schedule)
                        #expect(days.first == adjusted(start, calendar, convention), "\(schedule)")
                        #expect(days.last == adjusted(end, calendar, convention), "\(schedule)")
                        #expect(zip(days, days.dropFirst()).allSatisfy { $0 < $1 }, "\(schedule)")
                    }
                }
            }
        }
    }

    @Test func aScheduleOfNoBusinessDayIsRefused() throws {
        // Saturday to Sunday.
        let schedule = try market.schedule("2026-08-01", "2026-08-02", "6M")
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(
            try market.swap(.pay, rate: 0.02, schedule: schedule),
            metrics: [.npv]
        )
        #expect(result.failure?.code == .invalidTrade)
        #expect(result.failure?.message.contains("first and last day are one business day") == true)
    }

    // MARK: Private

    private func days(_ schedule: Schedule) -> [String] {
        var terms = cql_schedule(schedule)
        var days = [Int32](repeating: 0, count: 100)
        var count: Int32 = 0
        var error = cql_error()
        let status = cql_schedule_dates(&terms, &days, 100, &count, &error)
        #expect(status == CQL_OK.rawValue, "\(error.text)")
        return days.prefix(Int(count)).map {
            CalendarDate(daysSince1970: $0 - 25_569).description
        }
    }

    /// Adjusts a day as a schedule's convention does, with the calendar's own business days.
    private func adjusted(
        _ day: CalendarDate,
        _ calendar: BusinessCalendar,
        _ convention: BusinessDayConvention
    ) -> String {
        func isOpen(_ day: CalendarDate) -> Bool {
            var answer: Int32 = 0
            var error = cql_error()
            let status = cql_is_business_day(calendar.code, day.serialNumber, &answer, &error)
            #expect(status == CQL_OK.rawValue)
            return answer == 1
        }
        func moved(_ step: Int) -> CalendarDate {
            var moved = day
            while !isOpen(moved) { moved = moved.adding(days: step) }
            return moved
        }
        let stays = { (moved: CalendarDate) in moved.components.month == day.components.month }
        return switch convention {
        case .unadjusted: day.description
        case .following: moved(1).description
        case .preceding: moved(-1).description
        case .modifiedFollowing: (stays(moved(1)) ? moved(1) : moved(-1)).description
        case .modifiedPreceding: (stays(moved(-1)) ? moved(-1) : moved(1)).description
        }
    }
}
