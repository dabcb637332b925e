/// Keeps the newest snapshots of a topic in memory and remembers where the others are.
///
/// A pure state machine: reading the topic is ``SnapshotFetcher``'s work.
struct SnapshotCache {
    /// What is known of a snapshot.
    enum Entry: Equatable {
        case here([UInt8])
        /// It was read and dropped to stay within the limit; its offset.
        case evicted(Int64)
        /// It has not been seen.
        case unknown
    }

    private let limit: Int
    private var bytes: [String: [UInt8]] = [:]
    private var offsets: [String: Int64] = [:]
    private var order: [String] = []
    private(set) var held = 0

    /// - Parameter limit: bytes kept; at least the newest snapshot is kept, even if it is larger.
    init(limit: Int) {
        self.limit = limit
    }

    subscript(id: String) -> Entry {
        if let bytes = bytes[id] { return .here(bytes) }
        if let offset = offsets[id] { return .evicted(offset) }
        return .unknown
    }

    /// Adds a snapshot, and drops the oldest ones while there is no room.
    mutating func put(_ id: String, _ value: [UInt8], offset: Int64) {
        if let old = bytes.updateValue(value, forKey: id) {
            held -= old.count
            order.removeAll { $0 == id }
        }
        offsets[id] = offset
        held += value.count
        order.append(id)
        while held > limit, order.count > 1 {
            let oldest = order.removeFirst()
            held -= bytes.removeValue(forKey: oldest)?.count ?? 0
        }
    }

    /// Removes a snapshot that the topic no longer has.
    mutating func remove(_ id: String) {
        held -= bytes.removeValue(forKey: id)?.count ?? 0
        offsets[id] = nil
        order.removeAll { $0 == id }
    }
}
