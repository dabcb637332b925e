import Finance
import Testing

@testable import GridEngine

@Suite struct BatchBisectionTests {
    private let crash = FailureReason(code: .pricerCrashed, message: "signal 11")

    /// Plays a batch in which the pricer dies over every part that holds a killer.
    private func play(
        _ count: Int,
        killers: Set<Int>,
        attemptsOfOneTrade: Int = 2
    ) -> (delivered: [Int], failed: [Int], attempts: Int, deaths: Int) {
        var supervision = BatchBisection(
            tradeCount: count,
            limits: PricingLimits(attemptsOfOneTrade: attemptsOfOneTrade)
        )
        var ranges: [[UInt8]: Range<Int>] = [:]
        var deaths = 0
        while let work = supervision.next {
            if work.range.contains(where: killers.contains) {
                _ = supervision.failed(with: crash)
                deaths += 1
            } else {
                let token = Array("\(work.range)".utf8)
                ranges[token] = work.range
                supervision.succeeded(with: token)
            }
        }
        var delivered: [Int] = []
        var failed: [Int] = []
        for part in supervision.parts {
            switch part {
            case .priced(let token): delivered += ranges[token].map(Array.init) ?? []
            case .failed(let position, _): failed.append(position)
            }
        }
        return (delivered, failed, supervision.attempts, deaths)
    }

    @Test func aSoundBatchTakesOneAttempt() {
        let outcome = play(100, killers: [])
        #expect(outcome.delivered == Array(0..<100))
        #expect(outcome.failed.isEmpty)
        #expect(outcome.attempts == 1)
    }

    @Test(arguments: [0, 1, 49, 50, 98, 99])
    func oneKillerFailsAloneAndCostsAboutTwoLogTwoAttempts(killer: Int) {
        let outcome = play(100, killers: [killer])
        #expect(outcome.failed == [killer])
        #expect(outcome.delivered == (0..<100).filter { $0 != killer })
        #expect(outcome.attempts <= 2 * 7 + 2)
        // A pricer for each halving, 100 to 1, and one more as a trade alone is tried twice; below
        // 2 log2(100) = 13.3.
        #expect((8...9).contains(outcome.deaths))
    }

    @Test(arguments: [[0, 1], [0, 99], [49, 50], [24, 74], [98, 99]])
    func twoKillersCostAtMostTwiceAsMuch(killers: [Int]) {
        let outcome = play(100, killers: Set(killers))
        #expect(outcome.failed == killers)
        #expect(outcome.delivered.count == 98)
        #expect(outcome.deaths <= 2 * 9 - 1)
    }

    @Test func everyTradeEndsOnceWhateverKills() {
        for pattern in 0..<256 {
            let killers = Set((0..<8).filter { pattern & (1 << $0) != 0 })
            let outcome = play(8, killers: killers)
            #expect(outcome.failed == killers.sorted())
            #expect((outcome.delivered + outcome.failed).sorted() == Array(0..<8))
        }
    }

    @Test func aPricerKilledOnceFromOutsideCostsNoTrade() {
        var supervision = BatchBisection(tradeCount: 1, limits: PricingLimits())
        #expect(supervision.failed(with: crash) == nil)
        #expect(supervision.next == .init(range: 0..<1, earlierTries: 1))
        supervision.succeeded(with: [1])
        #expect(supervision.next == nil)
        #expect(supervision.parts == [.priced([1])])
    }

    @Test func partsComeInTheOrderOfTheBatch() {
        var supervision = BatchBisection(tradeCount: 4, limits: PricingLimits())
        _ = supervision.failed(with: crash)
        #expect(supervision.next?.range == 0..<2)
        supervision.succeeded(with: [0])
        #expect(supervision.next?.range == 2..<4)
    }

    @Test func anAbandonedBatchFailsEveryOpenTradeInOrder() {
        let reason = FailureReason(code: .missingSnapshot, message: "it did not arrive")
        var supervision = BatchBisection(tradeCount: 5, limits: PricingLimits())
        _ = supervision.failed(with: crash)
        supervision.succeeded(with: [9])
        supervision.abandon(because: reason)
        #expect(
            supervision.parts
                == [.priced([9])] + (2..<5).map { .failed($0, reason) }
        )
    }

    @Test func anEmptyBatchIsDone() {
        #expect(BatchBisection(tradeCount: 0, limits: PricingLimits()).next == nil)
    }

    @Test func limitsGrowWithTheNumberOfTrades() {
        let limits = PricingLimits(base: .seconds(10), perTrade: .milliseconds(500))
        #expect(limits.limit(for: 100) == .seconds(60))
        #expect(limits.limit(for: 1) == .milliseconds(10_500))
    }
}
