internal import GridProtocol

extension LedgerStore {
    /// How many losses are kept.
    static let lossesKept = 200

    /// Stores that records were removed before they were read.
    func put(_ loss: RecordLoss) throws(AggregationError) {
        try statements.putLoss.run(
            .text(loss.source.topic),
            .integer(Int64(loss.source.partition)),
            .integer(loss.offsets.lowerBound),
            .integer(loss.offsets.upperBound),
            .integer(loss.noticedAt)
        )
        try statements.removeOldLosses.run(.integer(Int64(Self.lossesKept)))
    }

    /// The records that were removed before they were read, in the order of their detection.
    func losses() throws(AggregationError) -> [RecordLoss] {
        var losses: [RecordLoss] = []
        try statements.losses.query([]) { (row) throws(AggregationError) in
            let (first, next) = (row.integer(2), row.integer(3))
            guard first <= next else { throw AggregationError.corrupt("a range of lost records") }
            losses.append(
                RecordLoss(
                    source: SourcePartition(
                        topic: row.text(0),
                        partition: Int32(clamping: row.integer(1))
                    ),
                    offsets: first..<next,
                    noticedAt: row.integer(4)
                )
            )
        }
        return losses
    }

    /// The ids of the snapshots that were read.
    func snapshots() throws(AggregationError) -> SortedMap<String, Void> {
        var snapshots = SortedMap<String, Void>()
        try statements.snapshots.query([]) { (row) throws(AggregationError) in
            snapshots.set(row.text(0), to: ())
        }
        return snapshots
    }
}
