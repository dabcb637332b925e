public import Finance

/// Returns SHA-256 over trade ids in portfolio order, each followed by a line feed: with the count,
/// what proves that a report has all trades of its job.
public func tradeIDsHash(_ ids: some Sequence<TradeID>) -> [UInt8] {
    let hash = SHA256()
    for id in ids {
        hash.update(id.rawValue)
        hash.update("\n")
    }
    return hash.digest()
}

/// SHA-256 over the payloads and trade headers of a job's batches, by which a second submission
/// of a job id with other trades is told from a repeated one.
///
/// A batch adds its payload, each of its names and each of its headers, every one of them after
/// its length in eight bytes, big-endian. Times do not count.
public struct ContentHash {
    private let hash = SHA256()

    /// Begins with no batch.
    public init() {}

    /// Adds the next batch; order matters.
    public func add(_ batch: Batch) {
        add(batch.payload)
        add(UInt64(batch.names.count))
        for name in batch.names { add(Array(name.utf8)) }
        add(UInt64(batch.headers.count))
        for header in batch.headers { add(header.encoded()) }
    }

    /// Returns the 32 bytes of the batches added so far.
    public func digest() -> [UInt8] {
        hash.digest()
    }

    private func add(_ bytes: [UInt8]) {
        add(UInt64(bytes.count))
        hash.update(bytes)
    }

    private func add(_ number: UInt64) {
        hash.update((0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) })
    }
}
