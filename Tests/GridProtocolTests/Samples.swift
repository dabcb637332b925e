import Finance
import Testing

/// Trades and markets of the tests.
enum Samples {
    static func date(_ text: String) throws -> CalendarDate {
        try #require(CalendarDate(iso: text))
    }

    static func index(_ name: String) throws -> InterestRateIndex {
        try #require(InterestRateIndex(name: name))
    }

    static func swap(rate: Double = 0.025, fixingDays: Int? = nil) throws -> Product {
        let fixed = SwapLeg(
            payReceive: .pay,
            currency: .eur,
            notional: 1e7,
            rate: .fixed(rate),
            dayCount: .thirty360,
            paymentConvention: .modifiedFollowing,
            schedule: Schedule(
                startDate: try date("2026-01-19"),
                endDate: try date("2031-01-19"),
                frequency: try #require(Tenor(1, .years)),
                calendar: .target,
                convention: .modifiedFollowing,
                roll: .backward
            )
        )
        let floating = SwapLeg(
            payReceive: .receive,
            currency: .eur,
            notional: 1e7,
            rate: .floating(
                index: try index("EUR-EURIBOR-6M"),
                spread: -0.001,
                fixingDays: fixingDays
            ),
            dayCount: .actual360,
            paymentConvention: .following,
            schedule: Schedule(
                startDate: try date("2026-01-19"),
                endDate: try date("2031-01-19"),
                frequency: try #require(Tenor(6, .months)),
                calendar: .london,
                convention: .preceding,
                endOfMonth: true
            )
        )
        return .swap(Swap(fixedLeg: fixed, floatingLeg: floating))
    }

    static func products() throws -> [Product] {
        [
            try swap(),
            .forwardRateAgreement(
                ForwardRateAgreement(
                    longShort: .short,
                    notional: 1e6,
                    rate: -0.01,
                    index: try index("USD-LIBOR-3M"),
                    startDate: try date("2026-03-18"),
                    endDate: try date("2026-06-18")
                )
            ),
            .equityOption(
                EquityOption(
                    underlying: "SP5",
                    currency: .usd,
                    longShort: .short,
                    optionType: .put,
                    style: .american,
                    strike: 40,
                    expiryDate: try date("2027-01-15"),
                    quantity: 12.5,
                    method: .qdFp
                )
            ),
            .equityOption(
                EquityOption(
                    underlying: "DAX",
                    currency: .eur,
                    optionType: .call,
                    style: .european,
                    strike: 100,
                    expiryDate: try date("1969-12-31")
                )
            ),
            try swap(rate: 0, fixingDays: 0),
            try swap(rate: 0.1, fixingDays: 2),
        ]
    }

    static func trades() throws -> [Trade] {
        try products().enumerated().map { position, product in
            Trade(
                id: try #require(TradeID(rawValue: "T-\(position) é")),
                book: position % 2 == 0 ? "RATES" : "",
                counterparty: "CPTY_A",
                nettingSet: "NS",
                product: product
            )
        }
    }

    static func snapshot() throws -> MarketSnapshot {
        func curve(_ id: String, _ valueType: Curve.ValueType) throws -> Curve {
            Curve(
                id: id,
                currency: .eur,
                valueType: valueType,
                dayCount: .actual360,
                extrapolation: .none,
                nodes: [
                    CurveNode(date: try date("2026-01-15"), value: 1, label: "0D"),
                    CurveNode(date: try date("2027-01-15"), value: 0.98),
                ]
            )
        }
        return MarketSnapshot(
            name: "EOD-2026-01-15",
            valuationDate: try date("2026-01-15"),
            baseCurrency: .eur,
            curves: [
                try curve("EUR-ESTR", .discountFactor), try curve("EUR-6M", .zeroRate),
                Curve(
                    id: "FLAT",
                    currency: .usd,
                    valueType: .zeroRate,
                    nodes: [CurveNode(date: try date("2026-01-15"), value: 0)]
                ),
            ],
            discountCurves: [.eur: "EUR-ESTR", .usd: "FLAT", .gbp: "FLAT"],
            forwardCurves: [
                try index("EUR-EURIBOR-6M"): "EUR-6M", try index("USD-LIBOR-3M"): "FLAT",
            ],
            exchangeRates: [
                ExchangeRate(base: .eur, quote: .usd, value: 1.13),
                ExchangeRate(base: .eur, quote: .gbp, value: 0.84),
                ExchangeRate(base: .chf, quote: .eur, value: 1.07),
            ],
            equities: [
                Equity(
                    id: "SP5",
                    currency: .usd,
                    spot: 5_000,
                    dividendCurve: "FLAT",
                    fundingCurve: "FLAT",
                    volatility: "SP5-VOL"
                ),
                Equity(
                    id: "DAX",
                    currency: .eur,
                    spot: 17_000,
                    dividendCurve: "FLAT",
                    fundingCurve: "FLAT",
                    volatility: "SP5-VOL"
                ),
            ],
            volatilities: [
                FlatVolatility(id: "SP5-VOL", value: 0.25),
                FlatVolatility(
                    id: "A-VOL",
                    value: 0.2,
                    referenceDate: try date("2026-01-17"),
                    dayCount: .actual360
                ),
            ],
            fixings: [
                Fixing(index: try index("USD-LIBOR-3M"), date: try date("2026-01-13"), value: 0.05),
                Fixing(
                    index: try index("EUR-EURIBOR-6M"),
                    date: try date("2026-01-14"),
                    value: 0.0211
                ),
                Fixing(
                    index: try index("EUR-EURIBOR-6M"),
                    date: try date("2026-01-13"),
                    value: 0.021
                ),
            ]
        )
    }
}
