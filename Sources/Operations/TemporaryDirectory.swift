internal import Glibc
internal import Synchronization

/// A directory for the time of one run, removed with all in it when nobody refers to it any more.
///
/// What a process that was killed left behind is removed by the next one that makes such a
/// directory: a directory whose lock nobody holds has no owner.
public final class TemporaryDirectory: Sendable {
    /// Where it is; no `/` at its end.
    public let path: String
    private let lock: Int32
    private let isKept = Atomic<Bool>(false)

    /// The directories of this process.
    private static let paths = Mutex<Set<String>>([])
    private static let lockName = ".lock"

    /// Makes a directory and removes those beside it that nobody owns.
    ///
    /// - Parameters:
    ///   - prefix: what its name begins with.
    ///   - directory: where it is made; below `TMPDIR`, or `/tmp`, unless told.
    /// - Throws: ``FileError`` when it cannot be made.
    public init(prefix: String, in directory: String? = nil) throws(FileError) {
        let base = processEnvironment()["TMPDIR"] ?? ""
        let parent = directory ?? (base.isEmpty ? "/tmp" : base)
        Self.removeAbandoned(in: parent, prefix: prefix)
        var template = Array("\(parent)/\(prefix)XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw FileError("make a directory in", parent, errno)
        }
        path = string(template)
        let lockPath = "\(path)/\(Self.lockName)"
        lock = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        // From here on `deinit` removes it, when this throws as well.
        guard lock >= 0, flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw FileError("write", lockPath, errno)
        }
        let made = path
        Self.paths.withLock { _ = $0.insert(made) }
    }

    deinit {
        let path = path
        Self.paths.withLock { _ = $0.remove(path) }
        if !isKept.load(ordering: .relaxed) { Self.remove(path) }
        if lock >= 0 { close(lock) }
    }

    /// Leaves the directory to the user: it is never removed.
    public func keep() {
        let path = path
        isKept.store(true, ordering: .relaxed)
        Self.paths.withLock { _ = $0.remove(path) }
        unlink("\(path)/\(Self.lockName)")
    }

    /// Removes the directories of this process, which is about to end.
    public static func removeAll() {
        let paths = paths.withLock { paths in
            defer { paths = [] }
            return paths
        }
        for path in paths { remove(path) }
    }

    /// Lets each of the signals that ask for an end remove the directories and end the process,
    /// until a ``ServiceGroup`` takes the signals over.
    public static func removeAtSignals() {
        ProcessSignals.watch(ServiceGroup.terminationSignals) { number in
            removeAll()
            _exit(128 + number)
        }
    }

    // MARK: Private

    private static func removeAbandoned(in parent: String, prefix: String) {
        for name in names(in: parent) where name.hasPrefix(prefix) {
            let path = "\(parent)/\(name)"
            var status = stat()
            guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR,
                status.st_uid == geteuid()
            else { continue }
            let lock = open("\(path)/\(lockName)", O_RDWR | O_CLOEXEC | O_NOFOLLOW)
            guard lock >= 0 else { continue }
            if flock(lock, LOCK_EX | LOCK_NB) == 0 { remove(path) }
            close(lock)
        }
    }

    private static func remove(_ path: String) {
        for name in names(in: path) {
            let entry = "\(path)/\(name)"
            if unlink(entry) != 0 { remove(entry) }
        }
        rmdir(path)
    }

    private static func names(in path: String) -> [String] {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        guard let stream = fdopendir(descriptor) else {
            close(descriptor)
            return []
        }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { field in
                String(decoding: field.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
