import CQuantLib
import Finance
import Foundation
import Testing

@testable import Pricing

/// Swaps and forward rate agreements against Open Source Risk Engine and QuantLib.
///
/// Both publish par coupons.
@Suite(.timeLimit(.minutes(2))) struct RatesReferenceTests {
    @Test func everyCaseOfOpenSourceRiskEngineHasItsPublishedValue() throws {
        let file = try published("ore-rates")
        let markets = try file.object("markets")
        var checked = 0
        for item in try publishedCases("ore-rates") {
            let id = try item.text("id")
            let snapshot = try snapshot(of: markets.object(item.text("market")))
            let product = try product(of: item)
            let session = try PricingSession(snapshot: snapshot)
            let result = session.price(product, metrics: [.npv])
            let value =
                if case .forwardRateAgreement(let fra) = product {
                    try unchecked(fra, result, session)
                } else {
                    try result.value(.npv)
                }
            let expected = try item.object("expected").number("npv")
            #expect(abs(value - expected) <= max(2e-6, 1e-8 * abs(expected)), "\(id): \(value)")
            checked += 1
        }
        #expect(checked == 9)
    }

    /// Returns what the library makes of a published agreement whose period is not its index's,
    /// 19 years on six months, which is refused.
    private func unchecked(
        _ fra: ForwardRateAgreement,
        _ result: TradeResult,
        _ session: PricingSession
    ) throws -> Double {
        #expect(result.failure?.code == .invalidTrade)
        #expect(result.failure?.field == "endDate")
        var terms = cql_fra(
            start: fra.startDate.serialNumber,
            end: fra.endDate.serialNumber,
            notional: fra.notional,
            rate: fra.rate,
            is_long: fra.longShort == .long ? 1 : 0,
            index: try #require(session.tables.indices[fra.index]).position,
            discount_curve: try #require(session.tables.discountCurves[fra.index.currency]),
            wanted: CQL_NPV.rawValue
        )
        var numbers = cql_rates_result()
        var error = cql_error()
        #expect(cql_price_fra(session.handle, &terms, &numbers, nil, nil, &error) == 0)
        return numbers.npv
    }

    @Test func bucketsAreThoseOfOpenSourceRiskEngine() throws {
        let file = try published("ore-swap-sensitivities")
        let terms = try #require(
            try publishedCases("ore-rates").first { try $0.text("id") == "E15.SWAP_EUR" }
        )
        let item = try #require((file["sensitivities"] as? [[String: Any]])?.first)
        var market: [String: Any] = ["valuationDate": try file.text("valuationDate")]
        market["curves"] = try file.object("curves").mapValues { ["nodes": $0] }
        let snapshot = try snapshot(of: market)
        let result = try PricingSession(snapshot: snapshot).price(
            product(of: terms),
            metrics: [.npv, .irDelta]
        )
        let npv = try result.value(.npv)
        let published = try item.number("baseNpv")
        #expect(abs(npv - published) < 0.005001)
        let delta = try #require(result[.irDelta])
        let factors = try #require(item["factors"] as? [[String: Any]])
        for factor in factors {
            // DiscountCurve/EUR/0/6M: the number counts nodes after the reference date.
            let parts = try factor.text("factor").split(separator: "/")
            let curve = parts[0] == "DiscountCurve" ? "EUR.DISCOUNT" : "EUR-EURIBOR-6M.FORWARD"
            let nodes = try #require(snapshot.curves.first { $0.id == curve }?.nodes)
            let node = nodes[try #require(Int(parts[2])) + 1]
            let value = try delta.factor("\(curve)/\(node.date)")
            let published = try factor.number("delta")
            #expect(abs(value - published) < 0.005001, "\(parts)")
        }
        #expect(factors.count == 18)
    }

    /// Published as of the curve's reference date, two days after the valuation date; with par
    /// coupons.
    @Test func theCachedSwapOfQuantLibHasItsValue() throws {
        let terms = try #require(try publishedCases("rates").first)
        let reference = try terms.date("curveReference")
        let euribor = try #require(InterestRateIndex(name: terms.text("index")))
        let valuationDate = try terms.date("valuationDate")
        let rate = try terms.number("flatRate")
        let snapshot = MarketSnapshot(
            name: "cached",
            valuationDate: valuationDate,
            baseCurrency: .eur,
            curves: [
                Curve(
                    id: "FLAT",
                    currency: .eur,
                    valueType: .zeroRate,
                    nodes: [CurveNode(date: valuationDate, value: rate)]
                )
            ],
            discountCurves: [.eur: "FLAT"],
            forwardCurves: [euribor: "FLAT"]
        )
        let start = try terms.date("startDate")
        let end = try #require(CalendarDate(iso: "2012-06-19"))
        func leg(
            _ side: PayReceive,
            _ rate: LegRate,
            _ dayCount: DayCount,
            _ tenor: Tenor?,
            _ convention: BusinessDayConvention
        ) throws -> SwapLeg {
            SwapLeg(
                payReceive: side,
                currency: .eur,
                notional: try terms.number("notional"),
                rate: rate,
                dayCount: dayCount,
                paymentConvention: .modifiedFollowing,
                schedule: Schedule(
                    startDate: start,
                    endDate: end,
                    frequency: try #require(tenor),
                    calendar: .target,
                    convention: convention
                )
            )
        }
        let swap = Swap(
            fixedLeg: try leg(
                .pay,
                .fixed(try terms.number("fixedRate")),
                .thirty360,
                Tenor(1, .years),
                .unadjusted
            ),
            floatingLeg: try leg(
                .receive,
                .floating(
                    index: euribor,
                    spread: try terms.number("floatSpread"),
                    fixingDays: nil,
                    forecast: .period
                ),
                .actual360,
                Tenor(6, .months),
                .modifiedFollowing
            )
        )
        let value = try PricingSession(snapshot: snapshot).price(.swap(swap), metrics: [.npv])
            .value(.npv)
        let expected = try terms.object("expected").number("npv")
        let tolerance = try terms.number("absTol")
        let days = Double(reference.days(since: valuationDate))
        #expect(abs(value * exp(rate * days / 365) - expected) <= tolerance)
    }

    // MARK: Private

    private func snapshot(of market: [String: Any]) throws -> MarketSnapshot {
        var snapshot = MarketSnapshot(
            name: "ORE",
            valuationDate: try market.date("valuationDate"),
            baseCurrency: .eur
        )
        for (id, curve) in try market.object("curves") {
            let curve = try #require(curve as? [String: Any])
            let nodes = try #require(curve["nodes"] as? [[Any]])
            snapshot.curves.append(
                Curve(
                    id: id,
                    currency: .eur,
                    nodes: try nodes.map { node in
                        CurveNode(
                            date: try #require(CalendarDate(iso: (node[0] as? String) ?? "")),
                            value: try #require((node[1] as? NSNumber)?.doubleValue)
                        )
                    }
                )
            )
            if let index = InterestRateIndex(name: id.replacing(".FORWARD", with: "")) {
                snapshot.forwardCurves[index] = id
            } else {
                snapshot.discountCurves[.eur] = id
            }
        }
        for (name, fixings) in (market["fixings"] as? [String: [String: Any]]) ?? [:] {
            let index = try #require(InterestRateIndex(name: name))
            for (day, _) in fixings {
                snapshot.fixings.append(
                    Fixing(
                        index: index,
                        date: try #require(CalendarDate(iso: day)),
                        value: try fixings.number(day)
                    )
                )
            }
        }
        return snapshot
    }

    private func product(of item: [String: Any]) throws -> Product {
        let terms = try item.object("terms")
        if try item.text("productType") == "ForwardRateAgreement" {
            return .forwardRateAgreement(
                ForwardRateAgreement(
                    longShort: try #require(LongShort(rawValue: terms.text("longShort"))),
                    notional: try terms.number("notional"),
                    rate: try terms.number("strike"),
                    index: try #require(InterestRateIndex(name: terms.text("index"))),
                    startDate: try terms.date("startDate"),
                    endDate: try terms.date("endDate")
                )
            )
        }
        let legs = try #require(terms["legs"] as? [[String: Any]])
        let fixed = try #require(try legs.first { try $0.text("legType") == "Fixed" })
        let floating = try #require(try legs.first { try $0.text("legType") == "Floating" })
        return .swap(Swap(fixedLeg: try leg(of: fixed), floatingLeg: try leg(of: floating)))
    }

    private func leg(of terms: [String: Any]) throws -> SwapLeg {
        let dayCounts: [String: DayCount] = [
            "30/360 (Bond Basis)": .thirty360, "Actual/360": .actual360,
            "Actual/Actual (ISDA)": .actualActualISDA,
        ]
        let rate: LegRate
        if try terms.text("legType") == "Fixed" {
            rate = .fixed(try #require(terms["rates"] as? [Double]).first ?? 0)
        } else {
            rate = .floating(
                index: try #require(InterestRateIndex(name: terms.text("index"))),
                spread: (terms["spreads"] as? [Double])?.first ?? 0,
                fixingDays: (terms["fixingDays"] as? NSNumber)?.intValue,
                forecast: .period
            )
        }
        let schedule = try terms.object("schedule")
        return SwapLeg(
            payReceive: try #require(PayReceive(rawValue: terms.text("payReceive"))),
            currency: .eur,
            notional: try #require((terms["notionals"] as? [Double])?.first),
            rate: rate,
            dayCount: try #require(dayCounts[terms.text("dayCount")]),
            paymentConvention: try #require(
                BusinessDayConvention(rawValue: terms.text("paymentConvention"))
            ),
            schedule: Schedule(
                startDate: try schedule.date("startDate"),
                endDate: try schedule.date("endDate"),
                frequency: try #require(Tenor(text: schedule.text("tenor"))),
                calendar: .target,
                convention: try #require(
                    BusinessDayConvention(rawValue: schedule.text("convention"))
                )
            )
        )
    }
}
