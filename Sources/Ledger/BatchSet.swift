/// A set of batch indexes, one bit each.
struct BatchSet: Hashable, Sendable {
    /// Indexes from here on are refused by the ledger, so that a bad record costs no memory; the
    /// store's keys hold 24 bits of index.
    static let limit: UInt32 = 1 << 24

    private var words: [UInt64] = []
    /// How many indexes are in the set.
    private(set) var count = 0

    /// Adds an index below ``limit``; false when it was there.
    mutating func insert(_ index: UInt32) -> Bool {
        let word = Int(index >> 6)
        let bit = UInt64(1) << UInt64(index & 63)
        if word >= words.count {
            words.append(contentsOf: repeatElement(0, count: word + 1 - words.count))
        }
        guard words[word] & bit == 0 else { return false }
        words[word] |= bit
        count += 1
        return true
    }

    /// Removes an index; false when it was not there.
    mutating func remove(_ index: UInt32) -> Bool {
        guard contains(index) else { return false }
        words[Int(index >> 6)] &= ~(UInt64(1) << UInt64(index & 63))
        count -= 1
        return true
    }

    /// Whether an index is in the set.
    func contains(_ index: UInt32) -> Bool {
        let word = Int(index >> 6)
        return word < words.count && words[word] & (UInt64(1) << UInt64(index & 63)) != 0
    }

    /// Returns the ranges of 0..<`end` that are not in the set, ascending, at most `most`.
    func gaps(below end: UInt32, most: Int) -> [Range<UInt32>] {
        var gaps: [Range<UInt32>] = []
        var index: UInt32 = 0
        while index < end, gaps.count < most {
            if index & 63 == 0, Int(index >> 6) < words.count, words[Int(index >> 6)] == .max {
                index += 64
                continue
            }
            guard !contains(index) else {
                index += 1
                continue
            }
            let first = index
            while index < end, !contains(index) { index += 1 }
            gaps.append(first..<index)
        }
        return gaps
    }
}
