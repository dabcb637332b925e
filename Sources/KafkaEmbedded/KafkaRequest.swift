/// A kind of request, as Kafka's protocol numbers them.
public struct KafkaRequest: RawRepresentable, Hashable, Sendable {
    /// The number.
    public let rawValue: Int16

    /// Makes a kind of request from its number.
    public init(rawValue: Int16) {
        self.rawValue = rawValue
    }

    /// Writing records.
    public static let produce = KafkaRequest(rawValue: 0)
    /// Reading records.
    public static let fetch = KafkaRequest(rawValue: 1)
    /// Asking for the first and last offsets.
    public static let listOffsets = KafkaRequest(rawValue: 2)
    /// Asking for topics and leaders.
    public static let metadata = KafkaRequest(rawValue: 3)
    /// Storing a group's offsets.
    public static let offsetCommit = KafkaRequest(rawValue: 8)
    /// Asking for a group's offsets.
    public static let offsetFetch = KafkaRequest(rawValue: 9)
    /// Joining a group.
    public static let joinGroup = KafkaRequest(rawValue: 11)
    /// A member's heartbeat to its group.
    public static let heartbeat = KafkaRequest(rawValue: 12)
}
