import Finance
import Foundation
import Testing

@testable import Pricing

/// Which rate a floating coupon gets before it has fixed.
///
/// The values were worked out in a script of its own (TARGET's holidays, schedules, 30/360, the
/// index's value date and maturity written out) and are those of QuantLib 1.44's indexed and par
/// coupons to 1e-8. Zero rates: discounting 2 %, forecasting 5 %, Act/365F, flat.
@Suite(.timeLimit(.minutes(1))) struct IndexForecastTests {
    private let market = EuroMarket()

    /// The periods of a swap that pays 2.5 % on ten millions and receives an index.
    struct Terms: Sendable {
        var start: String
        var end: String
        var frequency: String
        var index: String
        var fixingDays: Int?
        var spread = 0.0
    }

    @Test(arguments: [
        // f08: a period of the index's tenor; one that is shorter.
        (
            Terms(start: "2026-01-19", end: "2031-01-20", frequency: "6M", index: "EUR-EURIBOR-6M"),
            1_221_087.448419, 1_221_023.531941
        ),
        (
            Terms(start: "2026-01-19", end: "2031-01-20", frequency: "3M", index: "EUR-EURIBOR-6M"),
            1_227_098.221521, 1_211_995.388140
        ),
        (
            Terms(
                start: "2026-01-19",
                end: "2031-01-20",
                frequency: "3M",
                index: "EUR-EURIBOR-12M"
            ),
            1_257_565.532574, 1_211_995.388140
        ),
        // Longer than the tenor.
        (
            Terms(start: "2026-01-19", end: "2031-01-20", frequency: "1Y", index: "EUR-EURIBOR-3M"),
            1_193_987.922790, 1_239_261.611458
        ),
        (
            Terms(start: "2026-01-30", end: "2028-01-31", frequency: "1M", index: "EUR-EURIBOR-6M"),
            506_843.268832, 496_502.651900
        ),
        // A last period of two months.
        (
            Terms(start: "2026-01-19", end: "2028-03-20", frequency: "6M", index: "EUR-EURIBOR-6M"),
            542_775.193267, 542_087.664160
        ),
        // From the last business day of February the index runs to the last of August.
        (
            Terms(start: "2026-02-27", end: "2028-02-29", frequency: "6M", index: "EUR-EURIBOR-6M"),
            502_715.863756, 502_563.958765
        ),
        // Two periods are fixed, one before the valuation date.
        (
            Terms(
                start: "2025-12-22",
                end: "2027-12-22",
                frequency: "3M",
                index: "EUR-EURIBOR-6M",
                spread: 0.001
            ),
            458_843.858082, 453_422.701186
        ),
        // Fixed on the first day of a period, and ten business days before it.
        (
            Terms(
                start: "2026-01-19",
                end: "2028-01-19",
                frequency: "6M",
                index: "EUR-EURIBOR-6M",
                fixingDays: 0
            ),
            502_308.111305, 502_308.186157
        ),
        (
            Terms(
                start: "2026-03-19",
                end: "2028-03-20",
                frequency: "3M",
                index: "EUR-EURIBOR-6M",
                fixingDays: 10
            ),
            505_174.512571, 498_974.226881
        ),
    ])
    func aCouponPaysItsIndexsOwnRateUnlessItsPeriodsIsNamed(
        terms: Terms,
        own: Double,
        period: Double
    ) throws {
        for (forecast, expected) in [(LegRate.Forecast.index, own), (.period, period)] {
            let session = try PricingSession(snapshot: market.snapshot(forecasting: terms.index))
            let value = try session.price(swap(terms, forecast), metrics: [.npv]).value(.npv)
            #expect(abs(value - expected) < 1e-5, "\(forecast): \(value)")
        }
    }

    /// The fixing is what a forward rate agreement of the same period would settle at.
    @Test(arguments: ["2026-04-20", "2026-02-27", "2026-05-29", "2026-12-31"])
    func aCouponsRateIsThatOfAForwardRateAgreement(start: String) throws {
        let index = try #require(InterestRateIndex(name: "EUR-EURIBOR-6M"))
        let session = try PricingSession(snapshot: market.snapshot(forecasting: index.name))
        let begin = PrototypeCases.date(start)
        let agreement = ForwardRateAgreement(
            longShort: .long,
            notional: 1,
            rate: 0,
            index: index,
            startDate: begin,
            endDate: try #require(begin.adding(index.tenor))
        )
        let rate = try session.price(.forwardRateAgreement(agreement), metrics: [.fwdRate])
            .value(.fwdRate)
        // One quarter, so that the period is not the index's.
        let quarter = try #require(Tenor(3, .months))
        let end = try #require(begin.adding(quarter))
        let one = Terms(
            start: start,
            end: end.description,
            frequency: "3M",
            index: index.name
        )
        guard case .swap(var swap) = try swap(one, .index) else { return }
        swap.floatingLeg.schedule.calendar = .none
        swap.fixedLeg.schedule.calendar = .none
        swap.fixedLeg.dayCount = .actual360
        let par = try session.price(.swap(swap), metrics: [.parRate]).value(.parRate)
        #expect(isClose(par, rate, relative: 1e-12))
    }

    @Test func whatHasFixedTodayIsTakenAndElseForecast() throws {
        let terms = Terms(
            start: "2026-01-19",
            end: "2026-07-20",
            frequency: "6M",
            index: "EUR-EURIBOR-6M"
        )
        var snapshot = market.snapshot(forecasting: terms.index)
        let index = try #require(InterestRateIndex(name: terms.index))
        let forecast = try PricingSession(snapshot: snapshot)
            .price(swap(terms, .index), metrics: [.npv]).value(.npv)
        snapshot.fixings.append(
            Fixing(index: index, date: PrototypeCases.date("2026-01-15"), value: 0.06)
        )
        let fixed = try PricingSession(snapshot: snapshot)
            .price(swap(terms, .index), metrics: [.npv]).value(.npv)
        let factor = exp(-0.02 * 186 / 365)
        let own = (exp(0.05 * 182 / 365) - 1) / (182.0 / 360)
        #expect(abs(fixed - forecast - 1e7 * (0.06 - own) * 182 / 360 * factor) < 1e-5)
    }

    /// A dollar LIBOR that fixes on 2026-11-09 runs from the 12th.
    ///
    /// New York is closed on the 11th, Veterans Day, and London is not. The curve's forward rate changes on the 12th, from 2 % to 6 %.
    @Test func aLiborRunsFromABusinessDayOfBothItsCentres() throws {
        let index = try #require(InterestRateIndex(name: "USD-LIBOR-3M"))
        let today = market.valuationDate
        let turn = PrototypeCases.date("2026-11-12")
        let early = exp(-0.02 * Double(turn.days(since: today)) / 365)
        let curve = Curve(
            id: "USD",
            currency: .usd,
            nodes: [
                CurveNode(date: today, value: 1), CurveNode(date: turn, value: early),
                CurveNode(date: turn.adding(days: 365), value: early * exp(-0.06)),
            ]
        )
        let session = try PricingSession(
            snapshot: MarketSnapshot(
                name: "LIBOR",
                valuationDate: today,
                baseCurrency: .usd,
                curves: [curve],
                discountCurves: [.usd: "USD"],
                forwardCurves: [index: "USD"]
            )
        )
        let schedule = Schedule(
            startDate: PrototypeCases.date("2026-11-11"),
            endDate: PrototypeCases.date("2027-02-11"),
            frequency: try #require(Tenor(3, .months)),
            calendar: .london
        )
        func leg(_ side: PayReceive, _ rate: LegRate) -> SwapLeg {
            SwapLeg(
                payReceive: side,
                currency: .usd,
                notional: 1e6,
                rate: rate,
                dayCount: .actual360,
                schedule: schedule
            )
        }
        let swap = Swap(
            fixedLeg: leg(.pay, .fixed(0)),
            floatingLeg: leg(.receive, .floating(index: index, spread: 0, fixingDays: nil))
        )
        let par = try session.price(.swap(swap), metrics: [.parRate]).value(.parRate)
        // From 2026-11-12 to 2027-02-12.
        #expect(isClose(par, (exp(0.06 * 92 / 365) - 1) / (92.0 / 360), relative: 1e-11))
    }

    /// The last coupon's index ends nine months after the swap: the nodes up to there matter.
    @Test func bucketsReachToTheEndOfTheIndexsOwnPeriod() throws {
        let terms = Terms(
            start: "2026-01-19",
            end: "2027-01-19",
            frequency: "3M",
            index: "EUR-EURIBOR-12M"
        )
        var snapshot = market.snapshot(forecasting: terms.index)
        snapshot.curves[1].nodes = (0...8).map {
            CurveNode(date: market.valuationDate.adding(days: 91 * $0), value: 0.05)
        }
        let session = try PricingSession(snapshot: snapshot)
        let delta = try #require(
            session.price(swap(terms, .index), metrics: [.irDelta])[.irDelta]
        )
        // The last fixes on 2026-10-15 and ends on 2027-10-19, between the last two nodes.
        #expect(delta.factors.last?.name == "FWD/2028-01-13")
        let sum = delta.factors.reduce(0) { $0 + $1.value }
        #expect(isClose(sum, delta.value, relative: 1e-3))
    }

    @Test func aCurveThatEndsBeforeTheIndexsPeriodIsNamedWithTheDayThatItNeeds() throws {
        let terms = Terms(
            start: "2026-01-19",
            end: "2027-01-19",
            frequency: "3M",
            index: "EUR-EURIBOR-6M"
        )
        var snapshot = market.snapshot(forecasting: terms.index)
        snapshot.curves[1].extrapolation = .none
        snapshot.curves[1].nodes.append(
            CurveNode(date: PrototypeCases.date("2027-01-29"), value: 0.05)
        )
        let session = try PricingSession(snapshot: snapshot)
        let failure = session.price(try swap(terms, .index), metrics: [.npv]).failure
        #expect(failure?.code == .missingMarketData)
        #expect(
            failure?.message
                == "The last rate of EUR-EURIBOR-6M needs FWD up to 2027-04-19; the curve ends on "
                + "2027-01-29 and does not extrapolate. Give it a later node, or the extrapolation "
                + "FlatForward."
        )
        // The rates over the periods end with the swap.
        #expect(session.price(try swap(terms, .period), metrics: [.npv])[.npv] != nil)
    }

    // MARK: Private

    private func swap(_ terms: Terms, _ forecast: LegRate.Forecast) throws -> Product {
        func leg(_ side: PayReceive, _ rate: LegRate, _ dayCount: DayCount, _ frequency: String)
            throws -> SwapLeg
        {
            SwapLeg(
                payReceive: side,
                currency: .eur,
                notional: 1e7,
                rate: rate,
                dayCount: dayCount,
                schedule: Schedule(
                    startDate: PrototypeCases.date(terms.start),
                    endDate: PrototypeCases.date(terms.end),
                    frequency: try #require(Tenor(text: frequency)),
                    calendar: .target
                )
            )
        }
        let index = try #require(InterestRateIndex(name: terms.index))
        let floating = LegRate.floating(
            index: index,
            spread: terms.spread,
            fixingDays: terms.fixingDays,
            forecast: forecast
        )
        return .swap(
            Swap(
                fixedLeg: try leg(.pay, .fixed(0.025), .thirty360, "1Y"),
                floatingLeg: try leg(.receive, floating, .actual360, terms.frequency)
            )
        )
    }
}

/// The euro market of the faults f01 to f09 on 2026-01-15: two flat curves.
struct EuroMarket {
    var valuationDate = PrototypeCases.date("2026-01-15")
    var discountRate = 0.02
    var forwardRate = 0.05

    func snapshot(forecasting name: String) -> MarketSnapshot {
        func flat(_ id: String, _ rate: Double) -> Curve {
            Curve(
                id: id,
                currency: .eur,
                valueType: .zeroRate,
                nodes: [CurveNode(date: valuationDate, value: rate)]
            )
        }
        var snapshot = MarketSnapshot(
            name: "M",
            valuationDate: valuationDate,
            baseCurrency: .eur,
            curves: [flat("DISC", discountRate), flat("FWD", forwardRate)],
            discountCurves: [.eur: "DISC"]
        )
        guard let index = InterestRateIndex(name: name) else { return snapshot }
        snapshot.forwardCurves = [index: "FWD"]
        snapshot.fixings = [
            ("2025-07-10", 0.021), ("2025-07-14", 0.021), ("2025-12-18", 0.0235),
            ("2026-01-12", 0.021), ("2026-01-14", 0.0212),
        ].map { Fixing(index: index, date: PrototypeCases.date($0.0), value: $0.1) }
        return snapshot
    }
}
