/// A single range of a file's bytes that a request asks for.
enum ByteRange: Hashable {
    /// The file whole: no range, several, or one that is not understood.
    case whole
    /// These bytes.
    case part(Range<Int64>)
    /// The file has none of them.
    case unsatisfiable

    /// Reads a Range header, as `bytes=0-499`, `bytes=500-` or `bytes=-500`.
    init(_ header: String?, of size: Int64) {
        self = .whole
        guard let header, header.hasPrefix("bytes="), !header.contains(",") else { return }
        let parts = header.dropFirst(6).split(
            separator: "-",
            maxSplits: 1,
            omittingEmptySubsequences: false
        )
        guard parts.count == 2 else { return }
        let (first, last) = (Int64(parts[0]), Int64(parts[1]))
        guard parts[0].isEmpty || first != nil, parts[1].isEmpty || last != nil else { return }
        switch (first, last) {
        case (let first?, let last) where first >= 0:
            guard first <= last ?? .max else { return }
            self = first < size ? .part(first..<(min(size - 1, last ?? .max) + 1)) : .unsatisfiable
        case (nil, let count?) where count >= 0:
            self = count == 0 || size == 0 ? .unsatisfiable : .part(max(0, size - count)..<size)
        default: return
        }
    }
}
