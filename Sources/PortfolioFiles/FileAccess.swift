internal import Glibc

/// Opens a file: maps it, or reads a pipe or device up to the first line over the limit.
func loadSource(at path: String, limits: FileLimits) throws(FileProblems) -> SourceText {
    func failure(_ problem: String, _ expected: String) -> FileProblems {
        FileProblems(FileProblem(file: path, problem: problem, expected: expected))
    }
    guard !path.isEmpty, !path.utf8.contains(0) else {
        throw failure("the path is empty or has a NUL character", "the path of a file")
    }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
        throw failure("cannot be opened: \(systemMessage(errno))", "a readable file")
    }
    defer { _ = close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
        throw failure("cannot be examined: \(systemMessage(errno))", "a readable file")
    }
    if status.st_mode & S_IFMT == S_IFDIR {
        throw failure("is a directory", "a file")
    }
    guard status.st_size <= limits.fileBytes else {
        throw SourceText.oversize(name: path, size: Int(status.st_size), limits: limits)
    }
    if status.st_mode & S_IFMT == S_IFREG,
        let mapped = FileBytes(mapping: descriptor, count: Int(status.st_size))
    {
        return try SourceText(name: path, bytes: mapped, limits: limits)
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(min(Int(status.st_size), 64 << 20))
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    var meter = LineMeter(limit: limits.lineBytes)
    while true {
        let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        guard count >= 0 else {
            throw failure("cannot be read: \(systemMessage(errno))", "a readable file")
        }
        guard count > 0 else { break }
        if let line = meter.feed(piece[..<count]) {
            throw SourceText.overlong(name: path, line: line, limits: limits)
        }
        bytes.append(contentsOf: piece[..<count])
        guard bytes.count <= limits.fileBytes else {
            throw SourceText.oversize(name: path, size: bytes.count, limits: limits)
        }
    }
    return try SourceText(name: path, bytes: bytes, limits: limits)
}

/// Whether the path names a directory.
func isDirectory(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Returns the names in a directory, sorted.
func names(inDirectory path: String) throws(FileProblems) -> [String] {
    guard let directory = opendir(path) else {
        throw FileProblems(
            FileProblem(
                file: path,
                problem: "cannot be opened: \(systemMessage(errno))",
                expected: "a readable directory"
            )
        )
    }
    defer { _ = closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { field in
            String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
        }
        if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
}

/// A file that is written beside its place and moved there when it is complete.
struct FileReplacement {
    private let path: String
    private let temporaryPath: String
    private let descriptor: Int32

    init(path: String) throws(FileProblems) {
        self.path = path
        temporaryPath = "\(path).partial-\(getpid())"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Self.failure(path, "cannot be created", errno)
        }
    }

    /// Appends the bytes.
    func write(_ bytes: [UInt8]) throws(FileProblems) {
        var position = 0
        while position < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(
                    descriptor,
                    buffer.baseAddress?.advanced(by: position),
                    buffer.count - position
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw Self.failure(path, "cannot be written", errno) }
            position += count
        }
    }

    /// Closes the file and moves it to its place.
    func commit() throws(FileProblems) {
        guard close(descriptor) == 0, rename(temporaryPath, path) == 0 else {
            let code = errno
            unlink(temporaryPath)
            throw Self.failure(path, "cannot be written", code)
        }
    }

    /// Closes and removes what was written.
    func discard() {
        close(descriptor)
        unlink(temporaryPath)
    }

    private static func failure(_ path: String, _ what: String, _ code: Int32) -> FileProblems {
        FileProblems(
            FileProblem(
                file: path,
                problem: "\(what): \(systemMessage(code))",
                expected: "a path that can be written"
            )
        )
    }
}

private func systemMessage(_ code: Int32) -> String {
    String(cString: strerror(code))
}
