/// The tables of a ledger's file.
///
/// A batch and its result are rows by `key`, the job's number shifted by 24 bits plus the batch's
/// index, so that a job's rows lie together in order. What is needed to read a ledger back is kept
/// apart from the records themselves, so that opening a large ledger reads little.
enum LedgerSchema {
    /// The schema's version, in `user_version`.
    static let version: Int64 = 1
    /// `valg`, in `application_id`: tells a ledger from another database.
    static let applicationID: Int64 = 0x7661_6C67

    /// Returns the first and the last key of a job.
    static func keys(of number: Int64) -> ClosedRange<Int64> {
        number << 24...(number << 24 | 0xFF_FFFF)
    }

    /// Prepares a file that is opened for writing: makes the tables of a new one.
    static func prepare(_ connection: SQLiteConnection) throws(AggregationError) {
        let isNew = try number(of: "SELECT count(*) FROM sqlite_schema", connection) == 0
        if !isNew { try check(connection) }
        try connection.execute(
            """
            PRAGMA page_size = 16384;
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            PRAGMA wal_autocheckpoint = 2000;
            """
        )
        if isNew { try create(connection) }
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
        guard found == version else {
            throw AggregationError(
                code: .corrupt,
                reason: "the ledger has schema \(found), which never existed"
            )
        }
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
        }
    }
}
