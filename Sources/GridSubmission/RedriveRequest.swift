public import GridProtocol

/// Failed trades of one job that are priced again, on the same snapshot and for the same metrics.
public struct RedriveRequest: Hashable, Sendable {
    /// The job in which the trades failed.
    public let sourceJobID: JobID
    /// The id of the snapshot that they are priced on.
    public let snapshotID: SnapshotID
    /// What is computed, by name.
    public let metrics: [String]
    /// Batches without job, index and times, which a ``RedrivenJob`` sets.
    let batches: [Batch]

    /// The ids of the trades, in portfolio order.
    public var tradeIDs: [String] { batches.flatMap { $0.headers.map(\.tradeID) } }

    /// The default id of the new job: `JOB-redrive-` and eight digits that depend on the
    /// trades, so that the same letters give the same job each time.
    ///
    /// Trades that fail in a re-driven job give a sibling, not a longer name; long names are
    /// truncated.
    public var defaultJobID: JobID {
        let hash = SHA256()
        hash.update(sourceJobID.rawValue)
        hash.update("\n")
        hash.update(contentHash)
        let digits = hash.digest().hexadecimal.prefix(Self.digitCount)
        let mark = Self.mark
        var base = Substring(sourceJobID.rawValue)
        let tail = base.suffix(mark.count + Self.digitCount)
        if tail.hasPrefix(mark), tail.dropFirst(mark.count).allSatisfy(\.isHexDigit),
            tail.count < base.count
        {
            base = base.dropLast(tail.count)
        }
        let id = base.prefix(JobID.mostCharacters - mark.count - Self.digitCount) + mark + digits
        // A prefix of an id with letters, digits and hyphens added is a valid id.
        return JobID(rawValue: String(id)) ?? sourceJobID
    }

    /// The hash of all that results depend on.
    var contentHash: [UInt8] {
        let hash = ContentHash()
        for batch in batches { hash.add(batch) }
        return SHA256.digest(of: Array(snapshotID.rawValue.utf8) + hash.digest())
    }

    private static let mark = "-redrive-"
    private static let digitCount = 8
}
