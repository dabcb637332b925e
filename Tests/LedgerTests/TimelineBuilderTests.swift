import GridAPI
import Testing

@testable import AggregatorAPI
@testable import Ledger

@Suite struct TimelineBuilderTests {
    private static let second: Int64 = 1_000_000

    private func row(
        _ index: Int,
        _ engine: String,
        _ taken: Double,
        _ priced: Double,
        trades: Int = 100
    ) -> BatchRow {
        func micros(_ seconds: Double) -> Int64 { Int64(seconds * 1e6) }
        return BatchRow(
            index: index,
            trades: trades,
            result: BatchRow.Result(
                priced: trades,
                failed: 0,
                expired: 0,
                engine: engine,
                attempt: 1,
                takenAt: micros(taken),
                pricedAt: micros(priced),
                joinedAt: micros(priced)
            )
        )
    }

    @Test func aBatchCountsInEachBinThatItTouches() {
        var builder = TimelineBuilder(from: 0, to: 10 * Self.second, bins: 10)
        builder.add(row(0, "a", 1.5, 4.25))
        let timeline = builder.timeline
        #expect(timeline.binSeconds == 1)
        #expect(timeline.engines.map(\.cells) == [[0, 0.5, 1, 1, 0.25, 0, 0, 0, 0, 0]])
        #expect(timeline.rate == [0, 0, 0, 0, 100, 0, 0, 0, 0, 0])
    }

    @Test func batchesAtOnceCountAgainstTheMostThatAnEngineHad() {
        var builder = TimelineBuilder(from: 0, to: 4 * Self.second, bins: 4)
        for index in 0..<4 { builder.add(row(index, "b", 0, 2)) }
        builder.add(row(4, "b", 2, 3))
        builder.add(row(5, "a", 3, 4))
        let engines = builder.timeline.engines
        #expect(engines.map(\.engine) == ["a", "b"])
        #expect(engines.map(\.cells) == [[0, 0, 0, 1], [1, 1, 0.25, 0]])
        #expect(engines.map(\.batches) == [1, 5])
        #expect(builder.timeline.rate == [0, 0, 400, 200])
    }

    @Test func whatLiesOutsideIsCutOffAndWhatIsNotKnownIsLeftOut() {
        var builder = TimelineBuilder(from: 5 * Self.second, to: 7 * Self.second, bins: 2)
        builder.add(row(0, "a", 1, 5.5))
        builder.add(row(1, "a", 6.5, 30))
        builder.add(row(2, "early", 1, 2))
        builder.add(row(5, "late", 40, 50))
        var unknown = row(3, "old", 5, 6)
        unknown.result?.takenAt = nil
        builder.add(unknown)
        builder.add(BatchRow(index: 4, trades: 100))
        let timeline = builder.timeline
        #expect(timeline.engines.map(\.engine) == ["a", "early", "late"])
        #expect(timeline.engines.map(\.cells) == [[0.5, 0.5], [0, 0], [0, 0]])
        #expect(timeline.rate == [100, 100])
    }

    @Test func aTimelineOfNoTimeHasBinsAllTheSame() {
        let timeline = TimelineBuilder(from: 7, to: 7, bins: 3).timeline
        #expect(timeline.binSeconds > 0)
        #expect(timeline.rate == [0, 0, 0])
    }
}
