/// The tables of a ledger's file.
///
/// A batch and its result are rows by `key`, the job's number shifted by 24 bits plus the batch's
/// index, so that a job's rows lie together in order. What is needed to read a ledger back is kept
/// apart from the records themselves, so that opening a large ledger reads little. Columns that
/// may be null came with schema 2: rows of an upgraded file do not have them.
enum LedgerSchema {
    /// The schema's version, in `user_version`.
    static let version: Int64 = 2
    /// `valg`, in `application_id`: tells a ledger from another database.
    static let applicationID: Int64 = 0x7661_6C67

    /// Returns the first and the last key of a job.
    static func keys(of number: Int64) -> ClosedRange<Int64> {
        number << 24...(number << 24 | 0xFF_FFFF)
    }

    /// Prepares a file that is opened for writing: makes the tables of a new one, adds what an
    /// older one lacks.
    static func prepare(_ connection: SQLiteConnection) throws(AggregationError) {
        let isNew = try number(of: "SELECT count(*) FROM sqlite_schema", connection) == 0
        let found = isNew ? version : try found(connection)
        try connection.execute(
            """
            PRAGMA page_size = 16384;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = 2000;
            """
        )
        if isNew { try create(connection) }
        if found < version { try upgrade(connection) }
        // Earlier files of the same version do not have it, and earlier programs do not need it.
        try connection.execute(
            """
            CREATE TABLE IF NOT EXISTS losses (
                number INTEGER PRIMARY KEY, topic TEXT NOT NULL, partition INTEGER NOT NULL,
                first INTEGER NOT NULL, next INTEGER NOT NULL, noticed_at INTEGER NOT NULL);
            CREATE TABLE IF NOT EXISTS forgotten (number INTEGER PRIMARY KEY);
            """
        )
    }

    /// Throws unless the file is a ledger of this version.
    static func check(_ connection: SQLiteConnection) throws(AggregationError) {
        let found = try found(connection)
        guard found == version else {
            throw AggregationError(
                code: .unavailable,
                reason: "the ledger has schema \(found), this program reads \(version); start the "
                    + "aggregator once, and it is upgraded"
            )
        }
    }

    /// Returns the file's version, which is this one or an older one.
    private static func found(
        _ connection: SQLiteConnection
    ) throws(AggregationError) -> Int64 {
        guard try number(of: "PRAGMA application_id", connection) == applicationID else {
            throw AggregationError(
                code: .corrupt,
                reason: "the file is a database, but not a valgrid ledger"
            )
        }
        let found = try number(of: "PRAGMA user_version", connection)
        guard found <= version else {
            throw AggregationError(
                code: .newerSchema,
                reason: "the ledger was written by a newer version (its schema is \(found), "
                    + "this program knows \(version)); use that version, or delete the file, and "
                    + "it is rebuilt from the topics"
            )
        }
        guard found > 0 else {
            throw AggregationError(
                code: .corrupt,
                reason: "the ledger has schema \(found), which never existed"
            )
        }
        return found
    }

    private static func number(
        of sql: StaticString,
        _ connection: SQLiteConnection
    ) throws(AggregationError) -> Int64 {
        var number: Int64 = 0
        try connection.prepare(sql).query([]) { (row) throws(AggregationError) in
            number = row.integer(0)
        }
        return number
    }

    /// Adds the columns of schema 2, empty for what is there: where and when records were written.
    private static func upgrade(_ connection: SQLiteConnection) throws(AggregationError) {
        try connection.transaction { () throws(AggregationError) in
            try connection.execute(
                """
                ALTER TABLE batch_facts ADD COLUMN queued_at INTEGER;
                ALTER TABLE batch_facts ADD COLUMN topic TEXT;
                ALTER TABLE batch_facts ADD COLUMN source_partition INTEGER;
                ALTER TABLE batch_facts ADD COLUMN source_offset INTEGER;
                ALTER TABLE result_facts ADD COLUMN taken_at INTEGER;
                ALTER TABLE result_facts ADD COLUMN priced_at INTEGER;
                ALTER TABLE result_facts ADD COLUMN attempt INTEGER;
                ALTER TABLE result_facts ADD COLUMN topic TEXT;
                ALTER TABLE result_facts ADD COLUMN source_partition INTEGER;
                ALTER TABLE result_facts ADD COLUMN source_offset INTEGER;
                PRAGMA user_version = 2;
                """
            )
        }
    }

    private static func create(_ connection: SQLiteConnection) throws(AggregationError) {
        try connection.transaction { () throws(AggregationError) in
            try connection.execute(
                """
                CREATE TABLE jobs (
                    number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
                    record BLOB, record_at INTEGER NOT NULL DEFAULT 0,
                    proof_hash BLOB, proof_trades INTEGER, unequal_batch INTEGER,
                    duplicates INTEGER NOT NULL DEFAULT 0, conflicts INTEGER NOT NULL DEFAULT 0,
                    late INTEGER NOT NULL DEFAULT 0, strays INTEGER NOT NULL DEFAULT 0);
                CREATE TABLE batch_facts (
                    key INTEGER PRIMARY KEY, trades INTEGER NOT NULL, digest INTEGER NOT NULL,
                    queued_at INTEGER, topic TEXT, source_partition INTEGER,
                    source_offset INTEGER);
                CREATE TABLE batch_headers (key INTEGER PRIMARY KEY, headers BLOB NOT NULL);
                CREATE TABLE result_facts (
                    key INTEGER PRIMARY KEY, priced INTEGER NOT NULL, failed INTEGER NOT NULL,
                    expired INTEGER NOT NULL, digest INTEGER NOT NULL, joined_at INTEGER NOT NULL,
                    engine TEXT NOT NULL, taken_at INTEGER, priced_at INTEGER, attempt INTEGER,
                    topic TEXT, source_partition INTEGER, source_offset INTEGER);
                CREATE TABLE result_records (key INTEGER PRIMARY KEY, record BLOB NOT NULL);
                CREATE TABLE snapshots (id TEXT PRIMARY KEY, rates TEXT NOT NULL) WITHOUT ROWID;
                CREATE TABLE offsets (
                    topic TEXT NOT NULL, partition INTEGER NOT NULL, next INTEGER NOT NULL,
                    PRIMARY KEY (topic, partition)) WITHOUT ROWID;
                PRAGMA application_id = 1986096231;
                PRAGMA user_version = 2;
                """
            )
        }
    }
}
