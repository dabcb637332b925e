import Finance
import Foundation
import Testing

@testable import Pricing

/// What counts on the valuation date, and that curves begin there.
@Suite(.timeLimit(.minutes(1))) struct ValuationDateTests {
    private let market = EuroMarket(forwardRate: 0.025)

    /// f01: the coupon of 500,000 is paid a day after the valuation date.
    ///
    /// By hand as in
    /// IndexForecastTests; 1,574,189.66 with par coupons.
    @Test(arguments: [(LegRate.Forecast.index, 1_574_173.263192), (.period, 1_574_189.664805)])
    func aCouponPaidTomorrowCounts(forecast: LegRate.Forecast, expected: Double) throws {
        let session = try PricingSession(snapshot: market.snapshot(forecasting: "EUR-EURIBOR-6M"))
        let value = try session.price(couponTomorrow(forecast), metrics: [.npv]).value(.npv)
        #expect(abs(value - expected) < 1e-5)
    }

    /// From spot QuantLib drops the coupon and answers 1,181,803.51; stale it counts one again.
    @Test(arguments: ["2026-01-19", "2026-01-16", "2026-01-14", "2025-12-31"])
    func aCurveThatBeginsOnAnotherDayIsRefused(day: String) throws {
        for position in 0...1 {
            var snapshot = market.snapshot(forecasting: "EUR-EURIBOR-6M")
            snapshot.curves[position].nodes[0].date = PrototypeCases.date(day)
            do throws(PricingError) {
                _ = try PricingSession(snapshot: snapshot)
                Issue.record("it was accepted")
            } catch {
                #expect(error.code == .invalidSnapshot)
                #expect(error.field == "curves[\(position)].nodes[0].date")
                #expect(error.message.contains("`\(position == 0 ? "DISC" : "FWD")`"))
                #expect(error.message.contains(day) && error.message.contains("2026-01-15"))
            }
        }
    }

    /// The payment of 2026-01-16 on the day of it, the day before and the day after.
    @Test(arguments: ["2026-01-15", "2026-01-16", "2026-01-17"])
    func whatIsPaidOnTheValuationDateDoesNotCount(day: String) throws {
        let today = PrototypeCases.date(day)
        let payment = PrototypeCases.date("2026-01-16")
        var later = EuroMarket(valuationDate: today, forwardRate: 0.025)
        later.discountRate = 0
        let session = try PricingSession(snapshot: later.snapshot(forecasting: "EUR-EURIBOR-6M"))
        guard case .swap(var swap) = try couponTomorrow(.index) else { return }
        // One period each; 5 % of ten millions less the fixing of 2025-07-14, 2.1 % on 184 days.
        swap.fixedLeg.schedule.endDate = payment
        swap.floatingLeg.schedule.startDate = PrototypeCases.date("2025-07-16")
        swap.floatingLeg.schedule.endDate = payment
        let result = session.price(.swap(swap), metrics: [.npv])
        if today < payment {
            #expect(abs(try result.value(.npv) - (5e5 - 1e7 * 0.021 * 184 / 360)) < 1e-6)
        } else {
            #expect(result.outcome == .expired)
        }
    }

    /// QuantLib's analytic engine counts time from the reference date, its finite differences from
    /// the curve's: 5.55 and 5.11 for a put of six months on a volatility of a month ago.
    @Test(arguments: [0, -1, -30, -400])
    func aVolatilityOfAnEarlierDayCountsFromTheValuationDate(days: Int) throws {
        let market = ShareMarket()
        var snapshot = market.snapshot
        snapshot.volatilities[0].referenceDate = market.valuationDate.adding(days: days)
        let option = market.option(.put, 100, days: 181)
        let exact = BlackScholes(market: market, sign: -1, strike: 100, years: 181.0 / 360)
        let result = try PricingSession(snapshot: snapshot).price(option, metrics: greeks)
        #expect(isClose(try result.value(.npv), exact.price, relative: 1e-10))
        #expect(isClose(try result.value(.vega), exact.vega / 100, relative: 1e-9))
    }

    // MARK: Floating legs that are paid

    /// The fixed leg goes on for a year after the floating leg's last payment, 2026-01-12.
    @Test func aSwapWithOnlyFixedCouponsLeftNeedsNoForwardCurve() throws {
        guard case .swap(var swap) = try couponTomorrow(.index) else { return }
        swap.fixedLeg.schedule.endDate = PrototypeCases.date("2027-01-15")
        swap.floatingLeg.schedule.startDate = PrototypeCases.date("2025-01-10")
        swap.floatingLeg.schedule.endDate = PrototypeCases.date("2026-01-12")
        var snapshot = market.snapshot(forecasting: "EUR-EURIBOR-6M")
        let metrics: [Metric] = [.npv, .parRate, .irDelta]
        let with = try PricingSession(snapshot: snapshot).price(.swap(swap), metrics: metrics)
        snapshot.forwardCurves = [:]
        snapshot.fixings = []
        let without = try PricingSession(snapshot: snapshot).price(.swap(swap), metrics: metrics)
        func flow(_ amount: Double, days: Double) -> Double { amount * exp(-0.02 * days / 365) }
        // 30/360: a year to 2026-01-16, a day less than a year to 2027-01-15.
        let npv = flow(5e5, days: 1) + flow(5e5 * 359 / 360, days: 365)
        #expect(abs(try without.value(.npv) - npv) < 1e-6, "\(without.outcome)")
        #expect(try without.value(.npv) == with.value(.npv))
        #expect(try without.value(.irDelta) == with.value(.irDelta))
        #expect(abs(try without.value(.parRate)) < 1e-12)
        let names = try #require(without[.irDelta]).factors.map(\.name)
        #expect(names == ["DISC/2026-01-15"])
    }

    @Test func aFloatingPaymentThatIsLeftNeedsTheForwardCurve() throws {
        guard case .swap(let swap) = try couponTomorrow(.index) else { return }
        var snapshot = market.snapshot(forecasting: "EUR-EURIBOR-6M")
        snapshot.forwardCurves = [:]
        let failure = try PricingSession(snapshot: snapshot).price(.swap(swap), metrics: [.npv])
            .failure
        #expect(failure?.code == .missingMarketData)
        #expect(failure?.message == "The snapshot has no forward curve for EUR-EURIBOR-6M.")
    }

    // MARK: Private

    /// f01's swap: receives 5 % against Euribor 6M from 2025-01-16.
    private func couponTomorrow(_ forecast: LegRate.Forecast) throws -> Product {
        let index = try #require(InterestRateIndex(name: "EUR-EURIBOR-6M"))
        func leg(_ side: PayReceive, _ rate: LegRate, _ dayCount: DayCount, _ months: Int) throws
            -> SwapLeg
        {
            SwapLeg(
                payReceive: side,
                currency: .eur,
                notional: 1e7,
                rate: rate,
                dayCount: dayCount,
                schedule: Schedule(
                    startDate: PrototypeCases.date("2025-01-16"),
                    endDate: PrototypeCases.date("2031-01-16"),
                    frequency: try #require(Tenor(months, .months)),
                    calendar: .target
                )
            )
        }
        let floating = LegRate.floating(
            index: index,
            spread: 0,
            fixingDays: nil,
            forecast: forecast
        )
        return .swap(
            Swap(
                fixedLeg: try leg(.receive, .fixed(0.05), .thirty360, 12),
                floatingLeg: try leg(.pay, floating, .actual360, 6)
            )
        )
    }
}
