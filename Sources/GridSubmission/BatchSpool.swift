internal import Glibc
internal import GridProtocol

/// The bytes of a job's batches between planning and publishing: some in memory, the rest in a
/// temporary file without a name, which the system removes with the process.
///
/// Thread-safe: only a ``JobBuilder``, which owns it alone, adds; then it is only read.
final class BatchSpool: @unchecked Sendable {
    private enum Place {
        case memory([UInt8])
        case file(offset: Int, count: Int)
    }

    private let memoryLimit: Int
    private var places: [Place] = []
    private var inMemory = 0
    private var descriptor: Int32 = -1
    private var end = 0
    private var isFileRefused = false

    /// Makes an empty spool.
    ///
    /// - Parameter memoryLimit: the bytes above which batches go to the file.
    init(memoryLimit: Int = 16 << 20) {
        self.memoryLimit = memoryLimit
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    var count: Int { places.count }

    /// Adds a batch; it stays in memory if no file can be made or the disk is full.
    func append(_ bytes: [UInt8]) {
        if inMemory + bytes.count > memoryLimit, write(bytes) {
            places.append(.file(offset: end, count: bytes.count))
            end += bytes.count
        } else {
            places.append(.memory(bytes))
            inMemory += bytes.count
        }
    }

    /// Returns a batch.
    ///
    /// - Throws: ``SubmissionError`` when the file cannot be read.
    func bytes(_ position: Int) throws(SubmissionError) -> [UInt8] {
        switch places[position] {
        case .memory(let bytes): return bytes
        case .file(let offset, let count):
            var bytes = [UInt8](repeating: 0, count: count)
            var done = 0
            while done < count {
                let read = bytes.withUnsafeMutableBytes { buffer in
                    pread(
                        descriptor,
                        buffer.baseAddress?.advanced(by: done),
                        count - done,
                        off_t(offset + done)
                    )
                }
                if read < 0, errno == EINTR { continue }
                guard read > 0 else {
                    throw SubmissionError(
                        code: .invalid,
                        reason: "the temporary file of the job's batches cannot be read: "
                            + String(cString: strerror(errno))
                    )
                }
                done += read
            }
            return bytes
        }
    }

    // MARK: Private

    private func write(_ bytes: [UInt8]) -> Bool {
        guard !isFileRefused else { return false }
        if descriptor < 0 { descriptor = Self.makeFile() }
        var done = 0
        while descriptor >= 0, done < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                pwrite(
                    descriptor,
                    buffer.baseAddress?.advanced(by: done),
                    bytes.count - done,
                    off_t(end + done)
                )
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            done += count
        }
        isFileRefused = descriptor < 0 || done < bytes.count
        return !isFileRefused
    }

    private static func makeFile() -> Int32 {
        let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        var path = Array("\(directory)/valgrid-job-XXXXXX".utf8CString)
        let descriptor = mkstemp(&path)
        guard descriptor >= 0 else { return -1 }
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        unlink(path)
        return descriptor
    }
}
