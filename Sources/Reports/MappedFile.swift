internal import Glibc
internal import Ledger

/// A file that is read where it lies, unchanged for as long as it is open.
final class MappedFile: Sendable {
    let count: Int
    private let address: UInt

    /// Opens a file that is not empty.
    init(path: String) throws(AggregationError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_size > 0 else { throw Self.failure(path) }
        count = status.st_size
        guard let start = mmap(nil, count, PROT_READ, MAP_SHARED, descriptor, 0),
            start != MAP_FAILED
        else { throw Self.failure(path) }
        address = UInt(bitPattern: start)
    }

    deinit {
        munmap(UnsafeMutableRawPointer(bitPattern: address), count)
    }

    /// The file's bytes, which are there for as long as this object is kept.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    /// A copy of the whole.
    func contents() -> [UInt8] { withExtendedLifetime(self) { Array(bytes) } }

    private static func failure(_ path: String) -> AggregationError {
        AggregationError(
            code: .reportNotWritten,
            reason: "\(path) cannot be read: \(String(cString: strerror(errno)))"
        )
    }
}
