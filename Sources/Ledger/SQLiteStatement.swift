internal import CSQLite

/// A value that is bound to a statement.
enum SQLiteValue {
    case null
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement; values only ever reach SQL as bound parameters.
///
/// Thread-safe as far as SQLite is: calls are serialized by the connection. Steps of one query are
/// made by the one caller that its owner's lock admits.
final class SQLiteStatement: @unchecked Sendable {
    private let handle: OpaquePointer
    private let connection: SQLiteConnection

    init(_ handle: OpaquePointer, connection: SQLiteConnection) {
        self.handle = handle
        self.connection = connection
    }

    deinit {
        sqlite3_finalize(handle)
    }

    /// Runs a statement whose rows do not matter.
    func run(_ values: SQLiteValue...) throws(AggregationError) {
        try query(values) { (_) throws(AggregationError) in }
    }

    /// Runs a query, and calls `body` with the statement at each row.
    func query(
        _ values: [SQLiteValue],
        _ body: (SQLiteStatement) throws(AggregationError) -> Void
    ) throws(AggregationError) {
        defer { sqlite3_reset(handle) }
        for (position, value) in values.enumerated() {
            try bind(value, at: Int32(position + 1))
        }
        while true {
            let status = sqlite3_step(handle)
            switch status {
            case SQLITE_ROW: try body(self)
            case SQLITE_DONE: return
            default: throw connection.error(status)
            }
        }
    }

    // MARK: Columns of the row, from 0

    /// Whether the column is null.
    func isNull(_ column: Int32) -> Bool {
        sqlite3_column_type(handle, column) == SQLITE_NULL
    }

    /// The integer in a column; 0 when it is null.
    func integer(_ column: Int32) -> Int64 {
        sqlite3_column_int64(handle, column)
    }

    /// The text in a column; empty when it is null.
    func text(_ column: Int32) -> String {
        String(decoding: blob(column), as: UTF8.self)
    }

    /// The bytes in a column; empty when it is null.
    func blob(_ column: Int32) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        let count = Int(sqlite3_column_bytes(handle, column))
        return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
    }

    // MARK: Private

    private func bind(_ value: SQLiteValue, at column: Int32) throws(AggregationError) {
        let status =
            switch value {
            case .null: sqlite3_bind_null(handle, column)
            case .integer(let number): sqlite3_bind_int64(handle, column, number)
            case .text(var text):
                text.withUTF8 { bytes in
                    bytes.withMemoryRebound(to: CChar.self) { characters in
                        valgrid_bind_text(
                            handle,
                            column,
                            characters.baseAddress,
                            Int32(characters.count)
                        )
                    }
                }
            case .blob(let bytes):
                bytes.withUnsafeBytes { buffer in
                    valgrid_bind_blob(handle, column, buffer.baseAddress, Int32(buffer.count))
                }
            }
        try connection.check(status)
    }
}
