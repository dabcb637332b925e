internal import Finance
internal import GridProtocol
internal import Pricing

/// The newest snapshots, each with its curves once they are built.
struct SessionCache {
    private struct Entry {
        var id: String
        var bytes: [UInt8]
        var session: PricingSession?
    }

    private let capacity: Int
    private var entries: [Entry] = []

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Adds a snapshot; removes the oldest when there are too many.
    mutating func put(_ upload: PricerSnapshot) {
        entries.removeAll { $0.id == upload.snapshotID }
        entries.append(Entry(id: upload.snapshotID, bytes: upload.snapshot, session: nil))
        if entries.count > capacity { entries.removeFirst() }
    }

    /// Returns the session of a snapshot, made at its first use.
    mutating func session(of id: String) throws -> PricingSession {
        guard let position = entries.firstIndex(where: { $0.id == id }) else {
            throw PricingError(
                code: .missingSnapshot,
                field: "",
                message: "the pricer does not have \(id)"
            )
        }
        if let session = entries[position].session { return session }
        let snapshot = try MarketSnapshotRecord.decode(entries[position].bytes).marketSnapshot()
        let session = try PricingSession(snapshot: snapshot)
        entries[position].session = session
        entries[position].bytes = []
        return session
    }
}
