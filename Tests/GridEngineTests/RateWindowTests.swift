import Testing

@testable import GridEngine

@Suite struct RateWindowTests {
    private func counts(_ batches: UInt64) -> EngineCounts {
        var counts = EngineCounts()
        counts.batchesPriced = batches
        counts.tradesPriced = batches * 100
        return counts
    }

    @Test func hasNoRateAtTheFirstLook() {
        var window = RateWindow()
        let rate = window.look(counts(7), at: 1_000_000)
        #expect(rate == RateWindow.Rate())
    }

    @Test func isTheMeanOverTheWindowAndForgetsWhatWasBefore() {
        var window = RateWindow()
        // Ten batches a second for 20 s, then none.
        var rate = RateWindow.Rate()
        for second in 0...20 {
            rate = window.look(counts(UInt64(second * 10)), at: Int64(second) * 1_000_000)
        }
        #expect(rate == RateWindow.Rate(batches: 10, trades: 1_000))
        for second in 21...25 {
            rate = window.look(counts(200), at: Int64(second) * 1_000_000)
        }
        #expect(rate == RateWindow.Rate(batches: 5, trades: 500))
        for second in 26...30 {
            rate = window.look(counts(200), at: Int64(second) * 1_000_000)
        }
        #expect(rate == RateWindow.Rate())
    }

    @Test func aClockThatGoesBackBeginsAnew() {
        var window = RateWindow()
        _ = window.look(counts(0), at: 50_000_000)
        let first = window.look(counts(10), at: 10_000_000)
        #expect(first == RateWindow.Rate())
        let second = window.look(counts(20), at: 12_000_000)
        #expect(second.batches == 5)
    }

    @Test func manyLooksTakeNoMoreThanTheirBound() {
        var window = RateWindow()
        var rate = RateWindow.Rate()
        for look in 0...100_000 {
            rate = window.look(counts(UInt64(look)), at: Int64(look) * 1_000)
        }
        #expect(abs(rate.batches - 1_000) < 1)
    }
}
