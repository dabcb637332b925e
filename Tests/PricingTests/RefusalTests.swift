import Finance
import Testing

@testable import Pricing

/// Input that QuantLib does not survive, prices without a word, or refuses in its own words.
@Suite(.timeLimit(.minutes(1))) struct RefusalTests {
    // MARK: Trades

    @Test(arguments: [
        ("legs.fixed.notional", Double.nan, 0.02), ("legs.fixed.notional", .infinity, 0.02),
        ("legs.fixed.notional", -1e6, 0.02), ("legs.fixed.notional", 1e308, 0.02),
        ("legs.fixed.rate", 1e6, .nan), ("legs.fixed.rate", 1e6, .infinity),
        ("legs.fixed.rate", 1e6, 2.5),
    ])
    func aSwapWithANumberOutOfRangeIsInvalid(
        field: String,
        notional: Double,
        rate: Double
    ) throws {
        let market = RatesMarket()
        guard case .swap(var swap) = try market.swap(.pay, rate: rate) else { return }
        swap.fixedLeg.notional = notional
        swap.floatingLeg.notional = notional
        try expectFailure(.swap(swap), .invalidTrade, field, in: market)
    }

    @Test func aSwapOfMisshapenPeriodsIsInvalid() throws {
        let market = RatesMarket()
        guard case .swap(let swap) = try market.swap(.pay, rate: 0.03) else { return }
        var backwards = swap
        backwards.floatingLeg.schedule.endDate = swap.floatingLeg.schedule.startDate
        try expectFailure(
            .swap(backwards),
            .invalidTrade,
            "legs.floating.schedule.endDate",
            in: market
        )
        var daily = swap
        daily.fixedLeg.schedule.frequency = try #require(Tenor(1, .days))
        daily.fixedLeg.schedule.endDate = PrototypeCases.date("2066-01-15")
        try expectFailure(
            .swap(daily),
            .invalidTrade,
            "legs.fixed.schedule.frequency",
            in: market
        )
        var long = swap
        long.fixedLeg.schedule.endDate = PrototypeCases.date("2199-01-15")
        try expectFailure(.swap(long), .invalidTrade, "legs.fixed.schedule.endDate", in: market)
    }

    @Test(arguments: [0, -40, .nan, .infinity])
    func anOptionWithoutAProperStrikeIsInvalid(strike: Double) throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(market.option(.call, strike, days: 90), metrics: [.npv])
        #expect(result.failure?.code == .invalidTrade)
        #expect(result.failure?.field == "strike")
    }

    @Test func anOptionInAnotherCurrencyThanItsUnderlyingIsInvalid() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        guard case .equityOption(var option) = market.option(.call, 100, days: 9) else { return }
        option.currency = .chf
        let result = session.price(.equityOption(option), metrics: [.npv])
        #expect(result.failure?.code == .invalidTrade)
        #expect(result.failure?.field == "currency")
    }

    @Test func aTradeToWhichNoMetricAppliesSaysSo() throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        let result = session.price(
            market.option(.call, 100, days: 9),
            metrics: [.parRate, .irDelta]
        )
        #expect(result.failure?.code == .unsupportedMetric)
        #expect(result.failure?.message.contains("ParRate, IRDelta") == true)
    }

    // MARK: Expired trades

    @Test(arguments: [0, -1, -400])
    func anOptionOnOrAfterItsLastDayIsExpired(days: Int) throws {
        let market = ShareMarket()
        let session = try PricingSession(snapshot: market.snapshot)
        for style in EquityOption.Style.allCases {
            let option = market.option(.call, 50, days: days, style: style)
            #expect(session.price(option, metrics: greeks).outcome == .expired)
        }
    }

    /// The swap ends on a holiday and pays on 2018-12-27.
    @Test(arguments: [("2018-12-27", true), ("2018-12-28", true), ("2018-12-26", false)])
    func aSwapIsExpiredOnceItsLastPaymentIsMade(date: String, isExpired: Bool) throws {
        var snapshot = PrototypeCases.swapSnapshot(valuationDate: date)
        snapshot.curves[0].nodes = [
            CurveNode(date: PrototypeCases.date(date), value: 1),
            CurveNode(date: PrototypeCases.date("2020-12-27"), value: 0.99),
        ]
        if let index = PrototypeCases.index("EUR-EURIBOR-6M") {
            snapshot.fixings = ["2018-06-22", "2018-06-25"].map {
                Fixing(index: index, date: PrototypeCases.date($0), value: 0.01)
            }
        }
        let session = try PricingSession(snapshot: snapshot)
        let result = session.price(try #require(PrototypeCases.swap), metrics: [.npv])
        #expect((result.outcome == .expired) == isExpired)
        #expect((result[.npv] != nil) == !isExpired)
    }

    /// It is paid on its start date, 2017-05-02: as a swap's last payment, on the valuation date it
    /// does not count.
    @Test(arguments: [("2017-05-01", false), ("2017-05-02", true), ("2017-05-03", true)])
    func aForwardRateAgreementIsExpiredOnceItIsPaid(date: String, isExpired: Bool) throws {
        var snapshot = PrototypeCases.forwardRateSnapshot
        snapshot.valuationDate = PrototypeCases.date(date)
        snapshot.curves[0].nodes[0].date = snapshot.valuationDate
        let session = try PricingSession(snapshot: snapshot)
        let product = try #require(PrototypeCases.forwardRateAgreement)
        let result = session.price(product, metrics: [.npv, .fwdRate])
        #expect((result.outcome == .expired) == isExpired)
        #expect((result[.npv] != nil) == !isExpired)
    }

    // MARK: Missing market data

    @Test func aMissingFixingIsNamedWithItsDay() throws {
        var snapshot = PrototypeCases.swapSnapshot()
        snapshot.fixings = []
        let session = try PricingSession(snapshot: snapshot)
        let product = try #require(PrototypeCases.swap)
        let failure = try #require(session.price(product, metrics: [.npv]).failure)
        #expect(failure.code == .missingFixing)
        #expect(failure.field == "fixings")
        #expect(
            failure.message == "The snapshot has no fixing of EUR-EURIBOR-6M for 2013-12-23."
        )
        var other = PrototypeCases.forwardRateSnapshot
        other.fixings = []
        let fra = try #require(PrototypeCases.forwardRateAgreement)
        let result = try PricingSession(snapshot: other).price(fra, metrics: [.npv])
        #expect(result.failure?.code == .missingFixing)
        #expect(result.failure?.message.contains("2017-04-27") == true)
    }

    @Test func aMissingCurveIsNamed() throws {
        let product = try #require(PrototypeCases.swap)
        var snapshot = PrototypeCases.swapSnapshot()
        snapshot.forwardCurves = [:]
        var failure = try PricingSession(snapshot: snapshot).price(product, metrics: [.npv]).failure
        #expect(failure?.code == .missingMarketData)
        #expect(failure?.field == "curveGroup.forward.EUR-EURIBOR-6M")
        snapshot.discountCurves = [:]
        failure = try PricingSession(snapshot: snapshot).price(product, metrics: [.npv]).failure
        #expect(failure?.code == .missingMarketData)
        #expect(failure?.field == "curveGroup.discount.EUR")
    }

    @Test func aMissingEquityOrExchangeRateIsNamed() throws {
        let market = ShareMarket()
        var snapshot = market.snapshot
        snapshot.baseCurrency = .jpy
        let session = try PricingSession(snapshot: snapshot)
        let option = market.option(.call, 100, days: 90)
        let failure = session.price(option, metrics: [.npv]).failure
        #expect(failure?.code == .missingMarketData)
        #expect(failure?.field == "fxRates")
        #expect(failure?.message.contains("from USD to JPY") == true)
        #expect(try session.price(option, metrics: [.delta]).value(.delta) > 0)
        guard case .equityOption(var other) = option else { return }
        other.underlying = "NONE"
        let unknown = session.price(.equityOption(other), metrics: [.npv]).failure
        #expect(unknown?.code == .missingMarketData)
        #expect(unknown?.field == "equities")
    }

    @Test func aCurveThatDoesNotReachTheTradeIsNamed() throws {
        let product = try #require(PrototypeCases.swap)
        var short = PrototypeCases.swapSnapshot()
        short.curves[0].nodes.removeLast(20)
        short.curves[0].extrapolation = .none
        let session = try PricingSession(snapshot: short)
        let failure = session.price(product, metrics: [.npv, .irDelta]).failure
        #expect(failure?.code == .missingMarketData, "\(String(describing: failure))")
        #expect(failure?.field == "curves")
        #expect(
            failure?.message
                == "The last rate of EUR-EURIBOR-6M needs EUR-6M up to 2018-12-27; the curve ends on "
                + "2015-05-29 and does not extrapolate. Give it a later node, or the extrapolation "
                + "FlatForward."
        )
    }

    @Test func aPriceThatIsNoNumberIsAnError() throws {
        var market = ShareMarket()
        market.spot = .infinity
        let session = try PricingSession(unchecked: market.snapshot)
        let failure = session.price(market.option(.call, 100, days: 90), metrics: [.npv]).failure
        #expect(failure?.code == .notFinite || failure?.code == .pricingFailed)
        #expect(failure?.message.isEmpty == false)
    }

    @Test func aFailedTradeLeavesTheSessionUsable() throws {
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let product = try #require(PrototypeCases.swap)
        let before = try session.price(product, metrics: [.npv]).value(.npv)
        guard case .swap(var swap) = product else { return }
        swap.floatingLeg.schedule.startDate = PrototypeCases.date("2010-12-26")
        #expect(session.price(.swap(swap), metrics: [.npv, .irDelta]).failure != nil)
        #expect(try session.price(product, metrics: [.npv]).value(.npv) == before)
    }

    // MARK: Private

    private func expectFailure(
        _ product: Product,
        _ code: FailureReason.Code,
        _ field: String,
        in market: RatesMarket
    ) throws {
        let session = try PricingSession(snapshot: market.snapshot)
        let failure = session.price(product, metrics: [.npv]).failure
        #expect(failure?.code == code)
        #expect(failure?.field == field)
        #expect(failure?.message.isEmpty == false)
    }

    // MARK: Numbers that are none

    @Test(arguments: [Double.nan, .infinity, -.infinity])
    func aNumberThatIsNoneIsAFailureWhateverGaveIt(number: Double) throws {
        let session = try PricingSession(snapshot: ShareMarket().snapshot)
        let failure = try #require(session.priceDisturbed(by: number, metrics: [.npv]).failure)
        #expect(failure.code == .notFinite)
        #expect(failure.field == "NPV")
        // The next trade is priced as ever.
        let sound = session.priceDisturbed(by: 1.5, metrics: [.npv])
        #expect(try sound.value(.npv) == 1.5)
    }
}
