internal import Glibc
internal import Ledger

/// A file that appears under its name when it is whole.
///
/// It is written under another name in the same directory. What is not published is removed.
package final class OutputFile {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    /// What is to be written next.
    var text = UTF8Builder()
    private var rewriter: CSVRewriter?

    /// Makes the file under its temporary name.
    ///
    /// `directory`: must be there. `csv`: how a CSV file is written.
    init(
        _ name: String,
        in directory: String,
        csv: CSVDialect = CSVDialect()
    ) throws(AggregationError) {
        rewriter = csv.appliesTo(name) ? CSVRewriter(csv) : nil
        path = "\(directory)/\(name)"
        temporaryPath = "\(directory)/.\(name).\(getpid()).\(UInt64.random(in: 0...UInt64.max))"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        text.bytes.reserveCapacity(1 << 20)
    }

    deinit {
        if descriptor >= 0 { Glibc.close(descriptor) }
        unlink(temporaryPath)
    }

    /// Writes what has gathered when it is much.
    func flushIfLarge() throws(AggregationError) {
        if text.count > 900_000 { try flush() }
    }

    /// Writes the rest and closes the file.
    func close() throws(AggregationError) {
        try flush()
        let closed = descriptor
        descriptor = -1
        guard Glibc.close(closed) == 0 else { throw Self.failure(path) }
    }

    /// Gives the file its name.
    func publish() throws(AggregationError) {
        guard rename(temporaryPath, path) == 0 else { throw Self.failure(path) }
    }

    /// Makes a directory with those above it.
    static func makeDirectory(_ path: String) throws(AggregationError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
        }
    }

    /// Returns what is in a directory, by name; nothing when it cannot be read.
    package static func names(in directory: String) -> [String] {
        guard let stream = opendir(directory) else { return [] }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Removes a file, if it is there.
    static func remove(_ path: String) {
        unlink(path)
    }

    /// Removes an empty directory; false when it is not empty or not there.
    static func removeDirectory(_ path: String) -> Bool {
        rmdir(path) == 0
    }

    // MARK: Private

    private func flush() throws(AggregationError) {
        if let rewritten = rewriter?.rewrite(text.bytes) { text.bytes = rewritten }
        var written = 0
        while written < text.bytes.count {
            let count = text.bytes.withUnsafeBytes {
                write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
            }
            guard count >= 0 || errno == EINTR else { throw Self.failure(path) }
            written += max(0, count)
        }
        text.bytes.removeAll(keepingCapacity: true)
    }

    private static func failure(_ path: String) -> AggregationError {
        AggregationError(
            code: .reportNotWritten,
            reason: "\(path) cannot be written: \(String(cString: strerror(errno)))"
        )
    }
}
