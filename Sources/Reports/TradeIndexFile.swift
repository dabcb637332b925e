internal import Glibc
internal import Ledger

/// The file of a trade index while it is written; it takes its place when it is whole.
///
/// Rows and ids go to two files, of which one appends the other in the end, so that memory does not
/// grow with the job.
final class TradeIndexFile {
    private let path: String
    private let rowsPath: String
    private let idsPath: String
    private var rows: Int32
    private var ids: Int32 = -1
    private var rowBuffer: [UInt8] = []
    private var idBuffer: [UInt8] = []
    /// Bytes of ids so far.
    private(set) var idBytes: UInt64 = 0
    private(set) var count = 0

    init(path: String) throws(AggregationError) {
        self.path = path
        let suffix = ".\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
        rowsPath = path + suffix
        idsPath = path + suffix + ".ids"
        rows = open(rowsPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard rows >= 0 else { throw failure() }
        ids = open(idsPath, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard ids >= 0 else { throw failure() }
        // Nobody else opens it.
        unlink(idsPath)
        rowBuffer = [UInt8](repeating: 0, count: TradeIndexLayout.headBytes)
    }

    deinit {
        if rows >= 0 { close(rows) }
        if ids >= 0 { close(ids) }
        unlink(rowsPath)
    }

    /// Adds a row and its id.
    func append(
        id: String,
        _ write: (UnsafeMutableRawBufferPointer) -> Void
    ) throws(AggregationError) {
        let start = rowBuffer.count
        rowBuffer.append(contentsOf: repeatElement(0, count: TradeIndexLayout.rowBytes))
        let offset = idBytes
        let length = UInt16(clamping: id.utf8.count)
        rowBuffer.withUnsafeMutableBytes { buffer in
            let row = UnsafeMutableRawBufferPointer(rebasing: buffer[start...])
            row.storeBytes(
                of: offset,
                toByteOffset: TradeIndexLayout.Field.idOffset,
                as: UInt64.self
            )
            row.storeBytes(
                of: length,
                toByteOffset: TradeIndexLayout.Field.idLength,
                as: UInt16.self
            )
            write(row)
        }
        idBuffer += id.utf8.prefix(Int(length))
        idBytes += UInt64(length)
        count += 1
        if rowBuffer.count > 1 << 20 { try flush(&rowBuffer, to: rows) }
        if idBuffer.count > 1 << 20 { try flush(&idBuffer, to: ids) }
    }

    /// Ends rows and ids.
    ///
    /// - Returns: the file as it is now.
    func finishRows() throws(AggregationError) -> MappedFile {
        try flush(&rowBuffer, to: rows)
        try flush(&idBuffer, to: ids)
        guard lseek(ids, 0, SEEK_SET) == 0 else { throw failure() }
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let read = Glibc.read(ids, &chunk, chunk.count)
            guard read >= 0 else { throw failure() }
            guard read > 0 else { return try MappedFile(path: rowsPath) }
            var part = Array(chunk[..<read])
            try flush(&part, to: rows)
        }
    }

    /// Adds a list of row numbers.
    func append(_ list: [UInt32]) throws(AggregationError) {
        var bytes = list.withUnsafeBytes { Array($0) }
        try flush(&bytes, to: rows)
    }

    /// Adds the description and the head, and gives the file its name.
    func publish(_ description: [UInt8]) throws(AggregationError) {
        let ids = UInt64(TradeIndexLayout.headBytes + count * TradeIndexLayout.rowBytes)
        let list = UInt64(count) * 4
        let lists = ids + idBytes
        var end = description
        try flush(&end, to: rows)
        let head: [UInt64] = [
            TradeIndexLayout.magic, UInt64(count), ids, lists, lists + list, lists + 2 * list,
            lists + 3 * list, UInt64(description.count),
        ]
        let written = head.withUnsafeBytes { pwrite(rows, $0.baseAddress, $0.count, 0) }
        guard written == TradeIndexLayout.headBytes, rename(rowsPath, path) == 0 else {
            throw failure()
        }
    }

    // MARK: Private

    private func flush(_ bytes: inout [UInt8], to descriptor: Int32) throws(AggregationError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count >= 0 || errno == EINTR else { throw failure() }
            written += max(0, count)
        }
        bytes.removeAll(keepingCapacity: true)
    }

    private func failure() -> AggregationError {
        AggregationError(
            code: .reportNotWritten,
            reason: "\(path) cannot be written: \(String(cString: strerror(errno)))"
        )
    }
}
