import Finance
import Pricing
import Testing

/// QuantLib has one evaluation date for the process; sessions must not see each other's.
@Suite(.timeLimit(.minutes(1))) struct InterleavingTests {
    @Test func sessionsOfDifferentDatesEachGetTheirOwnNumbers() throws {
        let swap = try #require(PrototypeCases.swap)
        let fra = try #require(PrototypeCases.forwardRateAgreement)
        let published = try published("prototype")
        let npv = try published.object("NPV").number("npv")
        let price = try published.object("OptionPV").object("engines").number("AnalyticEuropean")
        let swaps = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let agreements = try PricingSession(snapshot: PrototypeCases.forwardRateSnapshot)
        let options = try PricingSession(snapshot: PrototypeCases.optionSnapshot)
        for _ in 0..<20 {
            #expect(isClose(try swaps.price(swap, metrics: [.npv]).value(.npv), npv))
            let forward = agreements.price(fra, metrics: [.fwdRate])[.fwdRate]
            #expect(
                isClose(
                    try #require(forward).factor("SpotValue"),
                    PrototypeCases.forwardRateSpotValue
                )
            )
            let option = options.price(PrototypeCases.option, metrics: [.npv])
            #expect(isClose(try option.value(.npv), price))
        }
    }

    /// The same day has another fixing in each snapshot, and one snapshot has none.
    @Test func fixingsStayInTheirSnapshot() throws {
        let swap = try #require(PrototypeCases.swap)
        var higher = PrototypeCases.swapSnapshot()
        higher.fixings[0].value = 0.01
        var none = PrototypeCases.swapSnapshot()
        none.fixings = []
        let first = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let second = try PricingSession(snapshot: higher)
        let third = try PricingSession(snapshot: none)
        let lower = try first.price(swap, metrics: [.npv]).value(.npv)
        for _ in 0..<3 {
            #expect(try second.price(swap, metrics: [.npv]).value(.npv) < lower - 10_000)
            #expect(third.price(swap, metrics: [.npv]).failure?.code == .missingFixing)
            #expect(try first.price(swap, metrics: [.npv]).value(.npv) == lower)
        }
    }

    @Test func aSessionMadeAndDroppedInBetweenChangesNothing() throws {
        let swap = try #require(PrototypeCases.swap)
        let session = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
        let before = try session.price(swap, metrics: [.npv]).value(.npv)
        do {
            let other = try PricingSession(snapshot: PrototypeCases.optionSnapshot)
            try other.activate()
        }
        #expect(try session.price(swap, metrics: [.npv]).value(.npv) == before)
    }

    /// A day later on the same curve nodes: other time to each flow, other value.
    @Test func anOptionADayLaterIsWorthItsOwnDaysPrice() throws {
        var market = ShareMarket()
        let today = try PricingSession(snapshot: market.snapshot)
        let option = market.option(.put, 100, days: 100, style: .american)
        market.valuationDate = market.valuationDate.adding(days: 1)
        let tomorrow = try PricingSession(snapshot: market.snapshot)
        let theta = try today.price(option, metrics: [.theta]).value(.theta)
        let change =
            try tomorrow.price(option, metrics: [.npv]).value(.npv)
            - today.price(option, metrics: [.npv]).value(.npv)
        #expect(abs(theta - change) < 1e-9)
    }

    /// QuantLib itself would crash: the sessions of four threads take turns.
    @Test func sessionsOnSeveralThreadsGetTheirOwnNumbers() async throws {
        let swap = try #require(PrototypeCases.swap)
        let npv = try published("prototype").object("NPV").number("npv")
        let allRight = try await withThrowingTaskGroup(of: Bool.self) { group in
            for lane in 0..<4 {
                group.addTask {
                    var isRight = true
                    for _ in 0..<50 {
                        let options = try PricingSession(snapshot: PrototypeCases.optionSnapshot)
                        _ = options.price(PrototypeCases.option, metrics: greeks)
                        guard lane % 2 == 0 else { continue }
                        let swaps = try PricingSession(snapshot: PrototypeCases.swapSnapshot())
                        let value = try swaps.price(swap, metrics: [.npv, .irDelta]).value(.npv)
                        isRight = isRight && isClose(value, npv)
                    }
                    return isRight
                }
            }
            return try await group.reduce(true) { $0 && $1 }
        }
        #expect(allRight)
    }
}
