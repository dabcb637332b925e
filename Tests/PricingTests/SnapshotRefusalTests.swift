import Finance
import Testing

@testable import Pricing

/// Snapshots that QuantLib must not be given.
@Suite(.timeLimit(.minutes(1))) struct SnapshotRefusalTests {
    @Test func aSnapshotWithANumberOutOfRangeIsRefused() throws {
        func refuses(_ field: String, _ change: (inout MarketSnapshot) -> Void) {
            var snapshot = ShareMarket().snapshot
            change(&snapshot)
            do throws(PricingError) {
                _ = try PricingSession(snapshot: snapshot)
                Issue.record("\(field) was accepted")
            } catch {
                #expect(error.code == .invalidSnapshot)
                #expect(error.field == field)
                #expect(!error.message.isEmpty)
            }
        }
        refuses("volatilities[0].value") { $0.volatilities[0].value = -0.2 }
        refuses("volatilities[0].value") { $0.volatilities[0].value = .nan }
        refuses("equities[0].spot") { $0.equities[0].spot = .infinity }
        refuses("equities[0].spot") { $0.equities[0].spot = 0 }
        refuses("equities[0].dividendCurve") { $0.equities[0].dividendCurve = "NONE" }
        refuses("equities[0].volatility") { $0.equities[0].volatility = "NONE" }
        refuses("curves[0].nodes[0].value") { $0.curves[0].nodes[0].value = .nan }
        refuses("curves[0].nodes") { $0.curves[0].nodes = [] }
        refuses("curveGroup.discount.USD") { $0.discountCurves[.usd] = "NONE" }
        refuses("curves[0].nodes[1].date") {
            $0.curves[0].nodes.append($0.curves[0].nodes[0])
        }
        refuses("curves[0].nodes[0].value") { snapshot in
            snapshot.curves[0].valueType = .discountFactor
            snapshot.curves[0].nodes = [
                CurveNode(date: snapshot.valuationDate, value: 0.99),
                CurveNode(date: snapshot.valuationDate.adding(days: 365), value: 0.95),
            ]
        }
        refuses("curves[0].nodes[1].value") { snapshot in
            snapshot.curves[0].valueType = .discountFactor
            snapshot.curves[0].nodes = [
                CurveNode(date: snapshot.valuationDate, value: 1),
                CurveNode(date: snapshot.valuationDate.adding(days: 365), value: 0),
            ]
        }
    }

    @Test func anIndexOfDaysIsRefusedByName() throws {
        var snapshot = PrototypeCases.swapSnapshot()
        let index = try #require(PrototypeCases.index("EUR-EURIBOR-2D"))
        snapshot.forwardCurves[index] = "EUR-6M"
        do throws(PricingError) {
            _ = try PricingSession(snapshot: snapshot)
            Issue.record("it was accepted")
        } catch {
            #expect(error.code == .invalidSnapshot)
            #expect(error.field == "curveGroup.forward.EUR-EURIBOR-2D")
        }
    }
}
