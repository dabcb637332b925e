internal import GridAPI

/// Checks that records of the audit follow each other.
///
/// Each record has the SHA-256 of the one before it of the same writer. A record that was changed or
/// removed, or put between two, shows at the next one of its writer; what is removed at a writer's end
/// does not.
struct AuditChain: Sendable {
    /// Whether the topic's first records are gone, so that chains may begin in their middle.
    let isCut: Bool
    /// The hash of each writer's newest record.
    private(set) var newest: [String: String] = [:]
    /// How many records were seen.
    private(set) var count = 0

    /// Adds the topic's next record, and says what is wrong with it; nil when it follows.
    mutating func add(_ bytes: [UInt8]) -> String? {
        count += 1
        guard let entry = try? APIJSON.decoded(AuditEntry.self, from: bytes) else {
            return "it is no record of the audit"
        }
        let before = newest.updateValue(Self.hash(bytes), forKey: entry.writer)
        switch before {
        case entry.hash?: return nil
        case nil where isCut || entry.hash.isEmpty: return nil
        case nil: return "the records before it of writer \(entry.writer) are missing"
        case _?:
            return "it does not follow the record before it of writer \(entry.writer): one of the "
                + "two was changed, or what was between them removed"
        }
    }

    static func hash(_ bytes: [UInt8]) -> String {
        let hash = Secrets.Hash()
        hash.update(bytes[...])
        return hash.text
    }
}
