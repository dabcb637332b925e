internal import CSQLite
internal import Glibc

/// A connection to a database file.
///
/// Thread-safe: it is opened with `SQLITE_OPEN_FULLMUTEX`, which makes SQLite serialize calls, and
/// `handle` is set once.
final class SQLiteConnection: @unchecked Sendable {
    let handle: OpaquePointer

    /// Opens a file; a writer makes it when there is none.
    init(path: String, readOnly: Bool) throws(AggregationError) {
        let mode = readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
        var opened: OpaquePointer?
        let status = sqlite3_open_v2(path, &opened, mode | SQLITE_OPEN_FULLMUTEX, nil)
        guard status == SQLITE_OK, let opened else {
            let reason = opened.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) }
            sqlite3_close_v2(opened)
            throw AggregationError(
                code: .unavailable,
                reason: "the ledger \(path) cannot be opened: \(reason ?? "out of memory")"
            )
        }
        handle = opened
        sqlite3_extended_result_codes(opened, 1)
        sqlite3_busy_timeout(opened, 5_000)
    }

    deinit {
        sqlite3_close_v2(handle)
    }

    /// Runs statements that return nothing.
    func execute(_ sql: StaticString) throws(AggregationError) {
        try sql.withPointer { (text) throws(AggregationError) in
            try check(sqlite3_exec(handle, text, nil, nil, nil))
        }
    }

    /// How many rows the last statement changed.
    var changes: Int { Int(sqlite3_changes(handle)) }

    /// Sets a pragma to a number.
    func setPragma(_ name: StaticString, to value: Int) throws(AggregationError) {
        try check(sqlite3_exec(handle, "PRAGMA \(name) = \(value)", nil, nil, nil))
    }

    /// Prepares a statement.
    func prepare(_ sql: StaticString) throws(AggregationError) -> SQLiteStatement {
        try sql.withPointer { (text) throws(AggregationError) -> SQLiteStatement in
            var prepared: OpaquePointer?
            try check(
                sqlite3_prepare_v3(
                    handle,
                    text,
                    -1,
                    UInt32(SQLITE_PREPARE_PERSISTENT),
                    &prepared,
                    nil
                )
            )
            guard let prepared else {
                throw AggregationError(code: .failed, reason: "an empty statement was prepared")
            }
            return SQLiteStatement(prepared, connection: self)
        }
    }

    /// Runs `body` in a transaction, which is taken back when it throws.
    func transaction<Value>(
        _ body: () throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value {
        try execute("BEGIN IMMEDIATE")
        do throws(AggregationError) {
            let value = try body()
            try execute("COMMIT")
            return value
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    /// Throws what a result code means, unless it means success.
    func check(_ status: Int32) throws(AggregationError) {
        guard status != SQLITE_OK else { return }
        throw error(status)
    }

    /// Returns what a result code means.
    func error(_ status: Int32) -> AggregationError {
        let message = sqlite3_errmsg(handle).map { String(cString: $0) } ?? ""
        let file = sqlite3_db_filename(handle, nil).map { String(cString: $0) } ?? "ledger"
        return switch status & 0xFF {
        case SQLITE_FULL,
            SQLITE_IOERR where isOutOfSpace(status):
            AggregationError(
                code: .full,
                reason: "no space is left for the ledger \(file): \(message)"
            )
        case SQLITE_CORRUPT, SQLITE_NOTADB:
            AggregationError(
                code: .corrupt,
                reason: "\(file) is not a sound ledger (\(message)); "
                    + "delete it, and it is rebuilt from the topics"
            )
        case SQLITE_BUSY, SQLITE_LOCKED:
            AggregationError(code: .busy, reason: "the ledger \(file) is in use: \(message)")
        case SQLITE_CANTOPEN, SQLITE_READONLY, SQLITE_PERM:
            AggregationError(
                code: .unavailable,
                reason: "the ledger \(file) cannot be used: \(message)"
            )
        default:
            AggregationError(
                code: .failed,
                reason: "the ledger \(file) failed: \(message) (\(status))"
            )
        }
    }
}

extension SQLiteConnection {
    /// Whether the last call failed for want of space: the disk's, a quota's or a file's limit.
    private func isOutOfSpace(_ status: Int32) -> Bool {
        let reasons = [ENOSPC, EDQUOT, EFBIG]
        let isWrite = status == SQLITE_IOERR | (3 << 8)
        return reasons.contains(sqlite3_system_errno(handle))
            || isWrite && reasons.contains(valgrid_write_errno(handle))
    }
}

extension StaticString {
    /// Calls `body` with the text, ended by a zero.
    fileprivate func withPointer<Value>(
        _ body: (UnsafePointer<CChar>) throws(AggregationError) -> Value
    ) throws(AggregationError) -> Value {
        try body(UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self))
    }
}
