import Finance
import Foundation
import Pricing
import Testing

/// Numbers worked out here, without QuantLib.
@Suite(.timeLimit(.minutes(1))) struct ClosedFormTests {
    @Test(
        arguments: [EquityOption.OptionType.call, .put],
        [(80.0, 30), (100, 180), (100, 720), (130, 360)]
    )
    func europeanOptionsAreBlackScholes(
        type: EquityOption.OptionType,
        terms: (strike: Double, days: Int)
    ) throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(
            market.option(type, terms.strike, days: terms.days),
            metrics: greeks
        )
        let exact = BlackScholes(
            market: market,
            sign: type == .call ? 1 : -1,
            strike: terms.strike,
            years: Double(terms.days) / 360
        )
        #expect(isClose(try result.value(.npv), exact.price, relative: 1e-10))
        #expect(isClose(try result.value(.delta), exact.delta, relative: 1e-10))
        #expect(isClose(try result.value(.gamma), exact.gamma, relative: 1e-9))
        #expect(isClose(try result.value(.vega), exact.vega / 100, relative: 1e-9))
        #expect(isClose(try result.value(.rho), exact.rho / 10_000, relative: 1e-9))
        let tomorrow = BlackScholes(
            market: market,
            sign: type == .call ? 1 : -1,
            strike: terms.strike,
            years: Double(terms.days - 1) / 360
        )
        #expect(abs(try result.value(.theta) - (tomorrow.price - exact.price)) < 1e-11)
    }

    @Test func callsAndPutsAreInParity() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        for strike in [50.0, 99, 100, 175] {
            let call = try session.price(
                market.option(.call, strike, days: 300),
                metrics: [.npv]
            ).value(.npv)
            let put = try session.price(
                market.option(.put, strike, days: 300),
                metrics: [.npv]
            ).value(.npv)
            let years = 300.0 / 360
            let forward =
                market.spot * exp(-market.dividend * years) - strike * exp(-market.rate * years)
            #expect(abs(call - put - forward) < 1e-11)
        }
    }

    /// The first coupon is fixed; the others are worth factor(start) - factor(end) of the rest,
    /// as the curve that discounts them also forecasts them.
    @Test func aSwapOnAFlatCurveIsItsDiscountedFlows() throws {
        let market = RatesMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(
            try market.swap(.receive, rate: 0.03),
            metrics: [.npv, .parRate]
        )
        // Twelve months of no calendar: four coupons of 3 months.
        let dates = ["2026-01-15", "2026-04-15", "2026-07-15", "2026-10-15", "2027-01-15"]
            .map(PrototypeCases.date)
        var annuity = 0.0
        for (start, end) in zip(dates, dates.dropFirst()) {
            annuity += Double(end.days(since: start)) / 360 * market.factor(end)
        }
        let first = Double(dates[1].days(since: dates[0])) / 360 * market.fixing
        let floating = (1 + first) * market.factor(dates[1]) - market.factor(dates[4])
        let npv = market.notional * (0.03 * annuity - floating)
        #expect(abs(try result.value(.npv) - npv) < 1e-7)
        #expect(isClose(try result.value(.parRate), floating / annuity, relative: 1e-12))
    }

    @Test func aForwardRateAgreementIsTheDiscountedDifferenceOfRates() throws {
        let market = RatesMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let start = PrototypeCases.date("2026-07-15")
        let end = PrototypeCases.date("2026-10-15")
        let product = Product.forwardRateAgreement(
            ForwardRateAgreement(
                longShort: .long,
                notional: market.notional,
                rate: 0.03,
                index: try market.index,
                startDate: start,
                endDate: end
            )
        )
        let result = session.price(product, metrics: [.npv, .fwdRate])
        let years = Double(end.days(since: start)) / 360
        let forward = (market.factor(start) / market.factor(end) - 1) / years
        #expect(isClose(try result.value(.fwdRate), forward, relative: 1e-11))
        let npv =
            market.notional * (forward - 0.03) * years / (1 + forward * years)
            * market.factor(start)
        #expect(abs(try result.value(.npv) - npv) < 1e-7)
    }
}

/// The formula of Black and Scholes with a dividend yield; greeks per year and per 1.00.
struct BlackScholes {
    let price, delta, gamma, vega, rho: Double

    init(market: ShareMarket, sign: Double, strike: Double, years: Double) {
        let (spot, rate, yield, sigma) =
            (market.spot, market.rate, market.dividend, market.volatility)
        let deviation = sigma * years.squareRoot()
        let d1 = (log(spot / strike) + (rate - yield + sigma * sigma / 2) * years) / deviation
        let d2 = d1 - deviation
        func normal(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }
        let density = exp(-d1 * d1 / 2) / (2 * Double.pi).squareRoot()
        let carried = spot * exp(-yield * years)
        let discounted = strike * exp(-rate * years)
        price = sign * (carried * normal(sign * d1) - discounted * normal(sign * d2))
        delta = sign * exp(-yield * years) * normal(sign * d1)
        gamma = exp(-yield * years) * density / (spot * deviation)
        vega = carried * density * years.squareRoot()
        rho = sign * discounted * years * normal(sign * d2)
    }
}

/// One flat Act/360 curve that discounts dollars and forecasts Term SOFR.
struct RatesMarket {
    var valuationDate = PrototypeCases.date("2026-01-15")
    var rate = 0.04
    /// Of the coupon that runs from the valuation date.
    let fixing = 0.041
    let notional = 1_000_000.0

    var index: InterestRateIndex {
        get throws { try #require(InterestRateIndex(name: "USD-SOFR-3M")) }
    }

    func factor(_ date: CalendarDate) -> Double {
        exp(-rate * Double(date.days(since: valuationDate)) / 360)
    }

    var snapshot: MarketSnapshot {
        get throws {
            MarketSnapshot(
                name: "flat",
                valuationDate: valuationDate,
                baseCurrency: .usd,
                curves: [
                    Curve(
                        id: "USD",
                        currency: .usd,
                        valueType: .zeroRate,
                        dayCount: .actual360,
                        nodes: [CurveNode(date: valuationDate, value: rate)]
                    )
                ],
                discountCurves: [.usd: "USD"],
                forwardCurves: [try index: "USD"],
                fixings: [
                    Fixing(
                        index: try index,
                        date: PrototypeCases.date("2026-01-13"),
                        value: fixing
                    )
                ]
            )
        }
    }

    /// A year of quarters without a calendar, from the valuation date.
    func swap(_ side: PayReceive, rate: Double) throws -> Product {
        let schedule = Schedule(
            startDate: valuationDate,
            endDate: PrototypeCases.date("2027-01-15"),
            frequency: try #require(Tenor(3, .months)),
            calendar: .none
        )
        func leg(_ side: PayReceive, _ rate: LegRate) -> SwapLeg {
            SwapLeg(
                payReceive: side,
                currency: .usd,
                notional: notional,
                rate: rate,
                dayCount: .actual360,
                schedule: schedule
            )
        }
        return .swap(
            Swap(
                fixedLeg: leg(side, .fixed(rate)),
                floatingLeg: leg(
                    side == .pay ? .receive : .pay,
                    .floating(index: try index, spread: 0, fixingDays: nil)
                )
            )
        )
    }
}
