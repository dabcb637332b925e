internal import Glibc

/// Locks a file against a second writer for as long as this object lives.
final class FileLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock.
    ///
    /// - Throws: ``AggregationError/Code/busy`` when another process, or another ledger of this
    ///   one, has it.
    init(path: String) throws(AggregationError) {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            throw AggregationError(
                code: .unavailable,
                reason: "\(path) cannot be opened: \(String(cString: strerror(errno)))"
            )
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw AggregationError(
                code: .busy,
                reason: "another aggregator uses the ledger (\(path) is locked)"
            )
        }
        descriptor = opened
    }

    deinit {
        close(descriptor)
    }
}
