import GridProtocol
import Testing

@testable import Ledger

@Suite struct LedgerSchemaTests {
    /// Makes a file as version 1 made it, with what another ledger has.
    private func downgrade(_ path: String, to old: String) throws {
        let connection = try SQLiteConnection(path: old, readOnly: false)
        try connection.execute(
            """
            CREATE TABLE jobs (
                number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
                record BLOB, record_at INTEGER NOT NULL DEFAULT 0,
                proof_hash BLOB, proof_trades INTEGER, unequal_batch INTEGER,
                duplicates INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0,
                late INTEGER NOT NULL DEFAULT 0, strays INTEGER NOT NULL DEFAULT 0);
            CREATE TABLE batch_facts (
                key INTEGER PRIMARY KEY, trades INTEGER NOT NULL, digest INTEGER NOT NULL);
            CREATE TABLE batch_headers (key INTEGER PRIMARY KEY, headers BLOB NOT NULL);
            CREATE TABLE result_facts (
                key INTEGER PRIMARY KEY, priced INTEGER NOT NULL, failed INTEGER NOT NULL,
                expired INTEGER NOT NULL, digest INTEGER NOT NULL, joined_at INTEGER NOT NULL,
                engine TEXT NOT NULL);
            CREATE TABLE result_records (key INTEGER PRIMARY KEY, record BLOB NOT NULL);
            CREATE TABLE snapshots (id TEXT PRIMARY KEY, rates TEXT NOT NULL) WITHOUT ROWID;
            CREATE TABLE offsets (
                topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
                PRIMARY KEY (topic, partition)) WITHOUT ROWID;
            PRAGMA application_id = 1986096231;
            PRAGMA user_version = 1;
            """
        )
        try connection.prepare("ATTACH ? AS new").run(.text(path))
        try connection.execute(
            """
            INSERT INTO jobs SELECT * FROM new.jobs;
            INSERT INTO batch_facts SELECT key, trades, digest FROM new.batch_facts;
            INSERT INTO batch_headers SELECT * FROM new.batch_headers;
            INSERT INTO result_facts
                SELECT key, priced, failed, expired, digest, joined_at, engine
                FROM new.result_facts;
            INSERT INTO result_records SELECT * FROM new.result_records;
            INSERT INTO offsets SELECT * FROM new.offsets;
            DETACH new;
            """
        )
    }

    @Test func aFileOfSchema1IsUpgradedInPlace() throws {
        let (new, old) = (try TestDirectory(), try TestDirectory())
        let job = try TestJob()
        let report = try {
            let core = try new.core()
            _ = try core.apply(job.all.filter { $0 != job.resultRecord(2) })
            return try new.report(job.id)
        }()
        try downgrade(new.ledger, to: old.ledger)
        #expect(throws: AggregationError.self) { try LedgerReader(path: old.ledger) }
        let core = try old.core()
        #expect(try old.report(job.id) == report)
        let before = try LedgerReader(path: old.ledger).batches(of: job.id, in: 0..<10)
        #expect(before.map(\.index) == [0, 1, 2])
        #expect(before.allSatisfy { $0.queuedAt == nil && $0.place == nil && $0.trades != nil })
        #expect(before[0].result?.engine == "engine-0")
        #expect(before[0].result?.takenAt == nil)
        #expect(before[0].result?.place == nil)
        // What comes from now on has everything.
        #expect(try core.apply([job.resultRecord(2)]).completed == [job.id])
        let after = try LedgerReader(path: old.ledger).batches(of: job.id, in: 2..<3)
        #expect(after.first?.result?.takenAt == TestJob.start + 2_000)
        #expect(after.first?.result?.place != nil)
    }

    @Test func aBatchSaysWhereAndWhenItsRecordsWereWritten() throws {
        let directory = try TestDirectory()
        let core = try directory.core()
        let job = try TestJob()
        _ = try core.apply(job.all.filter { $0 != job.resultRecord(1) })
        let rows = try LedgerReader(path: directory.ledger).batches(of: job.id, in: 0..<100)
        let batch = job.batchRecord(0)
        let result = job.resultRecord(0)
        #expect(rows.map(\.index) == [0, 1, 2])
        #expect(rows.map(\.trades) == [10, 10, 5])
        #expect(rows[1].result == nil)
        #expect(
            rows[0]
                == BatchRow(
                    index: 0,
                    trades: 10,
                    queuedAt: TestJob.start + 1_000,
                    place: place(batch),
                    result: BatchRow.Result(
                        priced: 9,
                        failed: 1,
                        expired: 0,
                        engine: "engine-0",
                        attempt: 1,
                        takenAt: TestJob.start + 2_000,
                        pricedAt: TestJob.start + 3_000,
                        joinedAt: result.timestamp,
                        place: place(result)
                    )
                )
        )
        let page = try LedgerReader(path: directory.ledger).batches(of: job.id, in: 1..<2)
        #expect(page == [rows[1]])
        let reader = try LedgerReader(path: directory.ledger)
        #expect(try reader.batches(of: job.id, in: 3..<100).isEmpty)
        #expect(try reader.batches(of: JobID.test("other"), in: 0..<100).isEmpty)
    }

    private func place(_ record: SourceRecord) -> RecordPlace {
        RecordPlace(
            topic: record.source.topic,
            partition: record.source.partition,
            offset: record.offset
        )
    }
}
