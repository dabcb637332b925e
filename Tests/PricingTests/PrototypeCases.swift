import Finance
import Foundation

/// The three trades of the prototype, as values, each with the snapshot it was priced on.
enum PrototypeCases {
    /// Shows a mistake in a constant at once, without a crash.
    static func date(_ iso: String) -> CalendarDate {
        CalendarDate(iso: iso) ?? CalendarDate(daysSince1970: 0)
    }

    static func index(_ name: String) -> InterestRateIndex? { InterestRateIndex(name: name) }

    // MARK: Swap

    /// Receives 2 % fixed on 10,000,000 against Euribor 6M for five years; par coupons, as the
    /// prototype's QuantLib had them.
    static var swap: Product? {
        guard let euribor = index("EUR-EURIBOR-6M"), let sixMonths = Tenor(6, .months) else {
            return nil
        }
        let schedule = Schedule(
            startDate: date("2013-12-26"),
            endDate: date("2018-12-26"),
            frequency: sixMonths,
            calendar: .target
        )
        func leg(_ side: PayReceive, _ rate: LegRate) -> SwapLeg {
            SwapLeg(
                payReceive: side,
                currency: .eur,
                notional: 10_000_000,
                rate: rate,
                dayCount: .actual360,
                schedule: schedule
            )
        }
        return .swap(
            Swap(
                fixedLeg: leg(.receive, .fixed(0.02)),
                floatingLeg: leg(
                    .pay,
                    .floating(index: euribor, spread: 0, fixingDays: nil, forecast: .period)
                )
            )
        )
    }

    static func swapSnapshot(valuationDate: String = "2013-12-26") -> MarketSnapshot {
        var snapshot = MarketSnapshot(
            name: "prototype swap",
            valuationDate: date(valuationDate),
            baseCurrency: .eur,
            curves: [
                Curve(
                    id: "EUR-6M",
                    currency: .eur,
                    dayCount: .actual360,
                    nodes: swapNodes.map { CurveNode(date: date($0.0), value: $0.1) }
                )
            ],
            discountCurves: [.eur: "EUR-6M"]
        )
        if let euribor = index("EUR-EURIBOR-6M") {
            snapshot.forwardCurves = [euribor: "EUR-6M"]
            snapshot.fixings = [Fixing(index: euribor, date: date("2013-12-23"), value: 0)]
        }
        return snapshot
    }

    static let swapNodes: [(String, Double)] = [
        ("2013-12-26", 1.0), ("2014-06-30", 0.998022), ("2014-07-30", 0.99771),
        ("2014-08-29", 0.99739), ("2014-09-30", 0.997017), ("2014-10-30", 0.996671),
        ("2014-11-28", 0.996337), ("2014-12-30", 0.995921), ("2015-01-30", 0.995522),
        ("2015-02-27", 0.995157), ("2015-03-30", 0.994706), ("2015-04-30", 0.994248),
        ("2015-05-29", 0.993805), ("2015-06-30", 0.993285), ("2015-12-30", 0.989614),
        ("2016-12-30", 0.978541), ("2017-12-29", 0.961973), ("2018-12-31", 0.940868),
        ("2019-12-30", 0.916831), ("2020-12-30", 0.890805), ("2021-12-30", 0.863413),
        ("2022-12-30", 0.834987), ("2023-12-29", 0.807111), ("2024-12-30", 0.778332),
        ("2025-12-30", 0.750525), ("2028-12-29", 0.674707), ("2033-12-30", 0.575192),
        ("2038-12-30", 0.501258), ("2043-12-30", 0.44131), ("2048-12-30", 0.384733),
        ("2053-12-30", 0.340425), ("2058-12-30", 0.294694), ("2063-12-31", 0.260792),
    ]

    // MARK: Forward rate agreement

    /// The prototype's agreement with its dates put right: its own period has 115 days on a
    /// three-month index, and settles on the valuation date, 25 days before its curve begins.
    static var forwardRateAgreement: Product? {
        index("EUR-EURIBOR-3M").map { euribor in
            .forwardRateAgreement(
                ForwardRateAgreement(
                    longShort: .long,
                    notional: 100,
                    rate: 0.05,
                    index: euribor,
                    startDate: date("2017-05-02"),
                    endDate: date("2017-08-02")
                )
            )
        }
    }

    static var forwardRateSnapshot: MarketSnapshot {
        var snapshot = MarketSnapshot(
            name: "prototype FRA",
            valuationDate: date("2017-04-28"),
            baseCurrency: .eur,
            curves: [
                Curve(
                    id: "EUR-FLAT",
                    currency: .eur,
                    valueType: .zeroRate,
                    dayCount: .actual360,
                    nodes: [CurveNode(date: date("2017-04-28"), value: 0.09)]
                )
            ],
            discountCurves: [.eur: "EUR-FLAT"]
        )
        if let euribor = index("EUR-EURIBOR-3M") {
            snapshot.forwardCurves = [euribor: "EUR-FLAT"]
            snapshot.fixings = [Fixing(index: euribor, date: date("2017-04-27"), value: 0.04)]
        }
        return snapshot
    }

    /// 100 lent at the fixing of 4 % for the 92 days of the agreement, discounted over 96 days.
    static let forwardRateSpotValue = 100 * (1 + 0.04 * 92 / 360) * exp(-0.09 * 96 / 360)

    // MARK: Option

    static var option: Product {
        .equityOption(
            EquityOption(
                underlying: "STOCK",
                currency: .usd,
                optionType: .put,
                style: .european,
                strike: 40,
                expiryDate: date("1999-05-17")
            )
        )
    }

    /// Valued on the day from which its curves and its volatility count, to which the prototype's
    /// values belong; its evaluation date was two days before.
    static var optionSnapshot: MarketSnapshot {
        func flat(_ id: String, _ rate: Double) -> Curve {
            Curve(
                id: id,
                currency: .usd,
                valueType: .zeroRate,
                dayCount: .actual365Fixed,
                nodes: [CurveNode(date: date("1998-05-17"), value: rate)]
            )
        }
        return MarketSnapshot(
            name: "prototype option",
            valuationDate: date("1998-05-17"),
            baseCurrency: .usd,
            curves: [flat("USD", 0.06), flat("STOCK-DIV", 0)],
            equities: [
                Equity(
                    id: "STOCK",
                    currency: .usd,
                    spot: 36,
                    dividendCurve: "STOCK-DIV",
                    fundingCurve: "USD",
                    volatility: "STOCK-VOL"
                )
            ],
            volatilities: [
                FlatVolatility(id: "STOCK-VOL", value: 0.2, referenceDate: date("1998-05-17"))
            ]
        )
    }
}
