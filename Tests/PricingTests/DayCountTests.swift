import CQuantLib
import Finance
import Testing

@testable import Pricing

/// Fractions of a year, by hand from the definitions, in days of 360 or 365.
@Suite(.timeLimit(.minutes(1))) struct DayCountTests {
    private let market = FlatSwapMarket()

    /// A leg that pays every half-year, and its stub's days with those of the half-year it is cut
    /// from.
    struct CouponLeg {
        var start, end: String
        var roll = ScheduleRoll.forward
        var endOfMonth = false
        var halves: Int
        var days = 0
        var ofDays = 1
    }

    static let couponLegs = [
        CouponLeg(start: "2026-02-28", end: "2028-02-29", endOfMonth: true, halves: 4),
        CouponLeg(start: "2026-01-15", end: "2027-01-15", halves: 2),
        // From 15 January to 15 July 2027.
        CouponLeg(start: "2026-01-15", end: "2027-03-02", halves: 2, days: 46, ofDays: 181),
        // From 15 July 2025 to 15 January 2026.
        CouponLeg(
            start: "2025-12-02",
            end: "2027-01-15",
            roll: .backward,
            halves: 2,
            days: 44,
            ofDays: 184
        ),
        // From 31 August 2026 to 28 February 2027.
        CouponLeg(
            start: "2026-02-28",
            end: "2026-09-30",
            endOfMonth: true,
            halves: 1,
            days: 30,
            ofDays: 181
        ),
    ]

    /// Half-years from 28 February 2026 to 29 February 2028 under the end-of-month rule: periods
    /// end on 31 August, 28 February, 31 August and 29 February.
    @Test(arguments: [
        (DayCount.thirty360, [183, 178, 183, 179], 360.0),
        (.thirtyU360, [180, 178, 180, 179], 360),
        (.thirtyE360, [182, 178, 182, 179], 360),
        (.thirtyE360ISDA, [180, 180, 180, 179], 360),
        (.actualActualICMA, [180, 180, 180, 180], 360),
        (.actual360, [184, 181, 184, 182], 360),
        (.actual365Fixed, [184, 181, 184, 182], 365),
        (.noLeap365, [184, 181, 184, 181], 365),
    ])
    func endsOfFebruary(dayCount: DayCount, days: [Int], year: Double) throws {
        let schedule = try market.schedule(
            "2026-02-28",
            "2028-02-29",
            "6M",
            calendar: .none,
            convention: .unadjusted,
            endOfMonth: true
        )
        let expected = days.reduce(0) { $0 + Double($1) / year }
        #expect(isClose(try market.years(dayCount, schedule), expected))
    }

    /// The last day of February is 30E/360 ISDA's 30th within a leg, but not at its end.
    @Test(arguments: [("2027-08-31", 360 + 180), ("2028-02-29", 720 - 1), ("2027-02-28", 358)])
    func theLastDayOfALegIsNotMoved(end: String, days: Int) throws {
        let schedule = try market.schedule(
            "2026-02-28",
            end,
            "6M",
            calendar: .none,
            convention: .unadjusted,
            endOfMonth: true
        )
        #expect(isClose(try market.years(.thirtyE360ISDA, schedule), Double(days) / 360))
    }

    /// ISDA 2006 4.16(f), SIFMA's 30/360 with the end of February, ISDA's (g), and NL/365.
    ///
    /// Compared once (2026-12-01): the same for 200,000 pairs of days in QuantLib 1.44, and for
    /// 20,000 in Strata 2.12.48.
    @Test(arguments: [
        ("2026-02-28", "2026-08-31", [183, 180, 182, 184]),
        ("2026-02-28", "2026-08-30", [182, 180, 182, 183]),
        ("2026-02-28", "2026-03-01", [3, 1, 3, 1]),
        ("2026-02-28", "2027-02-28", [360, 360, 360, 365]),
        ("2026-02-28", "2028-02-29", [721, 720, 721, 730]),
        ("2028-02-29", "2029-02-28", [359, 360, 359, 365]),
        ("2028-02-29", "2028-03-31", [32, 30, 31, 31]),
        ("2028-02-28", "2028-03-31", [33, 33, 32, 31]),
        ("2028-02-28", "2028-02-29", [1, 1, 1, 0]),
        ("2026-01-31", "2026-02-28", [28, 28, 28, 28]),
        ("2026-01-30", "2026-03-31", [60, 60, 60, 60]),
        ("2026-01-29", "2026-03-31", [62, 62, 61, 61]),
        ("2026-08-31", "2027-02-28", [178, 178, 178, 181]),
        ("2026-12-31", "2027-12-31", [360, 360, 360, 365]),
    ])
    func twoDays(start: String, end: String, days: [Int]) throws {
        let first = PrototypeCases.date(start)
        let last = PrototypeCases.date(end)
        for (dayCount, days) in zip(
            [DayCount.thirty360, .thirtyU360, .thirtyE360, .noLeap365],
            days
        ) {
            var fraction = 0.0
            var error = cql_error()
            let status = cql_year_fraction(
                dayCount.code,
                first.serialNumber,
                last.serialNumber,
                &fraction,
                &error
            )
            #expect(status == CQL_OK.rawValue)
            let year: Double = dayCount == .noLeap365 ? 365 : 360
            #expect(isClose(fraction, Double(days) / year), "\(dayCount)")
        }
    }

    /// On flat curves at 2 and 2.5 %, the US count is worth 9,778.07 less than bond basis: by hand,
    /// 10,000,000 x 6 % x 3 days / 360, discounted from 31 August 2026 and 2027.
    @Test func theUSCountIsWorthLessThanBondBasis() throws {
        let market = FlatSwapMarket(discount: 0.02, forward: 0.025)
        let schedule = try market.schedule(
            "2026-02-28",
            "2028-02-29",
            "6M",
            calendar: .none,
            convention: .unadjusted,
            endOfMonth: true
        )
        func npv(_ dayCount: DayCount) throws -> Double {
            try market.npv(
                market.swap(.receive, rate: 0.06, dayCount: dayCount, schedule: schedule)
            )
        }
        #expect(abs(try npv(.thirty360) - npv(.thirtyU360) - 9_778.07) < 0.01)
    }

    /// Whole half-years by hand, then days of the stub by twice those of the half-year it is cut from.
    ///
    /// As Strata 2.12.48 has it for 19,000 legs (2026-12-01).
    @Test(arguments: couponLegs)
    func couponPeriods(leg: CouponLeg) throws {
        let (start, end, roll, endOfMonth) = (leg.start, leg.end, leg.roll, leg.endOfMonth)
        let years = Double(leg.halves) / 2 + Double(leg.days) / Double(2 * leg.ofDays)
        let schedule = try market.schedule(
            start,
            end,
            "6M",
            convention: .unadjusted,
            roll: roll,
            endOfMonth: endOfMonth
        )
        var market = market
        market.valuationDate = PrototypeCases.date("2025-11-25")
        #expect(isClose(try market.years(.actualActualICMA, schedule), years))
    }

    @Test func aCurveHasNoDayCountOfALeg() throws {
        var snapshot = try market.snapshot
        snapshot.curves[0].dayCount = .thirtyE360ISDA
        let error = #expect(throws: PricingError.self) { try PricingSession(snapshot: snapshot) }
        #expect(error?.field == "curves[0].dayCount")
    }
}
