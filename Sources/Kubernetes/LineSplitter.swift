/// Cuts a stream of bytes into its lines.
struct LineSplitter {
    private let limit: Int
    private var rest: [UInt8] = []
    /// Whether a line was longer than the limit; it was dropped.
    private(set) var hasOverflowed = false
    private var isSkipping = false

    /// A splitter of lines of at most `limit` bytes.
    init(limit: Int) {
        self.limit = limit
    }

    /// Takes a part of the stream.
    ///
    /// - Returns: the lines that are whole now, without their ends; no empty ones.
    mutating func add(_ bytes: [UInt8]) -> [[UInt8]] {
        var lines: [[UInt8]] = []
        var start = bytes.startIndex
        while let end = bytes[start...].firstIndex(of: 0x0A) {
            take(bytes[start..<end])
            if !isSkipping, !rest.isEmpty { lines.append(rest) }
            rest = []
            isSkipping = false
            start = end + 1
        }
        take(bytes[start...])
        return lines
    }

    private mutating func take(_ part: ArraySlice<UInt8>) {
        guard !isSkipping else { return }
        guard rest.count + part.count <= limit else {
            rest = []
            isSkipping = true
            hasOverflowed = true
            return
        }
        rest += part
    }
}
