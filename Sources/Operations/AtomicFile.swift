internal import Glibc

/// Why a file could not be written.
public struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The file.
    public var path: String
    /// For people, with the path.
    public var reason: String

    /// The reason.
    public var description: String { reason }

    init(_ verb: String, _ path: String, _ number: Int32) {
        self.path = path
        reason = "cannot \(verb) \(path): \(systemText(number))"
    }
}

/// A file that is there whole or not at all.
///
/// It is written beside its place under another name, and renamed by ``commit()``; without that
/// nothing remains of it.
public struct AtomicFile: ~Copyable {
    private let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private static var bufferBytes: Int { 1 << 16 }

    /// Opens a file beside `path`.
    ///
    /// - Parameter path: where the file will be; its directory exists.
    /// - Throws: ``FileError`` when it cannot be made.
    public init(path: String) throws(FileError) {
        self.path = path
        var template = Array("\(path).XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        temporaryPath = string(template)
        guard descriptor >= 0 else { throw FileError("write", path, errno) }
        fchmod(descriptor, 0o644)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        buffer.reserveCapacity(Self.bufferBytes)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Adds bytes at the end.
    public mutating func write(_ bytes: [UInt8]) throws(FileError) {
        buffer += bytes
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Adds a text at the end, in UTF-8.
    public mutating func write(_ text: String) throws(FileError) {
        buffer += text.utf8
        if buffer.count >= Self.bufferBytes { try flush() }
    }

    /// Puts the file in its place, replacing what was there.
    public consuming func commit() throws(FileError) {
        try flush()
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
            throw FileError("write", path, errno)
        }
        close(descriptor)
        descriptor = -1
    }

    private mutating func flush() throws(FileError) {
        let status = buffer.withUnsafeBytes { writeAll($0, to: descriptor) }
        guard status == 0 else { throw FileError("write", path, status) }
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Writes a file that is there whole or not at all.
///
/// - Parameters:
///   - bytes: all of it.
///   - path: where; its directory exists.
/// - Throws: ``FileError``; what was there is unchanged then.
public func writeAtomically(_ bytes: [UInt8], to path: String) throws(FileError) {
    var file = try AtomicFile(path: path)
    try file.write(bytes)
    try file.commit()
}

/// Writes a text file, in UTF-8, that is there whole or not at all.
///
/// - Parameters:
///   - text: all of it.
///   - path: where; its directory exists.
/// - Throws: ``FileError``; what was there is unchanged then.
public func writeAtomically(_ text: String, to path: String) throws(FileError) {
    try writeAtomically(Array(text.utf8), to: path)
}

/// Gives a file another name in the same file system, in place of what had it.
///
/// - Throws: ``FileError`` when it cannot.
public func moveFile(_ path: String, to newPath: String) throws(FileError) {
    guard rename(path, newPath) == 0 else { throw FileError("write", newPath, errno) }
}

/// Finds out whether a file can be written in a directory; leaves none.
///
/// - Throws: ``FileError`` when it cannot.
public func tryWriting(in directory: String) throws(FileError) {
    var template = Array("\(directory)/.valgrid-probe-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw FileError("write in", directory, errno) }
    close(descriptor)
    unlink(template)
}

/// Makes a directory and those above it that are missing.
public func makeDirectory(_ path: String) throws(FileError) {
    var made = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
        made += made.isEmpty || made == "/" ? String(part) : "/\(part)"
        guard mkdir(made, 0o755) != 0, errno != EEXIST else { continue }
        throw FileError("make the directory", made, errno)
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileError("make the directory", path, errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError("make the directory", path, ENOTDIR)
    }
}
