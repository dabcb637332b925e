import Finance
import Pricing
import Testing

/// What must hold of any prices.
@Suite(.timeLimit(.minutes(1))) struct PropertyTests {
    @Test func theTwoSidesOfASwapAddUpToNothing() throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let received = try #require(PrototypeCases.swap)
        guard case .swap(var swap) = received else { return }
        swap.fixedLeg.payReceive = .pay
        swap.floatingLeg.payReceive = .receive
        let metrics: [Metric] = [.npv, .parRate, .irDelta]
        let one = session.price(received, metrics: metrics)
        let other = session.price(.swap(swap), metrics: metrics)
        #expect(try one.value(.npv) == -other.value(.npv))
        #expect(abs(try one.value(.irDelta) + other.value(.irDelta)) < 1e-8)
        #expect(isClose(try one.value(.parRate), try other.value(.parRate)))
    }

    @Test(arguments: [0.0, 0.0013])
    func aSwapAtItsParRateIsWorthNothing(spread: Double) throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        guard case .swap(var swap)? = PrototypeCases.swap,
            case .floating(let index, _, _, _) = swap.floatingLeg.rate
        else { return }
        swap.floatingLeg.rate = .floating(index: index, spread: spread, fixingDays: nil)
        let par = try session.price(.swap(swap), metrics: [.parRate]).value(.parRate)
        swap.fixedLeg.rate = .fixed(par)
        #expect(abs(try session.price(.swap(swap), metrics: [.npv]).value(.npv)) < 1e-6)
    }

    /// Second-order terms apart, moving all nodes is moving each.
    @Test func bucketsAddUpToTheParallelShift() throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let product = try #require(PrototypeCases.swap)
        let delta = try #require(session.price(product, metrics: [.irDelta])[.irDelta])
        let sum = delta.factors.reduce(0) { $0 + $1.value }
        #expect(isClose(sum, delta.value, relative: 1e-4))
    }

    @Test func aShiftLeavesTheCurvesAsTheyWere() throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let product = try #require(PrototypeCases.swap)
        let before = try session.price(product, metrics: [.npv]).value(.npv)
        _ = session.price(product, metrics: [.irDelta])
        #expect(try session.price(product, metrics: [.npv]).value(.npv) == before)
    }

    @Test func shortPositionsAndQuantitiesScaleEveryNumber() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        for style in EquityOption.Style.allCases {
            let one = session.price(
                market.option(.put, 105, days: 200, style: style),
                metrics: greeks
            )
            let written = session.price(
                market.option(
                    .put,
                    105,
                    days: 200,
                    style: style,
                    longShort: .short,
                    quantity: 250
                ),
                metrics: greeks
            )
            for metric in greeks {
                #expect(isClose(try written.value(metric), try one.value(metric) * -250))
            }
        }
    }

    @Test func anAmericanPutIsWorthMoreThanTheEuropeanAndAtLeastItsExercise() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        for strike in [80.0, 100, 120, 150] {
            let european = try session.price(
                market.option(.put, strike, days: 360),
                metrics: [.npv]
            ).value(.npv)
            for engine in [EquityOption.Method?.none, .finiteDifferences, .ju] {
                let american = try session.price(
                    market.option(.put, strike, days: 360, style: .american, method: engine),
                    metrics: [.npv]
                ).value(.npv)
                #expect(american > european - 1e-3)
                #expect(american >= strike - market.spot - 1e-3)
            }
        }
    }

    /// Bumped greeks against those that finite differences read off their grid, and, for a call
    /// that is never exercised early, against the closed form.
    @Test func americanGreeksAgreeBetweenEngines() throws {
        var market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let bumped = session.price(
            market.option(.put, 105, days: 250, style: .american),
            metrics: greeks
        )
        let grid = session.price(
            market.option(.put, 105, days: 250, style: .american, method: .finiteDifferences),
            metrics: greeks
        )
        for metric in greeks {
            #expect(
                isClose(try bumped.value(metric), try grid.value(metric), relative: 0.01),
                "\(metric)"
            )
        }
        market.dividend = 0
        let other = try PricingSession(snapshot: market.snapshot)
        let american = other.price(
            market.option(.call, 105, days: 250, style: .american),
            metrics: greeks
        )
        let european = other.price(market.option(.call, 105, days: 250), metrics: greeks)
        for metric in greeks {
            #expect(
                isClose(try american.value(metric), try european.value(metric), relative: 5e-3),
                "\(metric)"
            )
        }
    }

    @Test func amountsAreAlsoGivenInTheBaseCurrency() throws {
        let market = ShareMarket()
        var snapshot = market.snapshot
        snapshot.baseCurrency = .eur
        snapshot.exchangeRates = [ExchangeRate(base: .eur, quote: .usd, value: 1.25)]
        let session = try PricingSession(snapshot: snapshot)
        let result = session.price(market.option(.call, 100, days: 90), metrics: greeks)
        for metric in greeks {
            let value = try #require(result[metric])
            if metric.unit == .currency {
                #expect(isClose(try #require(value.baseValue), value.value / 1.25))
            } else {
                #expect(value.baseValue == nil)
            }
        }
    }

    @Test func metricsComeInTheOrderAskedFor() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(
            market.option(.call, 100, days: 90),
            metrics: [.vega, .parRate, .npv, .delta]
        )
        guard case .priced(let values) = result.outcome else { return }
        #expect(values.map(\.metric) == [.vega, .npv, .delta])
    }

    @Test func aSwapWithOnlyFloatingPeriodsLeftHasNoParRate() throws {
        var market = RatesMarket()
        guard case .swap(var swap) = try market.swap(.pay, rate: 0.03) else { return }
        swap.fixedLeg.schedule.endDate = PrototypeCases.date("2026-04-15")
        market.valuationDate = PrototypeCases.date("2026-05-15")
        var snapshot = try market.snapshot
        for day in ["2026-04-15", "2026-04-13", "2026-01-15"] {
            snapshot.fixings.append(
                Fixing(index: try market.index, date: PrototypeCases.date(day), value: 0.04)
            )
        }
        let session = try PricingSession(snapshot: snapshot)
        let both = session.price(.swap(swap), metrics: [.npv, .parRate])
        #expect(both[.npv] != nil && both[.parRate] == nil)
        let alone = session.price(.swap(swap), metrics: [.parRate])
        #expect(alone.failure?.code == .pricingFailed)
    }
}
