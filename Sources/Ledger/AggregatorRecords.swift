public import GridProtocol

/// A partition that the aggregator reads.
public struct SourcePartition: Hashable, Sendable {
    /// The topic, prefix included.
    public var topic: String
    /// The partition, from 0.
    public var partition: Int32

    /// Makes a partition.
    public init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

/// A record as it was read.
public struct SourceRecord: Hashable, Sendable {
    /// Where it was read.
    public var source: SourcePartition
    /// Its place in the partition.
    public var offset: Int64
    /// When it entered the topic, microseconds since 1970 UTC, as Kafka says it, so that reading it
    /// again gives the same; negative if unknown.
    public var timestamp: Int64
    /// The value; nil is a tombstone.
    public var value: [UInt8]?
    /// What the record's header says it is, `valgrid.v1.Batch`; nil when it does not say.
    public var schema: String?

    /// Makes a record.
    public init(
        source: SourcePartition,
        offset: Int64,
        timestamp: Int64,
        value: [UInt8]?,
        schema: String? = nil
    ) {
        self.source = source
        self.offset = offset
        self.timestamp = timestamp
        self.value = value
        self.schema = schema
    }
}

/// A record that the ledger refused.
public struct RefusedRecord: Hashable, Sendable {
    /// The record.
    public var record: SourceRecord
    /// Why, for programs: `undecodable`, `inconsistent`, `unknown_batch`, `unknown_topic`.
    public var cause: String
    /// Why, for people.
    public var message: String
    /// The job's id, where the record says; empty else.
    public var jobID: String
    /// The batch's index, where the record says; 0 else.
    public var batchIndex: UInt32

    /// Whether it is a record of batches that engines cannot read either, and that an engine has
    /// put into the dead letters.
    func isBuriedByEngines(_ topics: Topics) -> Bool {
        guard [topics.batches, topics.intradayBatches].contains(record.source.topic) else {
            return false
        }
        if let schema = record.schema, schema != Batch.schemaName { return true }
        return (try? BatchEnvelope.decode(record.value ?? [])) == nil
    }

    /// Returns the record's dead letter.
    ///
    /// `at`: microseconds since 1970 UTC.
    public func deadLetter(at: Int64) -> DeadLetter {
        DeadLetter(
            topic: record.source.topic,
            partition: record.source.partition,
            offset: record.offset,
            cause: cause,
            message: message,
            jobID: jobID,
            batchIndex: batchIndex,
            attempt: 1,
            at: at,
            bytes: record.value ?? []
        )
    }
}

/// The outcome of the records of one transaction.
public struct AppliedRecords: Sendable {
    /// Records of jobs that were taken.
    public var jobs = 0
    /// Batches that were joined.
    public var batches = 0
    /// Results that were joined.
    public var results = 0
    /// Trades of those results.
    public var trades = 0
    /// Batches and results that were there already or came late.
    public var ignored = 0
    /// Records below the offset that the ledger had reached, and tombstones.
    public var skipped = 0
    /// Records that were refused, for the dead-letter topic.
    public var refused: [RefusedRecord] = []
    /// Jobs that became complete, by id.
    public var completed: [JobID] = []
}
