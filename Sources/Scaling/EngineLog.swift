internal import Glibc

/// What a local engine printed: a file of a bounded size, and the one before it.
///
/// Used by one thread at a time.
struct EngineLog: ~Copyable {
    /// A file's size at which another begins.
    static let fileBytes = 16 << 20

    private let path: String
    private let limit: Int
    private var descriptor: Int32 = -1
    private var size = 0

    /// Goes on behind what is in the file.
    ///
    /// - Parameters:
    ///   - path: the file; its directory exists.
    ///   - limit: bytes after which the file is renamed and another begins.
    init(path: String, limit: Int = EngineLog.fileBytes) {
        self.path = path
        self.limit = limit
        open()
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// The file before this one.
    static func previous(of path: String) -> String { "\(path).1" }

    /// Adds what was printed; what the file system does not take is lost.
    mutating func write(_ bytes: ArraySlice<UInt8>) {
        if size >= limit { rotate() }
        var rest = bytes
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count > 0 {
                size += count
                rest = rest.dropFirst(count)
            } else if errno != EINTR {
                return
            }
        }
    }

    /// Begins a new file; what was there is the previous one from here on.
    mutating func rotate() {
        guard descriptor < 0 || size > 0 else { return }
        rename(path, Self.previous(of: path))
        if descriptor >= 0 { close(descriptor) }
        open()
    }

    /// The last lines of a file.
    ///
    /// - Parameters:
    ///   - path: the file.
    ///   - lines: at most.
    ///   - bytes: at most; the first line is whole all the same.
    /// - Returns: nil when there is no such file.
    static func tail(of path: String, lines: Int, bytes: Int) -> [UInt8]? {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let length = Int(lseek(descriptor, 0, SEEK_END))
        let start = max(0, length - bytes)
        var content: [UInt8] = []
        content.reserveCapacity(length - start)
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while content.count < bytes {
            let count = pread(descriptor, &chunk, chunk.count, off_t(start + content.count))
            if count > 0 {
                content += chunk[..<min(count, bytes - content.count)]
            } else if count == 0 || errno != EINTR {
                break
            }
        }
        return Array(tail(of: content[...], lines: lines, isCut: start > 0))
    }

    /// The last lines of a text; a first one that is cut is left out.
    static func tail(
        of text: ArraySlice<UInt8>,
        lines: Int,
        isCut: Bool = false
    ) -> ArraySlice<UInt8> {
        var text = text
        if isCut { text = text.drop { $0 != 0x0A }.dropFirst() }
        var found = 0
        // The last line feed ends the last line.
        var index = text.last == 0x0A ? text.endIndex - 1 : text.endIndex
        while index > text.startIndex {
            if text[index - 1] == 0x0A {
                found += 1
                if found == lines { return text[index...] }
            }
            index -= 1
        }
        return text
    }

    // MARK: Private

    private mutating func open() {
        descriptor = Glibc.open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        size = descriptor < 0 ? 0 : Int(lseek(descriptor, 0, SEEK_END))
    }
}
