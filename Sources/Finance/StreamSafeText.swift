/// Finds where UTF-8 text stops being stream-safe.
///
/// Comparing or hashing a text puts each run of its marks in order first, at a cost that grows with
/// the square of the run: 40 kB of marks take a second for every comparison. Text from outside is
/// therefore refused before it is compared with anything.
///
/// - Parameter bytes: valid UTF-8.
/// - Returns: the offset of the first of over 30 combining marks in a row; nil for text that is
///   safe, which includes all ordinary text.
/// - SeeAlso: Unicode Standard Annex #15, section 13, Stream-Safe Text Format.
public func firstUnsafeRun(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    var position = 0
    var runStart = 0
    var run = 0
    while position < bytes.count {
        let lead = bytes[position]
        // No mark is below U+0300.
        guard lead >= 0xCC else {
            run = 0
            position += lead < 0x80 ? 1 : 2
            continue
        }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        let next = min(bytes.count, position + length)
        var value = UInt32(lead) & (0x7F >> UInt32(length))
        for byte in bytes[position + 1..<next] { value = value << 6 | UInt32(byte & 0x3F) }
        let isMark = Unicode.Scalar(value)?.properties.canonicalCombiningClass != .notReordered
        if run == 0 { runStart = position }
        run = isMark ? run + 1 : 0
        if run > 30 { return runStart }
        position = next
    }
    return nil
}

extension String {
    /// Whether no more than 30 combining marks follow each other.
    public var isStreamSafe: Bool {
        var text = self
        return text.withUTF8 { firstUnsafeRun(in: $0) } == nil
    }
}
