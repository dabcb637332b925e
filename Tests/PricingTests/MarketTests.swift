import Finance
import Foundation
import Pricing
import Testing

/// Curves and indices of a snapshot as trades see them.
@Suite(.timeLimit(.minutes(1))) struct MarketTests {
    private let today = PrototypeCases.date("2026-03-12")

    /// Each index has no fixing; those that fix before the period need one.
    @Test(arguments: [
        ("EUR-EURIBOR-6M", "2026-03-11"), ("USD-LIBOR-3M", "2026-03-11"),
        ("CHF-LIBOR-6M", "2026-03-11"), ("JPY-LIBOR-6M", "2026-03-11"),
        ("JPY-TIBOR-3M", "2026-03-11"), ("USD-SOFR-3M", "2026-03-11"),
        ("GBP-LIBOR-6M", nil), ("GBP-SONIA-3M", nil), ("EUR-EURIBOR-1W", "2026-03-11"),
        ("USD-SOFR-12M", "2026-03-11"),
    ])
    func anIndexFixesOnItsOwnDay(name: String, day: String?) throws {
        let index = try #require(InterestRateIndex(name: name))
        let session = try PricingSession(
            snapshot: snapshot(index, nodes: [(0, 0.03), (730, 0.03)])
        )
        let result = session.price(agreement(index, from: 1), metrics: [.npv, .fwdRate])
        if let day {
            #expect(
                result.failure?.message == "The snapshot has no fixing of \(name) for \(day)."
            )
        } else {
            #expect(try result.value(.fwdRate) > 0.029)
        }
    }

    @Test(arguments: Curve.ValueType.allCases, Curve.Interpolation.allCases)
    func aCurveInterpolatesAsItSays(
        type: Curve.ValueType,
        interpolation: Curve.Interpolation
    ) throws {
        let index = try #require(InterestRateIndex(name: "GBP-SONIA-3M"))
        let nodes = [(0, 0.03), (365, 0.03), (730, 0.05)]
        let session = try PricingSession(
            snapshot: snapshot(index, nodes: nodes, type: type, interpolation: interpolation)
        )
        let forward = try session.price(agreement(index, from: 456), metrics: [.fwdRate])
            .value(.fwdRate)
        func zeroTimesYears(_ days: Int) -> Double {
            let years = Double(days) / 365
            let part = years - 1
            return switch interpolation {
            case .linearZero: (0.03 + 0.02 * part) * years
            case .logLinearDiscount: 0.03 + (0.1 - 0.03) * part
            }
        }
        // Three months after Friday 2027-06-11 is Monday 2027-09-13.
        let years = 94.0 / 365
        let expected = (exp(zeroTimesYears(456 + 94) - zeroTimesYears(456)) - 1) / years
        #expect(isClose(forward, expected, relative: 1e-10))
    }

    /// The same curve as factors and as rates, in a day count that is not the bump's.
    @Test func sensitivitiesDoNotDependOnHowACurveIsWritten() throws {
        let index = try #require(InterestRateIndex(name: "GBP-SONIA-3M"))
        let nodes = [(0, 0.03), (200, 0.031), (365, 0.03), (730, 0.05)]
        let deltas = try Curve.ValueType.allCases.map { type in
            let session = try PricingSession(
                snapshot: snapshot(
                    index,
                    nodes: nodes,
                    type: type,
                    interpolation: .logLinearDiscount,
                    dayCount: .actual360
                )
            )
            return try #require(
                session.price(agreement(index, from: 300), metrics: [.irDelta])[.irDelta]
            )
        }
        #expect(abs(deltas[0].value - deltas[1].value) < 1e-8)
        #expect(deltas[0].factors.map(\.name) == deltas[1].factors.map(\.name))
        for (one, other) in zip(deltas[0].factors, deltas[1].factors) {
            #expect(abs(one.value - other.value) < 1e-8)
        }
        #expect(deltas[0].factors.count >= 2)
    }

    /// A node between two needed days matters, one past the next node does not.
    @Test func bucketsOfTwoCurvesAreNamedByCurveAndNode() throws {
        let index = try #require(InterestRateIndex(name: "GBP-SONIA-3M"))
        var snapshot = snapshot(index, nodes: [(0, 0.03), (365, 0.03), (730, 0.05), (1095, 0.05)])
        var discount = snapshot.curves[0]
        discount.id = "OTHER"
        snapshot.curves.append(discount)
        snapshot.discountCurves[.gbp] = "OTHER"
        let session = try PricingSession(snapshot: snapshot)
        let delta = try #require(
            session.price(agreement(index, from: 100), metrics: [.irDelta])[.irDelta]
        )
        #expect(delta.factors.map(\.name) == ["OTHER/2027-03-12", "FORWARD/2027-03-12"])
        let sum = delta.factors.reduce(0) { $0 + $1.value }
        #expect(isClose(sum, delta.value, relative: 1e-3))
    }

    // MARK: Private

    private func snapshot(
        _ index: InterestRateIndex,
        nodes: [(Int, Double)],
        type: Curve.ValueType = .zeroRate,
        interpolation: Curve.Interpolation = .logLinearDiscount,
        dayCount: DayCount = .actual365Fixed
    ) -> MarketSnapshot {
        let basis = dayCount == .actual360 ? 360.0 : 365
        let curve = Curve(
            id: "FORWARD",
            currency: index.currency,
            valueType: type,
            dayCount: dayCount,
            interpolation: interpolation,
            nodes: nodes.map { days, rate in
                CurveNode(
                    date: today.adding(days: days),
                    value: type == .zeroRate ? rate : exp(-rate * Double(days) / basis)
                )
            }
        )
        return MarketSnapshot(
            name: "market",
            valuationDate: today,
            baseCurrency: index.currency,
            curves: [curve],
            discountCurves: [index.currency: "FORWARD"],
            forwardCurves: [index: "FORWARD"]
        )
    }

    /// A period of the index's tenor.
    private func agreement(_ index: InterestRateIndex, from: Int) -> Product {
        let start = today.adding(days: from)
        return .forwardRateAgreement(
            ForwardRateAgreement(
                longShort: .long,
                notional: 1e8,
                rate: 0.03,
                index: index,
                startDate: start,
                endDate: start.adding(index.tenor) ?? start
            )
        )
    }
}
