import Foundation
import GridProtocol
import Ledger
import Testing

@Suite struct LedgerStoreTests {
    @Test func aFullDiskIsAClearErrorAndNothingIsKeptOfTheList() throws {
        let job = try TestJob(trades: 4_000, perBatch: 100)
        let directory = try TestDirectory()
        let store = try LedgerStore(path: directory.ledger, maximumBytes: 400_000)
        let core = try AggregatorCore(store: store)
        _ = try core.apply([job.jobRecord()])
        let before = core.nextOffsets()
        let records = Array(job.all.dropFirst())
        #expect(code { _ = try core.apply(records) } == .full)
        #expect(core.nextOffsets() == before)
        #expect(core.progress(of: job.id, at: 0)?.done == 0)
    }

    @Test func aFileThatIsNoDatabaseIsRefused() throws {
        let directory = try TestDirectory()
        try Data(repeating: 0x41, count: 5_000).write(to: URL(fileURLWithPath: directory.ledger))
        #expect(code { _ = try LedgerStore(path: directory.ledger) } == .corrupt)
    }

    @Test func aNewerLedgerIsRefused() throws {
        let directory = try TestDirectory()
        do { _ = try LedgerStore(path: directory.ledger) }
        // SQLite keeps user_version at bytes 60...63 of the file.
        let url = URL(fileURLWithPath: directory.ledger)
        var bytes = [UInt8](try Data(contentsOf: url))
        bytes[63] = 3
        try Data(bytes).write(to: url)
        #expect(code { _ = try LedgerStore(path: directory.ledger) } == .newerSchema)
    }

    @Test func aSecondWriterIsRefused() throws {
        let directory = try TestDirectory()
        let store = try LedgerStore(path: directory.ledger)
        #expect(code { _ = try LedgerStore(path: directory.ledger) } == .busy)
        #expect(store.path == directory.ledger)
    }

    @Test func aDirectoryThatIsNotThereIsAClearError() {
        #expect(code { _ = try LedgerStore(path: "/nowhere/at/all/ledger") } == .unavailable)
    }

    @Test func aRewoundPartitionIsReadAgain() throws {
        let job = try TestJob()
        let directory = try TestDirectory()
        let core = try directory.core()
        _ = try core.apply(job.all)
        #expect(try core.apply(job.all).skipped == job.all.count)
        try core.rewind(job.jobRecord().source, to: 0)
        #expect(try core.apply([job.jobRecord()]).jobs == 1)
    }

    private func code(_ body: () throws -> Void) -> AggregationError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? AggregationError)?.code
        }
    }
}
