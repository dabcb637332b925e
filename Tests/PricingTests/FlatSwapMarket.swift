import Finance
import Pricing
import Testing

/// Swaps on flat curves, with terms that a test changes.
struct FlatSwapMarket {
    var currency = Currency.eur
    var valuationDate = PrototypeCases.date("2026-01-15")
    /// Zero rates, continuous, Actual/365 (Fixed).
    var discount = 0.0
    var forward = 0.0
    /// Indices by the names under which the snapshot has them.
    var indices = ["EUR-EURIBOR-6M"]
    var fixings: [(index: String, date: String, value: Double)] = []
    var notional = 10_000_000.0

    var snapshot: MarketSnapshot {
        get throws {
            func flat(_ id: String, _ rate: Double) -> Curve {
                Curve(
                    id: id,
                    currency: currency,
                    valueType: .zeroRate,
                    nodes: [CurveNode(date: valuationDate, value: rate)]
                )
            }
            var forwards: [InterestRateIndex: String] = [:]
            for name in indices {
                forwards[try #require(InterestRateIndex(name: name))] = "FWD"
            }
            return MarketSnapshot(
                name: "flat",
                valuationDate: valuationDate,
                baseCurrency: currency,
                curves: [flat("DISC", discount), flat("FWD", forward)],
                discountCurves: [currency: "DISC"],
                forwardCurves: forwards,
                fixings: try fixings.map {
                    Fixing(
                        index: try #require(InterestRateIndex(name: $0.index)),
                        date: PrototypeCases.date($0.date),
                        value: $0.value
                    )
                }
            )
        }
    }

    /// Makes a schedule, of Euro swaps by default.
    func schedule(
        _ start: String,
        _ end: String,
        _ frequency: String,
        calendar: BusinessCalendar = .target,
        convention: BusinessDayConvention = .modifiedFollowing,
        roll: ScheduleRoll = .forward,
        endOfMonth: Bool = false
    ) throws -> Schedule {
        Schedule(
            startDate: PrototypeCases.date(start),
            endDate: PrototypeCases.date(end),
            frequency: try #require(Tenor(text: frequency)),
            calendar: calendar,
            convention: convention,
            roll: roll,
            endOfMonth: endOfMonth
        )
    }

    /// Makes a swap whose legs have one schedule, unless the floating leg has its own.
    ///
    /// Rates are forecast over the period, as the values of the tests are by hand.
    func swap(
        _ side: PayReceive,
        rate: Double,
        dayCount: DayCount = .thirty360,
        schedule: Schedule,
        floatingSchedule: Schedule? = nil,
        index: String? = nil
    ) throws -> Product {
        let name = try #require(index ?? indices.first)
        func leg(_ side: PayReceive, _ rate: LegRate, _ dayCount: DayCount, _ schedule: Schedule)
            -> SwapLeg
        {
            SwapLeg(
                payReceive: side,
                currency: currency,
                notional: notional,
                rate: rate,
                dayCount: dayCount,
                schedule: schedule
            )
        }
        return .swap(
            Swap(
                fixedLeg: leg(side, .fixed(rate), dayCount, schedule),
                floatingLeg: leg(
                    side == .pay ? .receive : .pay,
                    .floating(
                        index: try #require(InterestRateIndex(name: name)),
                        spread: 0,
                        fixingDays: nil,
                        forecast: .period
                    ),
                    .actual360,
                    floatingSchedule ?? schedule
                )
            )
        )
    }

    /// Returns the NPV of a product on this market.
    func npv(_ product: Product) throws -> Double {
        try PricingSession(snapshot: snapshot).price(product, metrics: [.npv]).value(.npv)
    }

    /// Returns the sum of the fractions of a year of a fixed leg: where rates are zero, what it is
    /// worth in units of notional times rate.
    func years(_ dayCount: DayCount, _ schedule: Schedule) throws -> Double {
        var market = self
        market.discount = 0
        market.forward = 0
        let swap = try market.swap(.receive, rate: 0.5, dayCount: dayCount, schedule: schedule)
        return try market.npv(swap) / (0.5 * market.notional)
    }
}
