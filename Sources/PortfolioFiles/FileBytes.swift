internal import Glibc
internal import Synchronization

/// The bytes of a file: in memory, or mapped; pages of a mapped file are released after reading.
///
/// If a mapped file is truncated while it is read, the program ends with a line that says so.
struct FileBytes: RandomAccessCollection {
    /// Owns the memory; frees it with the last value that refers to it.
    ///
    /// Thread-safe: the memory is never written, and `base` and `count` are set once.
    private final class Storage: @unchecked Sendable {
        let base: UnsafePointer<UInt8>
        let count: Int
        let isMapped: Bool

        init(copying bytes: [UInt8]) {
            let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Swift.max(1, bytes.count))
            memory.initialize(from: bytes, count: bytes.count)
            base = UnsafePointer(memory)
            count = bytes.count
            isMapped = false
        }

        /// Maps an open file of a size above 0; nil where the system cannot.
        init?(mapping descriptor: Int32, count: Int) {
            guard count > 0,
                let address = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0),
                address != MAP_FAILED
            else { return nil }
            MappedFault.report()
            madvise(address, count, MADV_SEQUENTIAL)
            base = UnsafePointer(address.assumingMemoryBound(to: UInt8.self))
            self.count = count
            isMapped = true
        }

        deinit {
            if isMapped {
                munmap(UnsafeMutableRawPointer(mutating: base), count)
            } else {
                base.deallocate()
            }
        }
    }

    /// The size of released ranges.
    static let pieceSize = 1 << 20

    private let storage: Storage
    private let base: UnsafePointer<UInt8>
    let startIndex = 0
    let endIndex: Int

    init(_ bytes: [UInt8]) {
        self.init(Storage(copying: bytes))
    }

    /// Maps an open file; nil where the system cannot, as for pipes.
    init?(mapping descriptor: Int32, count: Int) {
        guard let storage = Storage(mapping: descriptor, count: count) else { return nil }
        self.init(storage)
    }

    private init(_ storage: Storage) {
        self.storage = storage
        base = storage.base
        endIndex = storage.count
    }

    /// The storage lives as long as the value whose byte is asked for.
    @inline(__always)
    subscript(position: Int) -> UInt8 {
        precondition(UInt(bitPattern: position) < UInt(bitPattern: endIndex))
        return base[position]
    }

    func withContiguousStorageIfAvailable<Value>(
        _ body: (UnsafeBufferPointer<UInt8>) throws -> Value
    ) rethrows -> Value? {
        try withExtendedLifetime(storage) {
            try body(UnsafeBufferPointer(start: base, count: endIndex))
        }
    }

    /// Calls `body` with the bytes of a range.
    func withBytes<Value>(
        _ range: Range<Int>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Value
    ) -> Value {
        precondition(range.lowerBound >= 0 && range.upperBound <= endIndex)
        return withExtendedLifetime(storage) {
            body(UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
        }
    }

    /// Releases a mapped file's pages within `range`; they are read again when they are needed.
    func letGo(_ range: Range<Int>) {
        guard storage.isMapped else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        let first = (range.lowerBound + page - 1) / page * page
        let end = range.upperBound / page * page
        guard first < end else { return }
        madvise(UnsafeMutableRawPointer(mutating: base + first), end - first, MADV_DONTNEED)
    }
}

/// Releases a file in steps as a reader advances.
struct ReadingProgress {
    private var released = 0

    /// Notes that all before `position` was read.
    mutating func reached(_ position: Int, in bytes: FileBytes) {
        guard position - released >= FileBytes.pieceSize else { return }
        bytes.letGo(released..<position)
        released = position
    }
}

/// Handles a mapped file that is no longer there: the system sends a signal for which there is
/// no return.
private enum MappedFault {
    private static let isSet = Atomic<Bool>(false)

    static func report() {
        guard !isSet.exchange(true, ordering: .relaxed) else { return }
        signal(SIGBUS) { _ in
            let words: StaticString = "a file changed while it was read; nothing was queued\n"
            _ = write(2, words.utf8Start, words.utf8CodeUnitCount)
            _exit(2)
        }
    }
}
