internal import Finance

/// The ids of a portfolio, each with the line of the trade that has it, in 16 bytes and the room that
/// a table needs beside: 24 to 48 bytes a trade whatever the length of its id.
///
/// Ids are told apart by 96 bits of hashes seeded anew in every process: that two of a million
/// different ids are taken for one happens once in 10^17 runs.
struct TradeIDs {
    private struct Entry {
        var first: UInt64 = 0
        var second: UInt32 = 0
        /// From 1; 0 where the place is free.
        var line: UInt32 = 0
    }

    private var entries = [Entry](repeating: Entry(), count: 64)
    private var count = 0

    /// Takes an id, or returns the line of the trade that has it.
    mutating func claim(_ id: TradeID, line: Int) -> Int? {
        if count * 4 >= entries.count * 3 { grow() }
        var entry = Self.entry(id)
        entry.line = UInt32(clamping: max(1, line))
        let place = place(of: entry)
        guard entries[place].line == 0 else { return Int(entries[place].line) }
        entries[place] = entry
        count += 1
        return nil
    }

    // MARK: Private

    private static func entry(_ id: TradeID) -> Entry {
        var hasher = Hasher()
        hasher.combine(id)
        let first = hasher.finalize()
        hasher = Hasher()
        hasher.combine(1 as UInt8)
        hasher.combine(id)
        return Entry(
            first: UInt64(bitPattern: Int64(first)),
            second: UInt32(truncatingIfNeeded: hasher.finalize())
        )
    }

    /// The place of an id, or the free one where it belongs.
    private func place(of entry: Entry) -> Int {
        let mask = entries.count - 1
        var place = Int(truncatingIfNeeded: entry.first) & mask
        while entries[place].line != 0 {
            let other = entries[place]
            if other.first == entry.first, other.second == entry.second { return place }
            place = (place + 1) & mask
        }
        return place
    }

    private mutating func grow() {
        let old = entries
        entries = [Entry](repeating: Entry(), count: old.count * 2)
        for entry in old where entry.line != 0 { entries[place(of: entry)] = entry }
    }
}
