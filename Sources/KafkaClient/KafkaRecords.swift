/// A named value that travels with a record.
public struct KafkaHeader: Hashable, Sendable {
    /// The header's name; a record may have several of one name.
    public var name: String
    /// The header's bytes.
    public var value: [UInt8]

    /// Makes a header.
    public init(name: String, value: [UInt8]) {
        self.name = name
        self.value = value
    }
}

/// A record as it was read.
public struct ConsumedRecord: Hashable, Sendable {
    /// The topic it was read from.
    public var topic: String
    /// The partition it was read from.
    public var partition: Int32
    /// Its place in the partition.
    public var offset: Int64
    /// The assignment under which a group member read it; 0 for a reader without group.
    public var generation: Int
    /// When it was created or appended, in milliseconds since 1970; -1 if unknown.
    public var timestampMillis: Int64
    /// The key, if it has one.
    public var key: [UInt8]?
    /// The value; `nil` is a tombstone.
    public var value: [UInt8]?
    /// The headers, in the order they were written.
    public var headers: [KafkaHeader]

    /// Makes a record.
    public init(
        topic: String,
        partition: Int32,
        offset: Int64,
        generation: Int = 0,
        timestampMillis: Int64 = -1,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [KafkaHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.generation = generation
        self.timestampMillis = timestampMillis
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// Returns the bytes of the last header of that name.
    public func header(_ name: String) -> [UInt8]? {
        headers.last { $0.name == name }?.value
    }

    /// The partition it was read from.
    public var topicPartition: TopicPartition {
        TopicPartition(topic: topic, partition: partition)
    }

    /// The bytes that key, value and headers take.
    var byteCount: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.value.count }
    }
}

/// A record to be written.
public struct ProducedRecord: Hashable, Sendable {
    /// The topic to write to.
    public var topic: String
    /// The partition to write to; without it the key's hash decides, as in Kafka's Java client.
    public var partition: Int32?
    /// The key, if it has one.
    public var key: [UInt8]?
    /// The value; `nil` writes a tombstone.
    public var value: [UInt8]?
    /// The headers, in the order they are to be written.
    public var headers: [KafkaHeader]

    /// Makes a record to be written.
    public init(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [KafkaHeader] = []
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
    }

    /// The bytes that key, value and headers take.
    var byteCount: Int {
        headers.reduce((key?.count ?? 0) + (value?.count ?? 0)) { $0 + $1.value.count }
    }
}

/// Where a record was written.
public struct Delivery: Hashable, Sendable {
    /// The partition it went to.
    public var partition: Int32
    /// Its place in the partition; -1 if the broker did not say.
    public var offset: Int64

    /// Makes a delivery.
    public init(partition: Int32, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
