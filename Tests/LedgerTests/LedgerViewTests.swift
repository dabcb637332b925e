import Foundation
import GridProtocol
import Synchronization
import Testing

@testable import Ledger

@Suite(.timeLimit(.minutes(1))) struct LedgerViewTests {
    @Test func readersDoNotWaitForAJoinThatWaitsForTheStore() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        let job = try TestJob()
        _ = try core.apply([job.jobRecord(), job.batchRecord(0), job.resultRecord(0)])
        let version = core.changes(since: 0, most: 10).version
        let other = try SQLiteConnection(path: directory.ledger, readOnly: false)
        try other.execute("BEGIN IMMEDIATE")
        Thread.detachNewThread {
            _ = try? core.apply([job.batchRecord(1), job.resultRecord(1)])
        }
        try readWhileItJoins(core, job)
        try other.execute("COMMIT")
        core.waitForChange(after: version, atMost: .seconds(30), with: ChangeWaiter())
        #expect(core.progress(of: job.id, at: TestJob.start)?.done == 20)
    }

    private func readWhileItJoins(_ core: AggregatorCore, _ job: TestJob) throws {
        func isJoining() -> Bool { core.next.withLockIfAvailable { _ in } == nil }
        let limit = ContinuousClock.now + .seconds(30)
        while !isJoining(), .now < limit { sched_yield() }
        for _ in 0..<100 {
            #expect(core.progress(of: job.id, at: TestJob.start)?.done == 10)
            #expect(core.backlog.batches == 2)
            #expect(core.jobs(at: TestJob.start, most: 1).map(\.job) == [job.id])
            #expect(core.changes(since: 0, most: 10).jobs.map(\.job) == [job.id])
            #expect(core.waitingReason(of: job.id, in: LiveGridState(), at: 0) != nil)
        }
        #expect(isJoining())
    }

    @Test func aViewStaysAsItIs() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        let job = try TestJob()
        _ = try core.apply(Array(job.all.dropLast()))
        let view = core.view
        let before = view.ledger.progress(of: job.id, at: TestJob.start)
        _ = try core.apply([try #require(job.all.last)])
        #expect(view.ledger.progress(of: job.id, at: TestJob.start) == before)
        #expect(core.progress(of: job.id, at: TestJob.start) != before)
    }

    @Test func aTransactionThatFailsChangesNothing() throws {
        let directory = try TestDirectory()
        let store = try LedgerStore(path: directory.ledger, maximumBytes: 400_000)
        let core = try AggregatorCore(store: store)
        let small = try TestJob("small")
        _ = try core.apply(small.all)
        let large = try TestJob("large", trades: 4_000, perBatch: 100)
        let (changes, backlog) = (core.changes(since: 0, most: 10), core.backlog)
        #expect(throws: AggregationError.self) { try core.apply(large.all.map(shifted)) }
        #expect(core.changes(since: 0, most: 10) == changes)
        #expect(core.backlog == backlog)
        #expect(core.progress(of: large.id, at: 0) == nil)
    }

    /// The record at a place that no other job of the tests has.
    private func shifted(_ record: SourceRecord) -> SourceRecord {
        var record = record
        record.offset += 1_000
        return record
    }

    @Test func aWaiterHearsOfTheNextChange() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        let job = try TestJob()
        let waiter = ChangeWaiter()
        Thread.detachNewThread { _ = try? core.apply(job.all) }
        core.waitForChange(after: 0, atMost: .seconds(30), with: waiter)
        let version = core.changes(since: 0, most: 10).version
        #expect(version > 0)
        // Time alone is no change, and what has changed already is not waited for.
        _ = core.advance(to: TestJob.start)
        let began = ContinuousClock.now
        core.waitForChange(after: version, atMost: .milliseconds(50), with: waiter)
        #expect(began.duration(to: .now) >= .milliseconds(50))
        core.waitForChange(after: 0, atMost: .seconds(3_600), with: waiter)
        waiter.wake()
        core.waitForChange(after: version, atMost: .seconds(3_600), with: waiter)
    }
}
