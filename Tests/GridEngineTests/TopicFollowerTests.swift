import GridProtocol
import GridTopics
import KafkaClient
import KafkaFakes
import Testing

@testable import GridEngine

/// How an engine follows jobs and market data.
@Suite(.timeLimit(.minutes(1))) struct TopicFollowerTests {
    private let reader = FakeReader()

    private func record(
        _ offset: Int64,
        key: String,
        value: [UInt8]?,
        of topic: String
    ) -> ConsumedRecord {
        ConsumedRecord(
            topic: topic,
            partition: 0,
            offset: offset,
            key: Array(key.utf8),
            value: value
        )
    }

    private func job(_ id: String, _ state: JobState, at offset: Int64) -> ConsumedRecord {
        var record = JobRecord(state: state)
        record.jobID = id
        return self.record(offset, key: id, value: record.encoded(), of: "jobs")
    }

    private func snapshot(_ id: String, _ bytes: [UInt8]?, at offset: Int64) -> ConsumedRecord {
        record(offset, key: id, value: bytes, of: "market")
    }

    /// Runs something while `body` works, and cancels it then.
    private func running(
        _ run: @escaping @Sendable () async throws -> Void,
        _ body: () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try? await run() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    // MARK: - Jobs

    @Test func noJobIsKnownBeforeTheTopicWasRead() async throws {
        let reader = reader
        let jobs = JobFollower(topic: "jobs", open: { _ in reader })
        try await running({ try await jobs.run {} }) { () async throws in
            #expect(!jobs.isRead)
            reader.set(brokersDown: true)
            reader.give(.nothing)
            reader.give(.records([job("a", .cancelled, at: 0)]))
            await DeliveryBench.until { jobs.standing(of: "a") == .cancelled }
            #expect(!jobs.isRead, "no broker says where the end is")
            reader.set(brokersDown: false)
            reader.give(.nothing)
            await DeliveryBench.until { jobs.isRead }
            #expect(jobs.standing(of: "b") == .wanted)
            #expect(jobs.position == 0)
        }
        #expect(reader.isClosed)
    }

    @Test func aTopicOfJobsThatCannotBeReadEndsTheEngine() async throws {
        let reader = FakeReader([.nothing, .nothing, .nothing])
        reader.set(brokersDown: true)
        let clock = ManualClock()
        let jobs = JobFollower(topic: "jobs", open: { _ in reader }, clock: EngineClock(clock))
        let run = Task { try await jobs.run {} }
        await DeliveryBench.until { reader.isAtEnd }
        clock.advance(by: .seconds(120))
        reader.give(.nothing)
        await #expect(throws: EngineError.self) { try await run.value }
        #expect(reader.isClosed)
    }

    @Test func aReaderThatFailsForGoodIsClosedAndEndsTheEngine() async throws {
        let reader = FakeReader([.failure(DeliveryBench.error(.authorization))])
        let jobs = JobFollower(topic: "jobs", open: { _ in reader })
        await #expect(throws: KafkaError.self) { try await jobs.run {} }
        #expect(reader.isClosed)
    }

    // MARK: - Snapshots

    @Test func aSnapshotIsWaitedForUntilItIsRead() async throws {
        let reader = reader
        let snapshots = SnapshotFetcher(topic: "market", limit: 100, open: { _ in reader })
        try await running({ try await snapshots.run() }) { () async throws in
            async let bytes = snapshots.bytes(of: "s", within: .seconds(30))
            reader.give(.records([snapshot("other", [9], at: 0)]))
            reader.give(.records([snapshot("s", [1, 2], at: 1)]))
            #expect(await bytes == [1, 2])
            await DeliveryBench.until { snapshots.position == 2 }
        }
    }

    @Test func aSnapshotThatWasDroppedFromMemoryIsReadAgain() async throws {
        let reader = reader
        let again = FakeReader([.records([snapshot("old", [1, 1], at: 0)])])
        let snapshots = SnapshotFetcher(
            topic: "market",
            limit: 3,
            open: { start in
                if case .offset(0)? = start.values.first { return again }
                return reader
            }
        )
        try await running({ try await snapshots.run() }) { () async throws in
            reader.give(
                .records([snapshot("old", [1, 1], at: 0), snapshot("new", [2, 2], at: 1)])
            )
            await DeliveryBench.until { snapshots.position == 2 }
            #expect(await snapshots.bytes(of: "new", within: .seconds(1)) == [2, 2])
            #expect(await snapshots.bytes(of: "old", within: .seconds(1)) == [1, 1])
            #expect(again.isClosed)
        }
    }

    @Test func aSnapshotThatNobodyWantsAnyLongerIsNotWaitedFor() async throws {
        let reader = reader
        let snapshots = SnapshotFetcher(topic: "market", limit: 3, open: { _ in reader })
        #expect(await snapshots.bytes(of: "s", within: .seconds(30), while: { false }) == nil)
    }
}
